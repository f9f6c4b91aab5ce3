"""What a plan of spend would bring, draw by draw, and how that changes with each channel's money.

For draw s and channel c, a plan gives shares p[t] of money A to W periods t = 1 … W (1 / W each when even), after the
history and before L − 1 periods without spend. With media x = money / unit_cost, media_scale m, lag weights w and
saturation f:

    carry[t]  = Σ_l w[l] · history[t − l] / m          for t − l ≤ 0: what past spend still brings into period t
    unit[t]   = Σ_l w[l] · p[t − l] / (unit_cost · m)  for 1 ≤ t − l ≤ W: adstock of 1 of money in period t
    R(A)      = target_scale · beta · Σ_{t=1}^{W+L−1} [ f(carry[t] + unit[t] · A) − f(carry[t]) ]
    dR/dA     = target_scale · beta · Σ_t f'(carry[t] + unit[t] · A) · unit[t]

R is what the plan causes: the effect of past spend alone is taken off, yet past spend counts where it uses up part of
a channel's saturation; effects after the last planned period count too. Notation of `domain.curves`.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mixmodel_app.domain.curves import Array, ResponseDraws, saturate, saturation_slope


@dataclass(frozen=True, slots=True)
class PlanResponse:
    """The response R of every channel to its money over one horizon.

    Attributes:
        draws: the posterior; `weeks`: the horizon W in periods.
        carry, unit: (S, C, K), see the module, at the K distinct periods of the horizon.
        repeats: (K,) how many periods each of them stands for.
        base: (S, C, K) f(carry), what past spend brings alone.
        height: (S, C) target_scale · beta.
        peak: (C,) share of a channel's money in its largest period.
        plannable: (C,) channels whose cost per unit is known; the others bring 0 whatever they are given.
    """

    draws: ResponseDraws
    weeks: int
    carry: Array
    unit: Array
    repeats: Array
    base: Array
    height: Array
    peak: Array
    plannable: np.ndarray

    @classmethod
    def over(cls, draws: ResponseDraws, weeks: int, profile: Array | None = None) -> Self:
        """Prepare the response over `weeks` periods that follow the history in `draws.spend`.

        Args:
            profile: (W, C) shares of each channel's money by period, columns summing to 1; None spreads it evenly.
        """
        known = plannable(draws)
        periods, repeats = _distinct_periods(weeks, draws.n_lags) if profile is None else _all(weeks, draws.n_lags)
        per_money = np.zeros(len(draws.channels))
        per_money[known] = 1 / (draws.unit_cost * draws.media_scale)[known]
        unit = _unit_adstock(draws.weights, periods, weeks, profile) * per_money[None, :, None]
        carry = _carry_in(draws, per_money, periods)
        base = saturate(draws.saturation, _with_period_axis(draws.params), carry)
        peak = np.full(len(draws.channels), 1 / weeks) if profile is None else profile.max(axis=0)
        return cls(draws, weeks, carry, unit, repeats, base, draws.target_scale * draws.beta, peak, known)

    def contribution(self, money: Array) -> Array:
        """R for each draw and channel: (C,) money over the horizon to (S, C), in units of the target."""
        lifted = saturate(self.draws.saturation, _with_period_axis(self.draws.params), self._adstock(money))
        return self.height * ((lifted - self.base) @ self.repeats)

    def slope(self, money: Array) -> Array:
        """dR/dA for each draw and channel, (S, C): the return on the next 1 of money."""
        steep = saturation_slope(self.draws.saturation, _with_period_axis(self.draws.params), self._adstock(money))
        return self.height * ((steep * self.unit) @ self.repeats)

    def mean_and_slope(self, money: Array) -> tuple[Array, Array]:
        """Posterior means of R and dR/dA by channel, both (C,)."""
        return self.contribution(money).mean(axis=0), self.slope(money).mean(axis=0)

    def thin(self, most: int) -> "PlanResponse":
        """The same response on at most `most` evenly chosen draws."""
        step = max(-(-self.draws.n_draws // most), 1)
        params = {name: value[::step] for name, value in self.draws.params.items()}
        draws = replace(self.draws, weights=self.draws.weights[::step], params=params, beta=self.draws.beta[::step])
        return replace(
            self,
            draws=draws,
            carry=self.carry[::step],
            unit=self.unit[::step],
            base=self.base[::step],
            height=self.height[::step],
        )

    def _adstock(self, money: Array) -> Array:
        return self.carry + self.unit * money[None, :, None]


def plannable(draws: ResponseDraws) -> np.ndarray:
    """(C,) whether a channel's money can be turned into media: its cost per unit and its scale are known."""
    return np.isfinite(draws.unit_cost) & (draws.unit_cost > 0) & (draws.media_scale > 0)


def _with_period_axis(params: dict[str, Array]) -> dict[str, Array]:
    return {name: value[:, :, None] for name, value in params.items()}


def _distinct_periods(weeks: int, n_lags: int) -> tuple[np.ndarray, Array]:
    """Periods 1 … W + L − 1 and how many each stands for.

    From period L to W an even plan has reached its level and the past has faded, so these are all alike and one of
    them is enough.
    """
    if weeks <= n_lags:
        periods = np.arange(1, weeks + n_lags)
        return periods, np.ones(len(periods))
    ramp_up, ramp_down = np.arange(1, n_lags), np.arange(weeks + 1, weeks + n_lags)
    periods = np.concatenate([ramp_up, [n_lags], ramp_down])
    repeats = np.ones(len(periods))
    repeats[len(ramp_up)] = weeks - n_lags + 1
    return periods, repeats


def _all(weeks: int, n_lags: int) -> tuple[np.ndarray, Array]:
    periods = np.arange(1, weeks + n_lags)
    return periods, np.ones(len(periods))


def _unit_adstock(weights: Array, periods: np.ndarray, weeks: int, profile: Array | None) -> Array:
    """Adstock in each period of a plan that spends 1 media unit over the horizon: (S, C, K)."""
    planned = periods[:, None] - np.arange(weights.shape[2])[None, :]
    within = (planned >= 1) & (planned <= weeks)
    if profile is None:
        return weights @ (within / weeks).T
    shares = np.where(within[:, :, None], profile[np.where(within, planned - 1, 0)], 0.0)  # (K, L, C)
    return np.matmul(weights.transpose(1, 0, 2), shares.transpose(2, 1, 0)).transpose(1, 0, 2).copy()


def _carry_in(draws: ResponseDraws, per_money: Array, periods: np.ndarray) -> Array:
    """Adstock that the last L − 1 periods of history bring into each period: (S, C, K)."""
    history = np.nan_to_num(draws.spend) * per_money
    when = periods[:, None] - np.arange(draws.n_lags)[None, :]
    rows = len(history) - 1 + when
    within = (when <= 0) & (rows >= 0)
    past = np.where(within[:, :, None], history[np.where(within, rows, 0)], 0.0)
    return np.einsum("scl,klc->sck", draws.weights, past, optimize=True)
