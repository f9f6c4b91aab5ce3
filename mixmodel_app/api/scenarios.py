"""/api/scenarios: budget plans that were kept, and their comparison."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Reader, Writer, limited
from mixmodel_app.api.listings import Cursor, Limit, listing
from mixmodel_app.api.plans import HorizonBody
from mixmodel_app.domain.budget import Attitude, Objective
from mixmodel_app.domain.scenario import ScenarioPlan
from mixmodel_app.services import scenarios
from mixmodel_app.services.limits import Limit as RateLimit

router = APIRouter(prefix="/api/scenarios", tags=["Budget"])


class ScenarioBody(HorizonBody):
    run_id: UUID
    name: str = Field(max_length=1024)
    allocation: dict[str, float] = Field(description="Money by channel over the whole horizon.")
    objective: Objective = Objective.REVENUE
    attitude: Attitude = Attitude.EXPECTED
    total_budget: float | None = Field(None, description="The fixed total, when there was one.")
    target: float | None = None
    margin: float | None = None
    locked: list[str] = Field(default_factory=list[str])

    def plan(self) -> ScenarioPlan:
        return ScenarioPlan(
            allocation=self.allocation,
            weeks=self.weeks,
            timing=self.timing,
            weights=tuple(self.weights or ()),
            objective=self.objective,
            attitude=self.attitude,
            total_budget=self.total_budget,
            target=self.target,
            margin=self.margin,
            locked=tuple(self.locked),
        )


class NameBody(BaseModel):
    name: str = Field(max_length=1024)


@router.post("", status_code=201, dependencies=[Depends(limited(RateLimit.EVALUATE))])
def save(principal: Writer, body: ScenarioBody) -> dict[str, Any]:
    """Keep a plan under a name, with what it would bring by its run."""
    return scenarios.save(principal, body.run_id, body.name, body.plan())


@router.get("")
def index(
    request: Request,
    response: Response,
    principal: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    dataset_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """The workspace's scenarios, newest first, of one dataset if given. A `Link` header names the next page."""
    return listing(request, response, scenarios.page(principal, limit, cursor, dataset_id))


@router.get("/compare")
def compare(
    principal: Reader, ids: Annotated[list[UUID], Query(description="Two to four ids.")]
) -> list[dict[str, Any]]:
    """Scenarios side by side, in the order asked for."""
    return scenarios.compare(principal, ids)


@router.get("/{scenario_id}")
def detail(principal: Reader, scenario_id: UUID) -> dict[str, Any]:
    """One scenario."""
    return scenarios.get(principal, scenario_id)


@router.put("/{scenario_id}")
def rename(principal: Writer, scenario_id: UUID, body: NameBody) -> dict[str, Any]:
    """Give a scenario another name."""
    return scenarios.rename(principal, scenario_id, body.name)


@router.delete("/{scenario_id}", status_code=204)
def delete(principal: Writer, scenario_id: UUID) -> Response:
    """Delete a scenario."""
    scenarios.delete(principal, scenario_id)
    return Response(status_code=204)
