"""How long something has not changed, by the watcher's own steady clock.

Times that other hosts have written are never compared with ours: a clock that is wrong or jumps, on either side, would
declare live workers dead or dead ones alive.
"""

import time
from collections.abc import Callable, Hashable


class Watch:
    """What one janitor has seen, pass by pass.

    Args:
        longest_gap_s: after a longer pause between two passes all is forgotten. Whoever was held up that long cannot
            say whether the others had a chance to be heard of.
    """

    def __init__(self, longest_gap_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_gap_s = longest_gap_s
        self._clock = clock
        self._first_seen: dict[Hashable, tuple[object, float]] = {}
        self._touched: set[Hashable] = set()
        self._last_pass = clock()

    def begin(self) -> None:
        """Start a pass; what was not asked for during the last one is forgotten."""
        now = self._clock()
        if now - self._last_pass > self._longest_gap_s:
            self.forget()
        self._first_seen = {key: seen for key, seen in self._first_seen.items() if key in self._touched}
        self._touched = set()
        self._last_pass = now

    def forget(self) -> None:
        """Start anew, as after an outage in which nobody could be heard of."""
        self._first_seen = {}

    def unchanged_s(self, key: Hashable, state: object) -> float:
        """Seconds for which `key` has been seen in this `state` without a break."""
        self._touched.add(key)
        before, since = self._first_seen.get(key, (None, 0.0))
        if key not in self._first_seen or before != state:
            since = self._clock()
            self._first_seen[key] = (state, since)
        return self._clock() - since
