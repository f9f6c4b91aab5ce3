"""Budget questions, answered from the joint draws of a finished run. No PyMC is loaded for this."""

from uuid import UUID

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.budget import BudgetPlan, BudgetRequest
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.planning.optimise import optimise
from mixmodel_app.services import results


def optimize(principal: Principal, run_id: UUID, request: BudgetRequest) -> BudgetPlan:
    """The split of the budget with the highest expected incremental revenue under the bounds.

    Raises:
        Conflict: the run is not completed.
        InvalidInput, Infeasible: the question itself has no answer; says which bound is wrong.
    """
    found = results.plannable(principal, run_id)
    return optimise(results.draws(principal, run_id), request, Frequency(found.frequency))
