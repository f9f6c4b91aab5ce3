"""Break an installation on purpose and print what came of it; ends with 1 when a run was lost or ended twice."""

import argparse
import os
import platform
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # run from a checkout, nothing installed

from benchmarks import faults
from benchmarks.faults import memory_group
from benchmarks.faults.injections import cancels, kinds
from benchmarks.faults.installation import Installation
from benchmarks.faults.person import Person
from benchmarks.faults.table import cancel_table, fault_table
from benchmarks.faults.trial import Fault, Outcome, reference, try_fault


def main() -> None:
    parser = argparse.ArgumentParser(description=faults.__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--cancels", type=int, default=2, help="at each stage")
    parser.add_argument("--only", default="", help='faults whose name holds this text: "valkey", "at saving"')
    parser.add_argument("--seed", type=int, default=1, help="of the order")
    parser.add_argument("--minutes", type=float, default=1e9, help="start no further fault after this time")
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that nothing is left behind
    began = time.monotonic()
    plan = planned(options.faults, options.only, options.seed)
    print(f"{len(plan)} faults on {os.cpu_count()} cores, {platform.system()} {platform.machine()}")
    with Installation() as installation:
        person = Person(installation.url, installation.lift_limits)
        undisturbed = reference(installation, person)
        if reference(installation, person) != undisturbed:
            raise SystemExit("Two undisturbed runs differ: nothing can be said about disturbed ones.")
        cancelled = (
            []
            if options.only
            else [
                _tried(installation, person, fault, undisturbed) for fault in cancels() for _ in range(options.cancels)
            ]
        )
        outcomes: list[Outcome] = []
        for fault in plan:
            if time.monotonic() - began > options.minutes * 60:
                break
            outcomes.append(_tried(installation, person, fault, undisturbed))
    memory_group.remove()
    report = _report(outcomes, cancelled, time.monotonic() - began)
    print(report)
    if options.out:
        options.out.write_text(report)
    sys.exit(any(not outcome.is_fine for outcome in (*outcomes, *cancelled)))


def planned(count: int, only: str, seed: int) -> list[Fault]:
    """So many faults: every kind at its stages once before any comes a second time, in a random order."""
    found = [(fault, weight) for fault, weight in kinds() if only in f"{fault.kind} at {fault.stage}"]
    chance = random.Random(seed)
    plan: list[Fault] = []
    turn = 0
    while len(plan) < count and found:
        turn += 1
        wave = [fault for fault, weight in found if weight >= turn] or [fault for fault, _ in found]
        chance.shuffle(wave)
        plan += wave
    return plan[:count]


def _tried(installation: Installation, person: Person, fault: Fault, undisturbed: str) -> Outcome:
    try:
        outcome = try_fault(installation, person, fault, undisturbed)
    except Exception as error:  # noqa: BLE001 (a trial that cannot be judged is one that is not fine)
        outcome = Outcome(fault.kind, fault.stage, wrong=repr(error))
    verdict = "fine" if outcome.is_fine else f"NOT FINE: {_why(outcome)}"
    print(
        f"{fault.kind} at {fault.stage}: {outcome.ended}, goes on after {outcome.recovery_s:.1f} s, "
        f"ended after {outcome.end_s:.1f} s, {verdict}",
        flush=True,
    )
    return outcome


def _report(outcomes: list[Outcome], cancelled: list[Outcome], seconds: float) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [f"{len(outcomes)} faults in {seconds / 60:.1f} min, load {load} on {os.cpu_count()} cores.", ""]
    if outcomes:
        lines += [fault_table(outcomes), ""]
    if cancelled:
        lines += [cancel_table(cancelled), ""]
    wrong = [outcome for outcome in (*outcomes, *cancelled) if not outcome.is_fine]
    lines += [f"* not fine, {outcome.kind} at {outcome.stage}: {_why(outcome)}" for outcome in wrong]
    return "\n".join(lines)


def _why(outcome: Outcome) -> str:
    counts = f"{outcome.completions} completions, {outcome.artifacts} models, equal results: {outcome.equal}"
    said = " → ".join(f"{status} “{message}”" for _, status, message in outcome.seen)
    return f"{outcome.wrong.strip() or outcome.ended}; {counts}; seen {said}"


if __name__ == "__main__":
    main()
