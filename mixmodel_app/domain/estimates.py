"""An uncertain number and an uncertain series, as results and charts hold them.

Both know the 94 % range (`lo`, `hi`), those of 50, 80 and 90 %, and which of them `lo` and `hi` are: `at` exchanges it.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Self, cast

HDI_PROB = 0.94


class Ranged:
    """What has a range of some `level`, `lo` to `hi`, and maybe others: `lo80` and `hi80` for 80 %, and so on."""

    __slots__ = ()
    level: float

    def knows(self, level: float) -> bool:
        """Whether there is a range of this level."""
        return self._ends(level)[0] is not None

    def at(self, level: float) -> Self:
        """With the range of another level, as it was made: exchanging it twice would lose the first.

        Raises:
            ValueError: it does not know this level.
        """
        lo, hi = self._ends(level)
        if lo is None or hi is None:
            raise ValueError(f"There is no range of {level:g}.")
        known: Any = self
        return replace(known, lo=lo, hi=hi, level=level)

    def _ends(self, level: float) -> tuple[Any, Any]:
        name = "" if level == self.level else f"{100 * level:.0f}"
        return getattr(self, f"lo{name}", None), getattr(self, f"hi{name}", None)


@dataclass(frozen=True, slots=True)
class Estimate(Ranged):
    """One uncertain number: median, HDI of `level` (`lo`, `hi`), further HDIs by their per cent, and mean.

    The ranges of 80 and 90 % are None in results of older versions.
    """

    median: float
    lo: float
    hi: float
    lo50: float
    hi50: float
    mean: float
    lo80: float | None = None
    hi80: float | None = None
    lo90: float | None = None
    hi90: float | None = None
    level: float = HDI_PROB


@dataclass(frozen=True, slots=True)
class Band(Ranged):
    """An uncertain series: median with ranges at each point, as in `Estimate`."""

    median: list[float]
    lo: list[float]
    hi: list[float]
    lo50: list[float]
    hi50: list[float]
    lo80: list[float] | None = None
    hi80: list[float] | None = None
    lo90: list[float] | None = None
    hi90: list[float] | None = None
    level: float = HDI_PROB

    def sliced(self, rows: slice) -> "Band":
        """Some points of it."""
        series = {each.name: getattr(self, each.name) for each in fields(self)}
        cut: dict[str, Any] = {name: value[rows] for name, value in series.items() if isinstance(value, list)}
        return replace(self, **cut)


def know(found: object, level: float) -> bool:
    """Whether everything uncertain inside a dataclass, at any depth, has a range of this level."""
    if isinstance(found, Ranged):
        return found.knows(level)
    return all(know(inner, level) for inner in _inside(found))


def at_level[T](found: T, level: float) -> T:
    """A copy of a dataclass in which everything uncertain, at any depth, has its range of this level as `lo`, `hi`."""
    if isinstance(found, Ranged):
        return found.at(level)
    if isinstance(found, list | tuple):
        items = cast("Any", found)
        return cast("T", type(items)(at_level(item, level) for item in items)) if _holds_dataclasses(items) else found
    if not is_dataclass(found):
        return found
    known: Any = found
    inner = {each.name: getattr(known, each.name) for each in fields(known)}
    changed = {name: at_level(value, level) for name, value in inner.items()}
    return replace(known, **{name: value for name, value in changed.items() if value is not inner[name]})


def _inside(found: object) -> list[Any]:
    """What a dataclass or a list of dataclasses holds; nothing for anything else."""
    if isinstance(found, list | tuple):
        items = cast("Any", found)
        return list(items) if _holds_dataclasses(items) else []
    if not is_dataclass(found):
        return []
    return [getattr(found, each.name) for each in fields(found)]


def _holds_dataclasses(items: Any) -> bool:
    """Lists of numbers are long: one look tells that there is nothing in them."""
    return len(items) > 0 and is_dataclass(items[0])
