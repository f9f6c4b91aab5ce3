"""How the job ends when the fit does not simply succeed. The engine is a stand-in that waits for its cue."""

import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.errors import FitCancelled, FitFailed
from mixmodel_app.domain.run import Stage
from mixmodel_app.engine.types import EngineResults, FitProgress, ShouldStop
from mixmodel_app.storage import queue
from tests.factories import make_results
from tests.integration.scenes import Account, CompletedFit, change_run, events_of, run_row
from workers import fit_run
from workers.lease import LeaseKeeper


class StandIn:
    """An engine that starts, tells so, and then does what the test wants."""

    def __init__(self, act: Callable[[ShouldStop], None], results: EngineResults | None = None) -> None:
        self.act, self.results = act, results
        self.started = threading.Event()

    def prepare_data(self, *_: Any) -> None: ...

    def build_model(self, *_: Any) -> None: ...

    def fit(self, _data: Any, report: Callable[[FitProgress], None], should_stop: ShouldStop) -> None:
        report(FitProgress(Stage.SAMPLING, 0.5, "Half way"))
        self.started.set()
        self.act(should_stop)

    def extract_results(self) -> EngineResults:
        assert self.results is not None
        return self.results

    def serialize_model(self) -> bytes:
        return b"a model"


@pytest.fixture
def run_id(ann: Account) -> str:
    return ann.start(ann.ready_dataset())


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[StandIn], StandIn]:
    def put(engine: StandIn) -> StandIn:
        monkeypatch.setattr(fit_run, "create_engine", lambda _config: engine)
        return engine

    return put


def _until_stopped(should_stop: ShouldStop) -> None:
    pause = threading.Event()
    while not should_stop():
        pause.wait(0.02)
    raise FitCancelled("The run was cancelled.")


def _raise(error: Exception) -> Callable[[ShouldStop], None]:
    def act(_should_stop: ShouldStop) -> None:
        raise error

    return act


def _statuses(ann: Account, run_id: str) -> list[str]:
    return [event["status"] for event in events_of(ann.principal.workspace_id, UUID(run_id))]


def test_a_waiting_run_is_cancelled_at_once_and_never_fitted(
    ann: Account, run_id: str, use: Callable[[StandIn], StandIn]
) -> None:
    engine = use(StandIn(_until_stopped))
    assert queue.waiting() == 1
    answer = ann.post(f"/api/models/{run_id}/cancel")
    assert answer.status_code == 202
    assert answer.json()["status"] == "cancelled"
    assert queue.waiting() == 0
    fit_run.run_mmm_model(run_id, 1)
    assert not engine.started.is_set()
    assert run_row(run_id)["status"] == "cancelled"
    assert _statuses(ann, run_id) == ["queued", "cancelled"]
    assert ann.post(f"/api/models/{run_id}/cancel").status_code == 409


