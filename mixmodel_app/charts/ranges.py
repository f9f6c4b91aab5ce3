"""The columns of a table that hold ranges: those of 50 %, and those of the level of the results beside them."""

from collections.abc import Iterator

from mixmodel_app.charts.base import Column
from mixmodel_app.domain.estimates import Band, Estimate
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.uncertainty import level_text

INNER = 0.5


def range_columns(level: float, style: Format) -> tuple[Column, ...]:
    """ "50 % from", "50 % to", "94 % from", "94 % to"; at a level of 50 % only the first two."""
    levels = (INNER,) if level == INNER else (INNER, level)
    return tuple(Column(f"{level_text(each)} {end}", style) for each in levels for end in ("from", "to"))


def ends(estimate: Estimate) -> tuple[float, ...]:
    """The cells of an estimate in these columns."""
    inner = (estimate.lo50, estimate.hi50)
    return inner if estimate.level == INNER else (*inner, estimate.lo, estimate.hi)


def no_ends(level: float) -> tuple[None, ...]:
    """The cells of what is not estimated."""
    return (None,) * len(range_columns(level, Format.NUMBER))


def rows_of(band: Band) -> Iterator[tuple[float, ...]]:
    """Median and ends at each point of a series, in the order of these columns."""
    inner = (band.median, band.lo50, band.hi50)
    series = inner if band.level == INNER else (*inner, band.lo, band.hi)
    return zip(*series, strict=True)
