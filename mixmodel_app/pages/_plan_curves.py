"""The small picture of a channel in the planner: its mean curve with today's point and the plan's, as SVG paths."""

from bisect import bisect_left
from collections.abc import Sequence

WIDTH, HEIGHT = 132, 48
_EDGE = 5.0


class CurvePicture:
    """One channel's curve, from 0 to the last amount, scaled into `WIDTH` × `HEIGHT`."""

    def __init__(self, money: Sequence[float], revenue: Sequence[float], observed: float) -> None:
        self._money, self._revenue = list(money), list(revenue)
        self._observed = min(max(observed, 0.0), self._money[-1])
        self._top = max(*self._revenue, 1e-9)

    @property
    def inside(self) -> str:
        """The `d` of the part within observed spend."""
        return self._path([*(m for m in self._money if m < self._observed), self._observed])

    @property
    def outside(self) -> str:
        """The `d` of the part beyond; "" when there is none."""
        rest = [m for m in self._money if m > self._observed]
        return self._path([self._observed, *rest]) if rest else ""

    @property
    def border(self) -> str:
        """Where the unobserved region begins, in px from the left."""
        return f"{self._x(self._observed):.1f}"

    def point(self, money: float) -> tuple[str, str]:
        """Place of an amount on the curve; beyond its end at the end."""
        held = min(max(money, 0.0), self._money[-1])
        return f"{self._x(held):.1f}", f"{self._y(held):.1f}"

    def _path(self, amounts: Sequence[float]) -> str:
        places = [f"{self._x(money):.1f} {self._y(money):.1f}" for money in amounts]
        return "M" + " L".join(places)

    def _x(self, money: float) -> float:
        return _EDGE + money / max(self._money[-1], 1e-9) * (WIDTH - 2 * _EDGE)

    def _y(self, money: float) -> float:
        place = min(max(bisect_left(self._money, money), 1), len(self._money) - 1)
        left, right = self._money[place - 1], self._money[place]
        share = (money - left) / (right - left) if right > left else 0.0
        value = self._revenue[place - 1] + share * (self._revenue[place] - self._revenue[place - 1])
        return HEIGHT - _EDGE - value / self._top * (HEIGHT - 2 * _EDGE)
