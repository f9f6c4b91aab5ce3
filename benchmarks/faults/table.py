"""The tables that are printed."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable

from benchmarks.faults.trial import STAGES, Outcome

_HEAD = (
    "| fault | n | runs lost | finished twice | results differ | recovery median s | worst s | what the person saw |\n"
    "|---|--:|--:|--:|--:|--:|--:|---|"
)


def fault_table(outcomes: Iterable[Outcome]) -> str:
    """One line for each kind, and one for all."""
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.kind].append(outcome)
    lines = [_HEAD, *(_line(kind, found) for kind, found in by_kind.items())]
    return "\n".join([*lines, _line("**all**", [outcome for found in by_kind.values() for outcome in found])])


def _line(kind: str, found: list[Outcome]) -> str:
    seconds = [outcome.recovery_s for outcome in found]
    differing = sum(outcome.equal is False for outcome in found)
    cells = [
        kind,
        len(found),
        sum(outcome.is_lost for outcome in found),
        sum(outcome.finished_twice for outcome in found),
        f"{differing} of {sum(outcome.equal is not None for outcome in found)}",
        f"{statistics.median(seconds):.1f}",
        f"{max(seconds):.1f}",
        "" if kind == "**all**" else _saw(found),
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _saw(found: list[Outcome]) -> str:
    """How the runs ended, and which messages came in between that an undisturbed run does not have."""
    ends = Counter(_end(outcome) for outcome in found)
    between: Counter[str] = Counter()
    for outcome in found:
        between.update({_unusual(status, message) for _, status, message in outcome.seen} - {""})
    said = [f"{count}× {text}" for text, count in ends.most_common()]
    said += [f"{count}× in between {text}" for text, count in between.most_common(4)]
    return "; ".join(said)


def _end(outcome: Outcome) -> str:
    return outcome.ended if outcome.ended == "completed" else f"{outcome.ended}: “{outcome.message}”"


def _unusual(status: str, message: str) -> str:
    if status == "no answer":
        return "a broken connection"
    waits = message.startswith(("Waiting for the", "The worker was", "The file storage"))
    return f"“{message}”" if waits and status in ("queued", "running") else ""


def cancel_table(outcomes: list[Outcome]) -> str:
    """Seconds from the request to the final status, by stage."""
    lines = ["| cancelled while | n | median s | worst s | over 5 s |", "|---|--:|--:|--:|--:|"]
    for stage in STAGES:
        seconds = [outcome.end_s for outcome in outcomes if outcome.stage == stage]
        if seconds:
            late = sum(second > 5 for second in seconds)
            lines.append(
                f"| {stage} | {len(seconds)} | {statistics.median(seconds):.2f} | {max(seconds):.2f} | {late} |"
            )
    return "\n".join(lines)
