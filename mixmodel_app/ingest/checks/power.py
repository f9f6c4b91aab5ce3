"""Whether there is enough data for the model that it would get."""

from collections.abc import Iterator

from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, plural

ROWS_PER_PARAMETER = 10
_PER_CHANNEL = 3  # carryover, saturation, height
_ALWAYS = 7  # level, trend, noise and two pairs of the yearly season


def parameter_count(n_channels: int, n_controls: int) -> int:
    """Free parameters of the default model (geometric carryover, logistic saturation, trend, two Fourier pairs)."""
    return _PER_CHANNEL * n_channels + n_controls + _ALWAYS


@check("MM207", severity=Severity.WARNING, title="Little data for so many columns")
def rows_per_parameter(data: CheckInput) -> Iterator[Evidence]:
    """Finds fewer than ten rows for each parameter of the model.

    Why it matters: with few rows for each thing to be learned, ranges get wide and priors decide.
    How to fix: group channels, drop controls that do not matter, or upload a longer history.
    """
    channels = sum(column in data.numbers for column in data.mapping.media_columns)
    parameters = parameter_count(channels, len(data.controls))
    rows = data.table.n_rows
    if channels and rows < ROWS_PER_PARAMETER * parameters:
        made_of = f"{plural(channels, 'channel')}, {plural(len(data.controls), 'control')}"
        yield Evidence(
            f"{rows} rows for {parameters} parameters ({made_of}) are "
            f"{rows / parameters:.1f} rows each; {ROWS_PER_PARAMETER} or more are good.",
            hint="Group similar channels, drop controls that do not matter, or upload a longer history.",
            effect="Ranges get wider and priors weigh more.",
        )
