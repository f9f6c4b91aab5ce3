"""What every report of a run is made from: one frozen record, its words and rounding those of the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.base import VIEWS, Chart, ChartOptions, ChartTable, ChartView, Column, charts_for
from mixmodel_app.charts.theme import ChannelStyle, channel_styles
from mixmodel_app.domain.results import Estimate, HealthStatus, ModelResults
from mixmodel_app.wording import insights, numbers
from mixmodel_app.wording.recommendations import Recommendation
from mixmodel_app.wording.uncertainty import payback_text, range_name, return_label, worth_text
from mixmodel_app.wording.versions import data_sentences

_log = structlog.get_logger(__name__)

NOTHING_TO_TELL = "No repairs were made, and no warnings were waved through."
RULED_OUT = "No recommendation: this model's health rules it out. Read its checks."
NOTHING_TO_DO = "No recommendation: no channel has spend to decide about."
CHART_FAILED = "Its code failed on these results; the log of the server says where."
NO_DECISIONS = "Do not use this model for decisions"


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One of the three numbers on the first page: as text, and raw for spreadsheets (None: not known)."""

    label: str
    text: str
    range_text: str
    note: str
    style: numbers.Format
    value: float | None
    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel as the manager's table writes it; `learned` is "" where it is not known."""

    name: str
    spend: str
    contribution: str
    returned: str
    returned_range: str
    next_one: str
    next_range: str
    verdict: str
    learned: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything that a report says of one run, whatever the file.

    Attributes:
        made_on: the day of making.
        data_notes: the repairs of the data and the warnings that were waved through, as sentences; may be empty.
        recommendations: at most three; none where the model's health rules them out.
        charts: every chart of the results, those of the executive view first.
        for_slides: those that people present: the others are an analyst's.
        for_brief: those that have a place on two pages, where there is room.
        results: the numbers behind it all, for the files that carry raw numbers.
    """

    run_id: str
    run_name: str
    dataset_file: str
    dataset_version: int
    made_on: date
    results: ModelResults
    data_notes: tuple[str, ...]
    headline: str
    numbers: tuple[KeyNumber, ...]
    channels: tuple[ChannelLine, ...]
    recommendations: tuple[Recommendation, ...]
    charts: tuple[ChartView, ...]
    for_slides: tuple[ChartView, ...]
    for_brief: tuple[ChartView, ...]
    styles: dict[str, ChannelStyle]
    config: dict[str, Any]
    options: ChartOptions

    @property
    def verdict(self) -> HealthStatus:
        return self.results.verdict

    @staticmethod
    def charts_of(view: str) -> frozenset[str]:
        """The keys of the charts that a view shows at once."""
        return frozenset(chart.key for chart in charts_for(view) if not chart.late)

    @property
    def is_usable(self) -> bool:
        """Whether the model's health lets anybody decide by it."""
        return self.verdict is not HealthStatus.DO_NOT_USE

    @property
    def health_sentence(self) -> str:
        return insights.health_sentence(self.results)

    @property
    def period(self) -> str:
        return numbers.date_range(self.results.date_start, self.results.date_end)

    @property
    def dataset(self) -> str:
        """File and version of the data."""
        return f"{self.dataset_file}, version {self.dataset_version}"

    @property
    def interval(self) -> str:
        """The level of every range, in words."""
        return f"{self.range_name}s"

    @property
    def range_name(self) -> str:
        return range_name(self.results.level)

    @property
    def channel_header(self) -> tuple[str, ...]:
        """The table of channels, whatever the file."""
        spread = self.range_name
        return ("Channel", "Spend", "Contribution", "Return per 1", spread, "On the next 1", spread, "Pays back")

    @property
    def made(self) -> str:
        return numbers.date_text(self.made_on)

    @property
    def stamp(self) -> tuple[str, ...]:
        """What stands at the foot of every page and slide."""
        return stamp(self.run_id, self.results, self.made_on)

    @property
    def without_recommendations(self) -> str:
        """Why there are none."""
        return NOTHING_TO_DO if self.is_usable else RULED_OUT

    def facts(self) -> list[tuple[str, str]]:
        """What names this report and its data, as label and text."""
        found = self.results
        return [
            ("Run", self.run_name),
            ("Run id", self.run_id),
            ("Data", self.dataset),
            ("Data range", self.period),
            ("Periods", f"{numbers.count(found.n_periods)}, {found.frequency}"),
            ("Outcome", found.target),
            ("Ranges", f"{self.range_name} (highest-density interval of the posterior)"),
            ("Model health", self.verdict.label),
            ("Break-even", self._break_even()),
            ("Made on", self.made),
        ]

    def _break_even(self) -> str:
        needed, worth = self.options.break_even, self.options.worth
        if needed is None:
            return f"not known: nobody said what one {numbers.look().thing} is worth"
        at = worth_text(worth) or f"a margin of {numbers.percent(worth)}"
        return f"a return of {numbers.returned(needed)} per 1 spent, at {at}"

    def fit_facts(self) -> list[tuple[str, str]]:
        """What determines the run, for whoever wants to repeat or check it."""
        found = self.results
        versions = ", ".join(f"{name} {version}" for name, version in found.engine_versions.items())
        return [
            ("R²", numbers.percent(found.fit.r2)),
            ("MAPE", numbers.percent(found.fit.mape)),
            ("Divergences", numbers.count(found.divergences)),
            ("Draws", f"{found.n_chains} chains, {numbers.count(found.n_draws)} draws in all"),
            ("Engine", f"{found.engine} ({versions})"),
            ("Data digest", found.data_digest),
            *((key, str(value)) for key, value in self.config.items()),
        ]


