"""What can be seen of a fit while it runs."""

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class ChainState:
    """One chain of the sampler: steps done of those planned (tuning included), divergences and step size."""

    finished: int
    planned: int
    tuning: bool
    divergences: int
    step_size: float


@dataclass(frozen=True, slots=True)
class ProvisionalReturn:
    """Return per 1 spent of a channel as far as it is known now: median and 94 % HDI. Never to be exported."""

    channel: str
    median: float
    lo: float
    hi: float


@dataclass(frozen=True, slots=True)
class LiveFit:
    """A sampler at work. `draws` per chain are behind `returns` and `rhat`, which is None while there are too few."""

    chains: tuple[ChainState, ...]
    draws: int = 0
    rhat: float | None = None
    returns: tuple[ProvisionalReturn, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        return cls(
            chains=tuple(ChainState(**chain) for chain in raw["chains"]),
            draws=raw["draws"],
            rhat=raw["rhat"],
            returns=tuple(ProvisionalReturn(**each) for each in raw["returns"]),
        )
