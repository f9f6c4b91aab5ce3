"""A budget plan as it is kept: its money, and the question that it answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from mixmodel_app.domain.budget import Attitude, Horizon, Objective, Timing

MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """Money by channel over the horizon, and what was asked for. `total_budget` is None where it was free."""

    allocation: dict[str, float]
    weeks: int | None = None
    timing: Timing = Timing.EVEN
    weights: tuple[float, ...] = ()
    objective: Objective = Objective.REVENUE
    attitude: Attitude = Attitude.EXPECTED
    total_budget: float | None = None
    target: float | None = None
    margin: float | None = 1.0
    locked: tuple[str, ...] = ()
    bounds: dict[str, tuple[float | None, float | None]] = field(
        default_factory=dict[str, tuple[float | None, float | None]]
    )
    cap_extrapolation: bool = True

    @property
    def horizon(self) -> Horizon:
        return Horizon(self.weeks, self.timing, self.weights)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Rebuild from `to_json`, as stored in the database."""
        parts: dict[str, Any] = dict(raw) | {
            "timing": Timing(raw["timing"]),
            "weights": tuple(raw["weights"]),
            "objective": Objective(raw["objective"]),
            "attitude": Attitude(raw["attitude"]),
            "locked": tuple(raw["locked"]),
            "bounds": {name: (pair[0], pair[1]) for name, pair in raw["bounds"].items()},
        }
        return cls(**parts)
