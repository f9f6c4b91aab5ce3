"""Whether there is enough data for the model that it would get."""

from collections.abc import Iterator

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks._base import LEAST_PERIODS, CheckInput, Evidence, check, plural, years

# By columns, as rules of thumb in the field count: by parameters, three a channel, hardly a table of weeks would pass.
ROWS_PER_EFFECT, FEW_ROWS_PER_EFFECT = 10, 4
SHORT_YEARS, GOOD_YEARS = 1, 2
_PER_CHANNEL = 3  # carryover, saturation, height
_ALWAYS = 7  # level, trend, noise and two pairs of the yearly season


def parameter_count(n_channels: int, n_controls: int) -> int:
    """Free parameters of the default model (geometric carryover, logistic saturation, trend, two Fourier pairs)."""
    return _PER_CHANNEL * n_channels + n_controls + _ALWAYS


@check("MM207", severity=Severity.WARNING, title="Little data for so many columns")
def rows_per_parameter(data: CheckInput) -> Iterator[Evidence]:
    """Finds fewer than ten rows for each effect to be learned, one for each channel and each control.

    Why it matters: with few rows for each thing to be learned, ranges get wide and what the model assumes decides.
    How to fix: group channels, drop controls that do not matter, or upload a longer history.
    """
    channels = sum(column in data.numbers for column in data.mapping.media_columns)
    effects, rows = channels + len(data.controls), data.table.n_rows
    if channels and rows < ROWS_PER_EFFECT * effects:
        made_of = plural(channels, "channel") + (
            f" and {plural(len(data.controls), 'control')}" if data.controls else ""
        )
        yield Evidence(
            f"{plural(rows, 'row')} for {made_of}: about {rows / effects:.0f} for each, "
            f"and {ROWS_PER_EFFECT} or more are good.",
            hint="Group similar channels, drop controls that do not matter, or upload a longer history.",
            effect=_effect_of_few_rows(rows / effects),
        )


def _effect_of_few_rows(per_effect: float) -> str:
    if per_effect >= FEW_ROWS_PER_EFFECT:
        return "Ranges get wider, and what the model assumes weighs more."
    return "Most of what the model says will come from its assumptions, not from these data."


@check("MM216", severity=Severity.WARNING, title="Short history")
def short_history(data: CheckInput) -> Iterator[Evidence]:
    """Finds histories of less than two years.

    Why it matters: a season is known when it has come back at least once. With less than two years, what the season
    did may be given to the channels that were busy at that time of year; with less than one, nothing tells them apart.
    How to fix: upload a longer history; three years are better than two.
    """
    if data.dates is None:
        return
    periods, a_year = data.dates.values.dropna().nunique(), data.frequency.periods_per_year
    if LEAST_PERIODS <= periods < GOOD_YEARS * a_year:
        very_short = periods < SHORT_YEARS * a_year
        yield Evidence(
            f"The history has {plural(periods, data.frequency.period)}, {years(periods / a_year)}; "
            f"{GOOD_YEARS} years or more are good.",
            column=data.mapping.date_column,
            hint="Upload a longer history if there is one.",
            effect="Season and channels cannot be told apart: judge no channel by this alone."
            if very_short
            else "No season has come back in full, so some of it may be given to channels.",
        )
