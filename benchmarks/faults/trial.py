"""One fault: a run, what is done to it at which stage, what came of it."""

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.faults.installation import Installation
from benchmarks.faults.person import Person, Seen

STAGES = ("queued", "loading", "preparing", "tuning", "sampling", "extracting", "saving")
SEED = 11
_END_LIMIT_S = 240
_STAYS_S = 0.4
_EXPECTED = {"Waiting for a worker", "Loading the data", "Preparing the table", "Data loaded", "Done"}
FINAL = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Fault:
    """A kind of fault and the stage at which it strikes.

    Attributes:
        inject: strikes, and returns when what it imposes is over.
        ends: the statuses in which the run may end.
        is_outage: the time that it imposes is no recovery.
    """

    kind: str
    stage: str
    inject: Callable[["Scene"], None]
    ends: tuple[str, ...] = ("completed",)
    is_outage: bool = False


@dataclass
class Scene:
    """What an injection may touch."""

    installation: Installation
    person: Person
    run_id: str
    workspace_id: str
    stage: str
    before: str | None
    """The run that this one waits behind, at the stage `queued`."""
    afterwards: contextlib.ExitStack
    """What has to be undone when the run has ended."""


@dataclass
class Outcome:
    """What came of one fault."""

    kind: str
    stage: str
    ended: str = "lost"
    message: str = ""
    completions: int = 0
    artifacts: int = 0
    recovery_s: float = float("nan")
    end_s: float = float("nan")
    """Until the page told the final status."""
    equal: bool | None = None
    seen: list[tuple[float, str, str]] = field(default_factory=list)
    wrong: str = ""

    @property
    def is_lost(self) -> bool:
        return self.ended not in FINAL or (self.ended == "failed" and len(self.message.split()) < 5)

    @property
    def finished_twice(self) -> bool:
        return self.completions > 1 or self.artifacts > 1 or (self.completions == 1 and self.ended != "completed")

    @property
    def is_fine(self) -> bool:
        return not (self.is_lost or self.finished_twice or self.equal is False or self.wrong)


def reference(installation: Installation, person: Person) -> str:
    """The results of an undisturbed run, as text."""
    run_id = person.start(SEED, f"reference {uuid.uuid4()}")
    _, thread = person.watch(run_id)
    thread.join(_END_LIMIT_S)
    return _text(person.results(run_id))


def try_fault(installation: Installation, person: Person, fault: Fault, undisturbed: str) -> Outcome:
    """Start a run, strike at the stage, wait for its end, and judge."""
    installation.wait_healthy()
    key = str(uuid.uuid4())
    before = person.start(SEED, f"before {key}") if fault.stage == "queued" else None
    run_id = person.start(SEED, key)
    row = installation.row(run_id)
    assert row is not None
    outcome = Outcome(fault.kind, fault.stage)
    with contextlib.ExitStack() as afterwards:
        workspace_id = str(row["workspace_id"])
        scene = Scene(installation, person, run_id, workspace_id, fault.stage, before, afterwards)
        seen, watching = person.watch(run_id)
        wait_for_stage(scene)
        struck = time.monotonic()
        fault.inject(scene)
        since = time.monotonic() if fault.is_outage else struck
        outcome.recovery_s = _until_it_goes_on(scene, since) - since
        _until_end(scene, watching)
        told = seen.lines[-1][0] if seen.statuses[-1:] and seen.statuses[-1] in FINAL else time.monotonic()
        outcome.end_s = told - struck
    _judge(scene, fault, seen, outcome, undisturbed)
    if before is not None:
        _judge_other(installation, before, outcome)
    for done in (run_id, before):
        if done is not None:
            person.call("DELETE", f"/api/models/{done}")  # the small disk holds about a hundred
    return outcome


def wait_for_stage(scene: Scene) -> None:
    """Return as soon as the run tells that it is in the stage; for `queued`, when the run before it is being fitted."""
    if scene.before is not None:
        while (row := scene.installation.row(scene.before)) is not None and row["status"] == "queued":
            time.sleep(0.02)
        return
    if scene.stage == "saving":  # is told a moment later than it begins, and over by then
        deadline = time.monotonic() + _END_LIMIT_S
        while not (scene.installation.files(scene.run_id) or _has_ended(scene) or time.monotonic() > deadline):
            time.sleep(0.002)
        return
    for fields in scene.installation.events(scene.workspace_id, scene.run_id, block_ms=60_000):
        event = json.loads(fields["event"])
        if event["status"] in FINAL or (event["stage"] == scene.stage and event["status"] == "running"):
            return


def _has_ended(scene: Scene) -> bool:
    row = scene.installation.row(scene.run_id)
    return row is None or row["status"] in FINAL


def _until_it_goes_on(scene: Scene, since: float) -> float:
    """The moment since which the API answers and somebody works on the run (or it waits behind a live one) or it ended.

    It has to stay so for a moment: what was killed is seen for an instant longer.
    """
    deadline = since + _END_LIMIT_S
    fine_since: float | None = None
    while time.monotonic() < deadline:
        seen = time.monotonic()
        fine_since = (fine_since or seen) if _goes_on(scene, since) else None
        if fine_since is not None and time.monotonic() - fine_since >= _STAYS_S:
            return fine_since
        time.sleep(0.05)
    return deadline


def _goes_on(scene: Scene, since: float) -> bool:
    row = scene.installation.row(scene.run_id)
    if row is None or row["status"] in FINAL:
        return scene.person.answers(scene.run_id)
    is_heard = row["silent"] is not None and row["silent"].total_seconds() < min(time.monotonic() - since, 5)
    worked_on = (row["status"] == "queued" or is_heard) and scene.installation.process_of("horse") is not None
    return worked_on and scene.person.answers(scene.run_id)


def _until_end(scene: Scene, watching: threading.Thread) -> None:
    deadline = time.monotonic() + _END_LIMIT_S
    while time.monotonic() < deadline:
        row = scene.installation.row(scene.run_id)
        if row is None or row["status"] in FINAL:
            break
        time.sleep(0.05)
    watching.join(30)


def _judge(scene: Scene, fault: Fault, seen: Seen, outcome: Outcome, undisturbed: str) -> None:
    row = scene.person.run(scene.run_id)
    outcome.ended, outcome.message = row["status"], row["error_message"] or row["message"]
    outcome.completions = scene.installation.completions(scene.run_id)
    outcome.artifacts = len(scene.installation.artifacts(scene.run_id))
    outcome.seen = list(seen.lines)
    if outcome.ended not in fault.ends:
        outcome.wrong = f"ended as {outcome.ended}: {outcome.message}"
    if outcome.ended == "completed":
        outcome.equal = _text(scene.person.results(scene.run_id)) == undisturbed
    if seen.statuses[-1:] != [outcome.ended]:
        outcome.wrong = f"{outcome.wrong} the page's last word is {seen.lines[-1:]}"


def _judge_other(installation: Installation, run_id: str, outcome: Outcome) -> None:
    """The run that was being fitted while the other waited."""
    deadline = time.monotonic() + _END_LIMIT_S
    row = installation.row(run_id)
    while row is not None and row["status"] not in FINAL and time.monotonic() < deadline:
        time.sleep(0.05)
        row = installation.row(run_id)
    if row is None or row["status"] != "completed" or installation.completions(run_id) != 1:
        outcome.wrong = f"{outcome.wrong} the run before it: {row}"


def _text(results: Any) -> str:
    return json.dumps(results, sort_keys=True)