def test_a_running_run_stops_within_seconds_of_being_cancelled(
    ann: Account, run_id: str, use: Callable[[StandIn], StandIn]
) -> None:
    engine = use(StandIn(_until_stopped))
    job = threading.Thread(target=fit_run.run_mmm_model, args=(run_id, 1))
    job.start()
    assert engine.started.wait(30)
    answer = ann.post(f"/api/models/{run_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    job.join(timeout=30)
    assert not job.is_alive()
    assert run_row(run_id)["status"] == "cancelled"
    assert _statuses(ann, run_id)[-1] == "cancelled"


def test_a_cancel_ends_also_work_that_never_asks(ann: Account, run_id: str, use: Callable[[StandIn], StandIn]) -> None:
    """As in the worker, the job has the main thread; without the interruption this test would not end."""

    def deaf(_should_stop: ShouldStop) -> None:
        pause = threading.Event()
        while True:
            pause.wait(0.02)

    engine = use(StandIn(deaf))
    before = signal.getsignal(signal.SIGUSR1)

    def cancel() -> None:
        engine.started.wait(30)
        ann.post(f"/api/models/{run_id}/cancel")

    person = threading.Thread(target=cancel)
    person.start()
    fit_run.run_mmm_model(run_id, 1)
    person.join()
    assert run_row(run_id)["status"] == "cancelled"
    assert signal.getsignal(signal.SIGUSR1) is before


def test_the_soft_limit_ends_a_fit_with_a_reason(
    ann: Account, run_id: str, use: Callable[[StandIn], StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(StandIn(_until_stopped))
    monkeypatch.setattr(fit_run, "LeaseKeeper", lambda run, lease, _limit: LeaseKeeper(run, lease, 0.3))
    fit_run.run_mmm_model(run_id, 1)
    row = run_row(run_id)
    assert row["status"] == "failed"
    assert "longer than the limit" in row["error_message"]
    assert "quick mode" in row["error_message"], "and says what to do"


@pytest.mark.fit
def test_what_was_sampled_when_time_ran_out_is_kept_as_incomplete(
    ann: Account, run_id: str, use: Callable[[StandIn], StandIn], completed_fit: CompletedFit
) -> None:
    draws = next(content for key, content in completed_fit.files.items() if key.endswith(".npz"))
    cut_short = replace(make_results(2), incomplete=True)
    use(StandIn(lambda _stop: None, EngineResults(results=cut_short, draws=ResponseDraws.from_bytes(draws))))
    fit_run.run_mmm_model(run_id, 1)
    run = ann.get(f"/api/models/{run_id}").json()
    assert (run["status"], run["incomplete"]) == ("failed", True)
    assert "longer than the limit" in run["error_message"]
    assert "kept as incomplete" in run["error_message"]
    found = ann.get(f"/api/models/{run_id}/results").json()
    assert found["incomplete"]
    assert found["executive"]["recommendations"] == []
    assert ann.get(f"/api/models/{run_id}/charts/returns.csv").status_code == 409
    assert ann.post(f"/api/models/{run_id}/optimize", {"total_budget": 1000}).status_code == 409
    assert ann.get(f"/api/models/{run_id}/artifact").status_code == 409
    assert ann.get("/api/workspace/stats").json()["completed_runs"] == 0


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (FitFailed("The outcome never changes.", hint="Choose another outcome column."), "never changes"),
        (MemoryError(), "memory"),
        (ZeroDivisionError("secret detail of the inside"), "fault in MixModel itself"),
    ],
    ids=["expected", "memory", "unexpected"],
)
def test_a_failed_fit_says_why_in_words(
    ann: Account, run_id: str, use: Callable[[StandIn], StandIn], error: Exception, word: str
) -> None:
    use(StandIn(_raise(error)))
    fit_run.run_mmm_model(run_id, 1)
    found = ann.get(f"/api/models/{run_id}").json()
    assert (found["status"], found["stage"]) == ("failed", "error")
    assert word in found["error_message"]
    assert "secret detail" not in str(found)
    assert _statuses(ann, run_id)[-1] == "failed"


@pytest.mark.fit
def test_a_late_result_of_a_lost_lease_changes_nothing(
    ann: Account, run_id: str, use: Callable[[StandIn], StandIn], completed_fit: CompletedFit, stored_files: Any
) -> None:
    """An orphan that goes on fitting finishes after another attempt has taken the run over."""
    draws = next(content for key, content in completed_fit.files.items() if key.endswith(".npz"))
    results = EngineResults(results=make_results(2), draws=ResponseDraws.from_bytes(draws))
    other = uuid4()
    use(StandIn(lambda _stop: change_run(run_id, lease_token=other, attempt=2), results))
    before = stored_files()
    fit_run.run_mmm_model(run_id, 1)
    row = run_row(run_id)
    assert (row["status"], row["lease_token"], row["attempt"]) == ("running", other, 2)
    assert row["results"] is None
    assert stored_files() == before
    assert "completed" not in _statuses(ann, run_id)


@pytest.mark.fit
def test_a_run_that_is_deleted_while_it_fits_leaves_no_files(
    ann: Account, run_id: str, use: Callable[[StandIn], StandIn], completed_fit: CompletedFit, stored_files: Any
) -> None:
    draws = next(content for key, content in completed_fit.files.items() if key.endswith(".npz"))
    results = EngineResults(results=make_results(2), draws=ResponseDraws.from_bytes(draws))

    def delete(_should_stop: ShouldStop) -> None:
        assert ann.call("DELETE", f"/api/models/{run_id}").status_code == 204

    use(StandIn(delete, results))
    before = stored_files()
    fit_run.run_mmm_model(run_id, 1)
    assert stored_files() == before
    assert ann.get(f"/api/models/{run_id}").status_code == 404


def test_the_same_attempt_is_worked_on_once(ann: Account, run_id: str, use: Callable[[StandIn], StandIn]) -> None:
    fits: list[int] = []
    use(StandIn(lambda _stop: cast(Any, fits.append(1)) or _raise(FitFailed("Enough."))(_stop)))
    fit_run.run_mmm_model(run_id, 1)
    fit_run.run_mmm_model(run_id, 1)
    fit_run.run_mmm_model(run_id, 2)
    assert len(fits) == 1


def test_a_job_of_an_unknown_run_does_nothing(ann: Account, use: Callable[[StandIn], StandIn]) -> None:
    engine = use(StandIn(_until_stopped))
    fit_run.run_mmm_model(str(uuid4()), 1)
    assert not engine.started.is_set()