def stamp(run_id: str, found: ModelResults, made_on: date) -> tuple[str, ...]:
    """What names a file or a picture of results: run, data range, range level, health and day of making."""
    return (
        f"Run {run_id}",
        f"data {numbers.date_range(found.date_start, found.date_end)}",
        f"{range_name(found.level)}s",
        f"health: {found.verdict.label}",
        f"made {numbers.date_text(made_on)}",
    )


def report_data(
    found: ModelResults,
    *,
    run: dict[str, Any],
    recommendations: Sequence[Recommendation],
    made_on: date,
    options: ChartOptions,
) -> ReportData:
    """Put a report together.

    Args:
        run: the run as the API gives it.
        recommendations: from `wording.recommendations`; dropped where health rules them out.
    """
    notes = run["data_notes"]
    usable = found.verdict is not HealthStatus.DO_NOT_USE
    charts = {chart: _built(chart, found, options) for view in VIEWS for chart in charts_for(view)}
    return ReportData(
        run_id=run["id"],
        run_name=run["name"],
        dataset_file=notes.get("filename", numbers.MISSING),
        dataset_version=notes.get("version", 1),
        made_on=made_on,
        results=found,
        data_notes=tuple(data_sentences(notes)),
        headline=insights.headline(found, options.break_even),
        numbers=key_numbers(found),
        channels=channel_lines(found, options.break_even),
        recommendations=tuple(recommendations) if usable else (),
        charts=tuple(charts.values()),
        for_slides=tuple(view for chart, view in charts.items() if chart.is_for_slides and view.table.rows),
        for_brief=tuple(view for chart, view in charts.items() if chart.brief and view.table.rows),
        styles=channel_styles(found),
        config=run["config"],
        options=options,
    )


def _built(chart: Chart, found: ModelResults, options: ChartOptions) -> ChartView:
    """The chart, or one that says it failed: whoever wrote it finds the reason in the log, the others their report."""
    try:
        return chart.build(found, options)
    except Exception:  # noqa: BLE001 (whatever a chart's author got wrong)
        _log.exception("chart_failed", chart=chart.key)
    return ChartView(
        key=chart.key,
        title=f"The chart “{chart.key.replace('_', ' ')}” could not be made",
        subtitle="Not known for this run",
        figure=marks.message_figure(CHART_FAILED),
        takeaway=CHART_FAILED,
        table=ChartTable(columns=(Column("Part"),), rows=()),
        height=theme.SMALL,
    )


def key_numbers(found: ModelResults) -> tuple[KeyNumber, ...]:
    """Return per 1 spent, and what media brought in, as money and as a share, each with its range.

    What media brought in is a mean, so that it adds up with the baseline. Its range follows from that of the blended
    return when every channel with an effect has a known cost; otherwise it is not known.
    """
    parts = found.decomposition.breakdown()
    blended = found.blended_roas
    lo, hi = _media_range(found)
    total = parts.total
    shares = (lo / total, hi / total) if total and lo is not None and hi is not None else (None, None)
    amount, percent, returned = numbers.Format.OUTCOME, numbers.Format.PERCENT, numbers.Format.RETURN
    share = parts.media / total if total else None

    name = range_name(found.level)
    return (
        KeyNumber(
            return_label(),
            numbers.roas(blended.median) if blended else numbers.NOT_ESTIMATED,
            numbers.value_range(blended.lo, blended.hi, numbers.roas) if blended else numbers.MISSING,
            f"median, {name}",
            returned,
            blended.median if blended else None,
            blended.lo if blended else None,
            blended.hi if blended else None,
        ),
        KeyNumber(
            "Brought in by media",
            numbers.outcome(parts.media),
            numbers.value_range(lo, hi, numbers.outcome),
            f"mean, {name}",
            amount,
            parts.media,
            lo,
            hi,
        ),
        KeyNumber(
            "Share brought in by media",
            numbers.percent(share),
            numbers.value_range(*shares, numbers.percent),
            f"mean, {name}",
            percent,
            share,
            *shares,
        ),
    )


def channel_lines(found: ModelResults, needed: float | None) -> tuple[ChannelLine, ...]:
    """Every channel, in the order of the file; `needed` is the return at which a channel pays back."""
    lines: list[ChannelLine] = []
    for channel in found.channels:
        returned, spread = return_texts(channel.roas)
        next_one, next_spread = return_texts(channel.marginal_roas)
        lines.append(
            ChannelLine(
                name=channel.name,
                spend=numbers.full_money(channel.spend),
                contribution=numbers.full_outcome(channel.contribution.median),
                returned=returned,
                returned_range=spread,
                next_one=next_one,
                next_range=next_spread,
                verdict=payback_text(channel.roas, needed),
                learned=channel.learning.learned_from.label if channel.learning else "",
                evidence=channel.learning.evidence if channel.learning else "",
            )
        )
    return tuple(lines)


def return_texts(estimate: Estimate | None) -> tuple[str, str]:
    """A return and its range as texts."""
    if estimate is None:
        return numbers.NOT_ESTIMATED, numbers.MISSING

    return numbers.roas(estimate.median), numbers.value_range(estimate.lo, estimate.hi, numbers.roas)


def _media_range(found: ModelResults) -> tuple[float | None, float | None]:
    """The range of what media brought in: spend × blended return, when that holds all of it."""
    without_cost = any(channel.roas is None and channel.contribution.mean for channel in found.channels)
    if found.blended_roas is None or without_cost:
        return None, None
    return found.blended_roas.lo * found.total_spend, found.blended_roas.hi * found.total_spend
