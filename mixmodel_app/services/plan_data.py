"""The draws and results of a run, kept in this process for as long as people plan with them: they never change once
stored."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.domain.run import RunStatus
from mixmodel_app.services import results
from mixmodel_app.storage.db import reading
from mixmodel_app.storage.models import ModelRun
from mixmodel_app.storage.repositories import runs as repository

_MOST = 8


@dataclass(frozen=True, slots=True)
class PlanData:
    """What planning needs of a run: its draws, and its results for the periods and to draw the plan."""

    draws: ResponseDraws
    results: ModelResults

    @property
    def frequency(self) -> Frequency:
        return Frequency(self.results.frequency)

    @property
    def dates(self) -> list[str]:
        """First days of the periods, ISO."""
        return self.results.fit.dates


_kept: OrderedDict[tuple[UUID, str], PlanData] = OrderedDict()
_lock = threading.Lock()


def plan_data(principal: Principal, run_id: UUID) -> PlanData:
    """The data of a run that budgets may be planned with; the right to see it is checked every time.

    Raises:
        NotFound: no such run in the principal's workspace.
        Conflict: the run is not completed, or was cut short.
    """
    run = _head(principal, run_id)
    if run.status != RunStatus.COMPLETED.value or run.draws_key is None:
        results.plannable(principal, run_id)
        return _read(principal, run_id)
    key = (run_id, f"{run.draws_key}:{run.attempt}")
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _read(principal, run_id)
    with _lock:
        _kept[key] = found
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found


def _head(principal: Principal, run_id: UUID) -> ModelRun:
    with reading(principal) as session:
        return repository.head(session, principal, run_id)


def _read(principal: Principal, run_id: UUID) -> PlanData:
    found = results.plannable(principal, run_id)
    return PlanData(results.draws(principal, run_id), found)
