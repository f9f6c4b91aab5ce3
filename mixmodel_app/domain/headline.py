"""The few figures of a finished run that the home page shows, and the plan that its recommendations start from.

They follow from the results and the draws, which are large: they are made once, where the fit ends, and kept beside
them.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from mixmodel_app.domain.budget import BudgetPlan
from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.results import HealthStatus, ModelResults


@dataclass(frozen=True, slots=True)
class Headline:
    """What is known of a run without reading its results.

    Attributes:
        verdict: of the model's health.
        outcome: what the target is an amount of.
        blended_roas: the median; None where there is no spend.
        version: of MixModel, which found the plans; another may find others.
        plans: the suggested plan of all data, as JSON, by the level of its ranges ("0.94"); None where nothing can be
            moved.
    """

    verdict: HealthStatus
    outcome: OutcomeKind
    blended_roas: float | None
    version: str = ""
    plans: dict[str, dict[str, Any] | None] = field(default_factory=dict[str, dict[str, Any] | None])

    @classmethod
    def of(cls, results: ModelResults) -> Self:
        """The figures alone, without plans."""
        blended = results.blended_roas
        return cls(results.verdict, results.outcome, blended.median if blended else None)

    def knows_plan(self, version: str, level: float) -> bool:
        """Whether this version has looked for a plan with ranges of this level."""
        return self.version == version and level_key(level) in self.plans

    def plan(self, level: float) -> BudgetPlan | None:
        """The plan with ranges of a level that is known, None where nothing can be moved."""
        raw = self.plans[level_key(level)]
        if raw is None:
            return None
        ranges: dict[str, Any] = {name: tuple(ends) for name, ends in raw.items() if name.endswith("_hdi")}
        return BudgetPlan(**(raw | ranges))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Rebuild from `to_json`; plans stay as they are, since only this version's are ever read."""
        return cls(
            HealthStatus(raw["verdict"]), OutcomeKind(raw["outcome"]), raw["blended_roas"], raw["version"], raw["plans"]
        )


def level_key(level: float) -> str:
    """How `Headline.plans` names a level."""
    return f"{level:g}"
