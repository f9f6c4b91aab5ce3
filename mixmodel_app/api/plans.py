"""Budget questions about a finished run: the best plan, and what any allocation would bring."""

import math
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Writer, limited
from mixmodel_app.domain.budget import Attitude, BudgetRequest, Horizon, Objective, Timing
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.services import budgets
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/models", tags=["Budget"])

_MARGIN = "Profit per 1 of revenue before media, 1 when left out; of an outcome that is a count what one is worth."


class HorizonBody(BaseModel):
    weeks: int | None = Field(None, description="Periods of the data; one year when left out.")
    timing: Timing = Field(Timing.EVEN, description="How each channel's money is spread over the periods.")
    weights: list[float] | None = Field(None, max_length=520, description="One number per period, for timing `own`.")

    def horizon(self) -> Horizon:
        return Horizon(self.weeks, self.timing, tuple(self.weights or ()))


class OptimizeBody(HorizonBody):
    total_budget: float | None = Field(None, description="Money for the whole horizon; null leaves it free.")
    min_per_channel: dict[str, float] | None = None
    max_per_channel: dict[str, float] | None = None
    locked: dict[str, float] | None = Field(None, description="Money that stays as it is, by channel.")
    objective: Objective = Objective.REVENUE
    attitude: Attitude = Attitude.EXPECTED
    target: float | None = Field(None, description="Of the objectives that have one.")
    margin: float | None = Field(None, description=_MARGIN)
    cap_extrapolation: bool = Field(False, description="Stay within 1.3 × the highest observed spend of each channel.")


class EvaluateBody(HorizonBody):
    allocation: dict[str, float] = Field(description="Money by channel over the whole horizon.")
    margin: float | None = Field(None, description=_MARGIN)
    target_revenue: float | None = Field(None, description="A revenue whose chance of being reached is wanted.")


@router.post("/{run_id}/optimize", dependencies=[Depends(limited(Limit.OPTIMIZE))])
def optimize(principal: Writer, run_id: UUID, body: OptimizeBody) -> dict[str, Any]:
    """The plan that is best for the objective: by default the split with the highest expected incremental revenue."""
    request = BudgetRequest(
        total_budget=None if body.total_budget is None else _finite(body.total_budget, "total_budget"),
        min_per_channel=body.min_per_channel or {},
        max_per_channel=body.max_per_channel or {},
        weeks=body.weeks,
        locked=body.locked or {},
        objective=body.objective,
        attitude=body.attitude,
        target=body.target,
        margin=body.margin,
        cap_extrapolation=body.cap_extrapolation,
        timing=body.timing,
        weights=tuple(body.weights or ()),
    )
    return budgets.optimize(principal, run_id, request).to_json()


@router.post("/{run_id}/evaluate", dependencies=[Depends(limited(Limit.EVALUATE))])
def evaluate(principal: Writer, run_id: UUID, body: EvaluateBody) -> dict[str, Any]:
    """What one allocation would bring, beside the spend of the last equal period."""
    found = budgets.evaluate(
        principal,
        run_id,
        body.allocation,
        body.horizon(),
        margin=None if body.margin is None else _finite(body.margin, "margin"),
        target=None if body.target_revenue is None else _finite(body.target_revenue, "target_revenue"),
    )
    return found.to_json()


def _finite(value: float, field: str) -> float:
    if not math.isfinite(value):
        raise InvalidInput(f"{field} must be a number.", errors=(FieldError(field, "must be a finite number"),))
    return value
