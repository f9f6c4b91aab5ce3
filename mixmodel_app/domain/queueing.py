"""Who is fitted when: the rules of the queue, played forward.

Each workspace has at most `share` runs in line or on a worker at once; its others wait behind them, so the line goes
round between workspaces and none can fill it. There are two lines: quick fits are taken before long ones.
The same rules stand in `services.dispatch`; a test plays both and compares.
"""

import heapq
from collections import Counter, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """One run that waits or works: `seconds` is what it still needs on a worker.

    `in_line` says that a waiting run has left the backlog of its workspace.
    """

    run: Hashable
    workspace: Hashable
    seconds: float
    quick: bool = False
    in_line: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a waiting run stands: how many start before it, and in how many seconds it starts itself."""

    before: int
    starts_in_s: float


def places(working: Sequence[Turn], waiting: Sequence[Turn], workers: int, share: int) -> dict[Hashable, Place]:
    """When each waiting run starts, if nothing else comes and every estimate holds.

    Args:
        waiting: those in line first, in their order, then the backlog, in the order in which it came.
        workers: that are alive; without any, nothing ever starts and the answer is empty.
        share: runs of one workspace in line or on a worker at once.
    """
    if workers < 1:
        return {}
    floor = _Floor(share, list(working))
    for turn in waiting:
        floor.add(turn)
    found: dict[Hashable, Place] = {}
    for _ in range(max(0, workers - len(working))):
        floor.take(0.0, found)
    while floor.ends:
        floor.finish(found)
    return found


class _Floor:
    """Lines, backlogs and workers at one moment."""

    def __init__(self, share: int, working: list[Turn]) -> None:
        self.share = share
        self.lines: tuple[deque[Turn], deque[Turn]] = (deque(), deque())
        self.backlog: dict[Hashable, deque[Turn]] = {}
        self.held = Counter(turn.workspace for turn in working)
        self.ends = [(turn.seconds, number, turn) for number, turn in enumerate(working)]
        heapq.heapify(self.ends)
        self.number = len(working)

    def add(self, turn: Turn) -> None:
        if turn.in_line or self.held[turn.workspace] < self.share:
            self._line_up(turn)
        else:
            self.backlog.setdefault(turn.workspace, deque()).append(turn)

    def _line_up(self, turn: Turn) -> None:
        self.held[turn.workspace] += 1
        self.lines[0 if turn.quick else 1].append(turn)

    def take(self, now: float, found: dict[Hashable, Place]) -> None:
        """A free worker takes the next one, if there is any."""
        line = self.lines[0] or self.lines[1]
        if line:
            turn = line.popleft()
            found[turn.run] = Place(len(found), now)
            heapq.heappush(self.ends, (now + turn.seconds, self.number, turn))
            self.number += 1

    def finish(self, found: dict[Hashable, Place]) -> None:
        """The next fit ends: its workspace may send another one into the line, and its worker takes the first there."""
        now, _, ended = heapq.heappop(self.ends)
        self.held[ended.workspace] -= 1
        waiting = self.backlog.get(ended.workspace)
        if waiting and self.held[ended.workspace] < self.share:
            self._line_up(waiting.popleft())
        self.take(now, found)
