"""Two runs side by side: what was set differently, which data they had, and how far their answers moved."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from mixmodel_app.domain.results import Estimate, HealthCheck, ModelResults


class Shift(StrEnum):
    """How far an estimate moved, measured by the ranges of both runs."""

    SAME = "same"
    WITHIN = "within"
    BEYOND = "beyond"
    NEW = "new"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in which the runs differ, as JSON; None where a run does not have it."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ChannelShift:
    """The return of one channel in both runs, None where it has none, and what became of it."""

    name: str
    before: Estimate | None
    after: Estimate | None
    shift: Shift


@dataclass(frozen=True, slots=True)
class CheckChange:
    """A health check whose status differs; None where a run does not have it."""

    title: str
    before: HealthCheck | None
    after: HealthCheck | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything in which two runs differ, `before` being the older one.

    Attributes:
        blended: how far the return on all spend moved.
        same_data: whether both were fitted to the same figures, by digest.
        r2, mape: of the fit, before and after; the error is None where it cannot be computed.
    """

    settings: tuple[Setting, ...]
    channels: tuple[ChannelShift, ...]
    blended: Shift
    checks: tuple[CheckChange, ...]
    same_data: bool
    r2: tuple[float, float]
    mape: tuple[float | None, float | None]

    def moved(self, *shifts: Shift) -> tuple[ChannelShift, ...]:
        return tuple(channel for channel in self.channels if channel.shift in shifts)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def compare(before: ModelResults, after: ModelResults, settings: tuple[Setting, ...] = ()) -> Comparison:
    """Two results by the names of their channels and checks, in the order of the newer run."""
    return Comparison(
        settings=settings,
        channels=tuple(_channel(before, after, name) for name in _union(after.channel_names, before.channel_names)),
        blended=shift_of(before.blended_roas, after.blended_roas),
        checks=tuple(_checks(before, after)),
        same_data=before.data_digest == after.data_digest,
        r2=(before.fit.r2, after.fit.r2),
        mape=(before.fit.mape, after.fit.mape),
    )


def changed_settings(before: dict[str, Any], after: dict[str, Any]) -> tuple[Setting, ...]:
    """The settings (`RunConfig` as JSON) in which two runs differ, in the order of the newer one."""
    keys = _union(list(after), list(before))
    return tuple(Setting(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key))


def shift_of(before: Estimate | None, after: Estimate | None) -> Shift:
    """SAME while each median lies within the other's 50 % range, WITHIN while within its range, else BEYOND."""
    if before is None or after is None:
        return Shift.UNKNOWN
    if _inside(before.median, after.lo50, after.hi50) and _inside(after.median, before.lo50, before.hi50):
        return Shift.SAME
    if _inside(before.median, after.lo, after.hi) and _inside(after.median, before.lo, before.hi):
        return Shift.WITHIN
    return Shift.BEYOND


def _inside(value: float, low: float, high: float) -> bool:
    return low <= value <= high


def _channel(before: ModelResults, after: ModelResults, name: str) -> ChannelShift:
    if name not in before.channel_names:
        return ChannelShift(name, None, after.channel(name).roas, Shift.NEW)
    if name not in after.channel_names:
        return ChannelShift(name, before.channel(name).roas, None, Shift.GONE)
    old, new = before.channel(name).roas, after.channel(name).roas
    return ChannelShift(name, old, new, shift_of(old, new))


def _checks(before: ModelResults, after: ModelResults) -> list[CheckChange]:
    old = {check.code: check for check in before.health}
    new = {check.code: check for check in after.health}
    changed = [code for code in _union(list(new), list(old)) if _status(old.get(code)) != _status(new.get(code))]
    titles = {code: check.title for code, check in (old | new).items()}
    return [CheckChange(titles[code], old.get(code), new.get(code)) for code in changed]


def _status(check: HealthCheck | None) -> str | None:
    return check.status.value if check else None


def _union(first: list[str], second: list[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))
