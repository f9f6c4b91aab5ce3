"""From ranges to bars: one scale for all rows, places in per cent, texts from `wording`."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mixmodel_app.charts import theme
from mixmodel_app.charts.axes import return_ticks, round_step
from mixmodel_app.components.range_bars import RangeBars, RangeRow, Tick
from mixmodel_app.domain.estimates import HDI_PROB
from mixmodel_app.wording import numbers
from mixmodel_app.wording.uncertainty import BREAK_EVEN, range_name

_ROOM = 1.15
_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Range:
    """One channel's range, wherever it comes from."""

    channel: str
    median: float
    lo: float
    hi: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Both ends of the axis. It begins at 0, and below where a range does."""

    low: float = 0.0
    high: float = field(default_factory=lambda: 0.02 if numbers.look().counts else 2.0)

    def grown(self, ranges: Iterable[Range]) -> "Scale":
        """A scale that holds these ranges too, with room and round ends. It never shrinks: bars must not dance."""
        found = list(ranges)
        highest = max((each.hi for each in found), default=0.0)
        lowest = min((each.lo for each in found), default=0.0)
        high = self.high if highest <= self.high else _round_end(_ROOM * highest)
        low = self.low if lowest >= self.low else -_round_end(-_ROOM * lowest)
        return Scale(low, high)

    def place(self, value: float) -> str:
        """Where a value stands, as a CSS percentage within the scale."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return f"{100 * share:.2f}%"

    def ticks(self) -> list[Tick]:
        """About four round numbers."""
        step = round_step((self.high - self.low) / (_TICKS + 1))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [Tick(self.place(index * step), return_ticks(index * step)) for index in range(first, last + 1)]

    @property
    def break_even(self) -> str:
        """Where break-even stands; "" for a count, which has none until somebody says what one is worth."""
        return "" if numbers.look().counts else self.place(BREAK_EVEN)


def channel_colours(names: Iterable[str]) -> dict[str, str]:
    """Each channel's colour by its order. Beyond eight the spend decides who has one, which results know first."""
    ordered = list(names)
    if len(ordered) > len(theme.CHANNEL_COLOURS):
        return dict.fromkeys(ordered, theme.NEUTRAL)
    return dict(zip(ordered, theme.CHANNEL_COLOURS, strict=False))


def empty_bars(colours: Mapping[str, str]) -> RangeBars:
    """A row for each channel with nothing in it yet: it takes the place that the ranges will need."""
    rows = [RangeRow(name=name, colour=colour, spread=numbers.MISSING) for name, colour in colours.items()]
    return RangeBars(rows, Scale().ticks(), Scale().break_even, range_name(HDI_PROB))


def bars(ranges: Iterable[Range], colours: Mapping[str, str], scale: Scale, level: float = HDI_PROB) -> RangeBars:
    """The picture of these ranges of `level` on a scale that holds them, channels in the order given."""
    rows = [_row(each, colours.get(each.channel, theme.NEUTRAL), scale) for each in ranges]
    return RangeBars(rows, scale.ticks(), scale.break_even, range_name(level))


def _row(found: Range, colour: str, scale: Scale) -> RangeRow:
    left, right = (float(scale.place(value).rstrip("%")) for value in (found.lo, found.hi))
    return RangeRow(
        name=found.channel,
        colour=colour,
        known=True,
        left=f"{left:.2f}%",
        width=f"{right - left:.2f}%",
        middle=scale.place(found.median),
        median=numbers.roas(found.median),
        spread=numbers.value_range(found.lo, found.hi, numbers.roas),
    )


def _round_end(least: float) -> float:
    """The smallest of 1, 1.5, 2 … × 10ᵏ that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))
