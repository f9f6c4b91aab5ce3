"""Markets whose truth is known, each kind unlike the model in one way, as real markets are: for the benchmarks.

`world` draws a market of one kind, `faulty` one with a mistake in its settings or its data that a check should find.
A world is weekly, in money, and everything in it follows from its seed:

    outcome[t] = base · (1 + trend[t] + season[t] + demand[t] + Σ_k effect[k] · control[t, k])
                 + Σ_c contribution[t, c] + noise[t]

Trend and season are shares of `base`, demand has a standard deviation that is one, controls are standardised.
A channel's contribution is ROAS · Σ spend · f(adstock) ÷ Σ f(adstock), so that its ROAS, incremental contribution with
carryover ÷ spend over the weeks of the table, holds exactly; what was spent before the first week counts as 0.

Drawn alike for all kinds, U(a, b) being uniform: base log-uniform from 300,000 to 3,000,000 a week; 4 to 8 channels;
ROAS log-normal around 1.7 with 0.6 as standard deviation of the log, within 0.5 to 6, and of one channel in seven only
U(0.2, 0.4); budgets √ROAS · log-normal with 0.8, so that the largest is typically nine times the smallest; half of the
channels on in bursts in U(25, 80) % of the weeks; media U(10, 35) % of the outcome; 1 to 3 controls that move 1 to 6 %
of `base` per standard deviation. `Recipe` says the rest.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mixmodel_app.domain.curves import Array, carry_over, saturate
from mixmodel_app.engine.simulate import Control, SimulatedDataset, bursts, driver, mapping_of, standardise, table
from mixmodel_app.engine.transforms import geometric_weights

type Range = tuple[float, float]

NAMES = ("Search", "Shopping", "Affiliate", "TV", "Social", "Video", "Display", "Radio")
MEDIA_SHARE: Range = (0.1, 0.35)
PROXY = Control("brand_searches", "level", 0.0)

_CONTROLS: dict[str, tuple[str, Range]] = {
    "price_index": ("level", (-0.06, -0.02)),
    "promotion": ("switch", (0.02, 0.05)),
    "competitor_index": ("level", (-0.03, -0.01)),
}
_DAYS_PER_YEAR = 365.25
_BURN_IN = 50
_SMOOTH = 13


@dataclass(frozen=True, slots=True)
class Recipe:
    """What sets a kind of world apart. A range (low, high) is of a uniform draw, and (0, 0) switches its part off.

    Attributes:
        stream: number of the random stream; two recipes with the same one differ only where they say so.
        weeks: length of the table; noise: standard deviation ÷ base.
        line: change of the straight trend from the first to the last week ÷ base.
        bend: highest − lowest of the curved trend ÷ base: a random walk, growth to a plateau, or growth with a dip.
        wave: height of the yearly wave ÷ base; holiday: height of the peak of about five weeks before Christmas ÷ base.
        pull: how strongly spend follows the season, per channel: 0.5 moves it by at most half.
        growth: how strongly spend follows the trend, per channel: 1 keeps it a constant share of the level.
        curve: "logistic", λ log-uniform 1 to 5 on spend ÷ its highest; "hill", slope U(1, 2.5) and half-saturation
            U(0.5, 2) × typical adstock; "mixed", logistic or Hill with slope U(1, 1.5), evenly.
        lags: length of the carryover in weeks, that of the spend included; geometric α is Beta(2, 2.5), at most 0.85.
        late: share of the channels whose effect peaks later, with weights α^((lag − peak)²) and α U(0.3, 0.75), Jin
            et al. (2017), "Bayesian Methods for Media Mix Modeling with Carryover and Shape Effects".
        peak: weeks from the spend to the peak of a late effect, whole numbers.
        together: correlation of the log spend of three channels that are planned together.
        demand: standard deviation of a demand that nobody controls ÷ base, autoregressive with φ U(0.7, 0.9); the log
            spend of the first 1 to 3 channels correlates with it by U(0.5, 0.8) within the week.
        proxy: correlation of the control `brand_searches`, which has no effect of its own, with that demand.
    """

    stream: int
    weeks: tuple[int, int] = (104, 208)
    noise: Range = (0.02, 0.05)
    line: Range = (-0.05, 0.2)
    bend: Range = (0, 0)
    wave: Range = (0.03, 0.12)
    holiday: Range = (0, 0)
    pull: Range = (0, 0.4)
    growth: Range = (0, 0)
    curve: str = "mixed"
    lags: int = 13
    late: float = 0
    peak: tuple[int, int] = (0, 0)
    together: Range = (0, 0)
    demand: Range = (0, 0)
    proxy: Range = (0, 0)


_DEMAND = Recipe(7, demand=(0.04, 0.08), proxy=(0.9, 0.98))
_RECIPES = {
    "matched": Recipe(1, curve="logistic", lags=8),
    "hill": Recipe(2, curve="hill"),
    "delayed": Recipe(3, late=0.5, peak=(1, 3)),
    "trend_season": Recipe(
        4, line=(0, 0), bend=(0.25, 0.5), wave=(0.08, 0.15), holiday=(0.2, 0.5), pull=(0.3, 0.8), growth=(0, 0.5)
    ),
    "collinear": Recipe(5, together=(0.86, 0.885)),
    "short_noisy": Recipe(6, weeks=(70, 90), noise=(0.08, 0.12)),
    "demand_observed": _DEMAND,
    "demand_hidden": replace(_DEMAND, proxy=(0, 0)),
}
KINDS = tuple(_RECIPES)
ACCURACY_KINDS = tuple(kind for kind in KINDS if kind != "demand_hidden")
"""The kinds in which the table holds what is needed to find the truth."""

_FAULTS: dict[str, tuple[Recipe, dict[str, Any]]] = {
    "missing_season": (Recipe(11, wave=(0.15, 0.25), pull=(0.6, 0.9)), {"yearly_seasonality": 0}),
    "missing_trend": (Recipe(12, line=(0.4, 0.8), growth=(1.5, 2.5)), {"trend": False}),
    "wrong_lag": (Recipe(13, late=1, peak=(3, 6)), {"adstock_type": "geometric", "l_max": 2}),
    "omitted_demand": (_RECIPES["demand_hidden"], {}),
}
_HEALTHY: tuple[tuple[Recipe, dict[str, Any]], ...] = (
    (_RECIPES["matched"], {}),
    (_RECIPES["hill"], {"saturation_type": "hill"}),
    (Recipe(14, bend=(0.02, 0.05), holiday=(0.03, 0.06)), {"yearly_seasonality": 4}),
    (Recipe(15, together=(0.5, 0.7)), {}),
)
FAULTS = (*_FAULTS, "none")


def world(kind: str, seed: int) -> SimulatedDataset:
    """A market of `kind`, one of `KINDS`; the same for the same seed.

    `truth` holds `channels` by name (spend, contribution, roas, curve with its parameters, lag weights), `controls`,
    `base` and `noise` (its standard deviation) in money a week, `baseline` in money over all weeks, `media_share`,
    `planned_together` and `follows_demand` (names of channels), and under `series` the parts of the outcome, each (T,)
    in money: `baseline`, `channels` by name and `noise`; `demand` is part of the baseline.

    Raises:
        KeyError: no such kind.
    """
    return _build(_RECIPES[kind], seed)


def faulty(fault: str, seed: int) -> tuple[SimulatedDataset, dict[str, Any]]:
    """A market and the run settings (see `RunConfig.from_json`) that together have `fault`, one of `FAULTS`.

    * `missing_season`: a yearly wave of 15 to 25 % of base that spend follows, and a model without season.
    * `missing_trend`: growth by 40 to 80 % of base that spend follows, and a model without trend.
    * `wrong_lag`: every effect peaks 3 to 6 weeks after the spend, and a geometric carryover of 2 weeks.
    * `omitted_demand`: the world `demand_hidden`.
    * `none`: nothing wrong, to count false alarms: by turns `matched`, `hill` with its curve, a trend that bends and a
      holiday peak within the noise, and channels that correlate by 0.5 to 0.7.

    Raises:
        KeyError: no such fault.
    """
    recipe, settings = _HEALTHY[seed % len(_HEALTHY)] if fault == "none" else _FAULTS[fault]
    return _build(recipe, seed), dict(settings)


@dataclass(frozen=True, slots=True)
class _Market:
    """What the channels meet: T Mondays, `base` in money, and three movements (T,) as shares of it."""

    dates: pd.DatetimeIndex
    base: float
    trend: Array
    season: Array
    demand: Array

    @property
    def level(self) -> Array:
        """(T,) outcome without media and controls, in money."""
        return self.base * (1 + self.trend + self.season + self.demand)


@dataclass(frozen=True, slots=True)
class _Habit:
    """How a channel spends: share of weeks on, sd of log spend, pull and growth, correlation with what it follows."""

    share_on: float
    spread: float
    pull: float
    growth: float
    follows: float = 0.0


@dataclass(frozen=True, slots=True)
class _Plan:
    """Spend of C channels by week: patterns (T, C), each with mean 1, and the names of those that follow something."""

    names: tuple[str, ...]
    patterns: Array
    together: tuple[str, ...]
    follows_demand: tuple[str, ...]

    def truth(self) -> dict[str, tuple[str, ...]]:
        return {"planned_together": self.together, "follows_demand": self.follows_demand}


@dataclass(frozen=True, slots=True)
class _Channel:
    """What is true of a channel: spend and effect (T,) in money, lag weights (L,), the curve with its parameters."""

    roas: float
    spend: Array
    effect: Array
    weights: Array
    curve: str
    params: dict[str, float]

    def truth(self) -> dict[str, Any]:
        return {
            "spend": float(self.spend.sum()),
            "contribution": float(self.effect.sum()),
            "roas": self.roas,
            "curve": self.curve,
            **self.params,
            "weights": self.weights,
        }


def _build(recipe: Recipe, seed: int) -> SimulatedDataset:
    rng = np.random.default_rng([recipe.stream, seed])
    market = _market(recipe, rng)
    plan = _plan(recipe, market, rng)
    controls, drivers = _controls(market, rng)
    baseline = market.level + standardise(drivers) @ np.array([control.effect for control in controls])
    channels = dict(zip(plan.names, _channels(recipe, plan, float(baseline.sum()), rng), strict=True))
    spread = market.base * rng.uniform(*recipe.noise)
    noise = spread * rng.standard_normal(len(baseline))
    if any(recipe.proxy):  # drawn last, so that the world without it is the same but for this column
        controls, drivers = (*controls, PROXY), np.column_stack([drivers, _proxy(recipe, market, rng)])
    media = np.column_stack([channel.effect for channel in channels.values()]).sum(axis=1)
    revenue = (baseline + media + noise).round(0)
    spend = np.column_stack([channel.spend for channel in channels.values()])
    frame = table(market.dates.strftime("%Y-%m-%d")[0], revenue, plan.names, spend, controls, drivers)
    truth = {"seed": seed, "base": market.base, "noise": spread, **plan.truth(), **_truth(baseline, channels, noise)}
    truth["controls"] = {control.column: {"effect_per_standard_deviation": control.effect} for control in controls}
    truth["series"]["demand"] = market.base * market.demand
    return SimulatedDataset(frame, mapping_of(plan.names, controls), truth)


def _truth(baseline: Array, channels: dict[str, _Channel], noise: Array) -> dict[str, Any]:
    effects = {name: channel.effect for name, channel in channels.items()}
    media, rest = float(sum(effect.sum() for effect in effects.values())), float(baseline.sum())
    return {
        "baseline": rest,
        "media_share": media / (media + rest),
        "channels": {name: channel.truth() for name, channel in channels.items()},
        "series": {"baseline": baseline, "channels": effects, "noise": noise},
    }


def _market(recipe: Recipe, rng: np.random.Generator) -> _Market:
    first = pd.Timestamp("2019-01-07") + pd.Timedelta(weeks=int(rng.integers(0, 104)))
    n_weeks = int(rng.integers(*recipe.weeks, endpoint=True))
    dates = pd.date_range(first, periods=n_weeks, freq="W-MON")
    base = round(float(np.exp(rng.uniform(np.log(300_000), np.log(3_000_000)))), -3)
    trend = rng.uniform(*recipe.line) * np.linspace(0, 1, n_weeks) + rng.uniform(*recipe.bend) * _bend(n_weeks, rng)
    demand = rng.uniform(*recipe.demand) * _wandering(n_weeks, rng.uniform(0.7, 0.9), rng)
    return _Market(dates, base, trend, _season(recipe, dates, rng), demand)


def _bend(n_weeks: int, rng: np.random.Generator) -> Array:
    """(T,) a curved trend with mean 0 whose highest and lowest values are 1 apart."""
    time = np.linspace(0, 1, n_weeks)
    middle, width = rng.uniform(0.25, 0.6), rng.uniform(0.06, 0.14)
    shapes = (
        np.convolve(np.cumsum(rng.standard_normal(n_weeks + _SMOOTH - 1)), np.hanning(_SMOOTH + 2)[1:-1], "valid"),
        1 / (1 + np.exp(-(time - middle) / width)),
        rng.uniform(0.3, 1) * time - np.exp(-0.5 * ((time - middle) / width) ** 2),
    )
    shape = shapes[rng.integers(len(shapes))]
    return (shape - shape.mean()) / np.ptp(shape)


def _season(recipe: Recipe, dates: pd.DatetimeIndex, rng: np.random.Generator) -> Array:
    """(T,) a yearly wave with a smaller one of half a year in it, and the peak before Christmas, as shares of base."""
    day = dates.day_of_year.to_numpy()
    angle = 2 * np.pi * (day / _DAYS_PER_YEAR - rng.uniform(0, 1))
    wave = np.cos(angle) + rng.uniform(0, 0.4) * np.cos(2 * angle + rng.uniform(0, 2 * np.pi))
    peak = np.exp(-0.5 * ((day - rng.uniform(328, 350)) / rng.uniform(8, 14)) ** 2)
    return rng.uniform(*recipe.wave) * wave + rng.uniform(*recipe.holiday) * peak


def _wandering(n_weeks: int, phi: float, rng: np.random.Generator) -> Array:
    """(T,) a first-order autoregression with mean 0 and standard deviation 1 over these weeks."""
    steps = rng.standard_normal(n_weeks + _BURN_IN)
    values = np.zeros_like(steps)
    for week in range(1, len(steps)):
        values[week] = phi * values[week - 1] + steps[week]
    return standardise(values[_BURN_IN:])


def _plan(recipe: Recipe, market: _Market, rng: np.random.Generator) -> _Plan:
    """Who spends when; channels that follow something are always on, and those planned together share one habit."""
    names = NAMES[: rng.integers(4, len(NAMES) + 1)]
    habits = [_habit(recipe, rng) for _ in names]
    together = sorted(int(i) for i in rng.permutation(len(names))[:3]) if any(recipe.together) else []
    following = list(range(rng.integers(1, 4))) if any(recipe.demand) else []
    tie = float(np.sqrt(rng.uniform(*recipe.together)))
    for i in together:
        habits[i] = replace(habits[together[0]], share_on=1.0, follows=tie)
    for i in following:
        habits[i] = replace(habits[i], share_on=1.0, follows=rng.uniform(0.5, 0.8))
    shared = standardise(market.demand) if following else _wandering(len(market.dates), 0.5, rng)
    patterns = np.column_stack([_pattern(habit, market, shared, rng) for habit in habits])
    return _Plan(names, patterns, tuple(names[i] for i in together), tuple(names[i] for i in following))


def _habit(recipe: Recipe, rng: np.random.Generator) -> _Habit:
    return _Habit(
        share_on=1.0 if rng.random() < 0.5 else rng.uniform(0.25, 0.8),
        spread=rng.uniform(0.2, 0.5),
        pull=rng.uniform(*recipe.pull),
        growth=rng.uniform(*recipe.growth),
    )


def _pattern(habit: _Habit, market: _Market, shared: Array, rng: np.random.Generator) -> Array:
    """(T,) spend per week with mean 1."""
    n_weeks, level = len(market.dates), 1 + market.trend
    own = _wandering(n_weeks, rng.uniform(0, 0.6), rng)
    if habit.follows:  # by what it is meant to, also in a short series
        own = standardise(own - (own * shared).mean() * shared)
    moves = np.exp(habit.spread * (habit.follows * shared + np.sqrt(1 - habit.follows**2) * own))
    season = 1 + habit.pull * market.season / np.abs(market.season).max()
    pattern = bursts(habit.share_on, n_weeks, rng) * moves * season * (level / level.mean()) ** habit.growth
    return pattern / pattern.mean()


def _controls(market: _Market, rng: np.random.Generator) -> tuple[tuple[Control, ...], Array]:
    """1 to 3 controls (1 or 2 where a fourth may join them) and their values (T, K)."""
    n_controls = rng.integers(1, 3 if market.demand.any() else 4)
    chosen = [list(_CONTROLS.items())[i] for i in sorted(rng.permutation(len(_CONTROLS))[:n_controls])]
    controls = tuple(Control(name, kind, market.base * rng.uniform(*effect)) for name, (kind, effect) in chosen)
    return controls, np.column_stack([driver(control, len(market.dates), rng) for control in controls])


def _proxy(recipe: Recipe, market: _Market, rng: np.random.Generator) -> Array:
    """(T,) an index around 100 that shows demand with the error of a measurement."""
    correlation = rng.uniform(*recipe.proxy)
    error = rng.standard_normal(len(market.dates))
    return (100 + 10 * (correlation * standardise(market.demand) + np.sqrt(1 - correlation**2) * error)).round(1)


def _channels(recipe: Recipe, plan: _Plan, baseline: float, rng: np.random.Generator) -> list[_Channel]:
    """Budgets that give media their share of the outcome, the rest being `baseline` in money, and what they bring."""
    n = len(plan.names)
    weak = rng.random(n) < 1 / 7
    usual = np.exp(np.clip(rng.normal(np.log(1.7), 0.6, n), np.log(0.5), np.log(6)))
    roas = np.where(weak, rng.uniform(0.2, 0.4, n), usual)
    budgets = np.sqrt(roas) * np.exp(0.8 * np.clip(rng.standard_normal(n), -2, 2))  # plans know returns a little
    share = rng.uniform(*MEDIA_SHARE)
    money = budgets * share / (1 - share) * baseline / float(roas @ budgets)
    spend = (plan.patterns * money / len(plan.patterns)).round(0)
    late = rng.permutation(n) < int(recipe.late * n)
    return [_channel(recipe, float(roas[i]), spend[:, i], bool(late[i]), rng) for i in range(n)]


def _channel(recipe: Recipe, roas: float, spend: Array, late: bool, rng: np.random.Generator) -> _Channel:
    weights = _weights(recipe, late, rng)
    adstocked = carry_over(spend / spend.max(), weights[None])[0]
    curve, params = _curve(recipe, float(np.sqrt((adstocked**2).mean())), rng)
    response = saturate(curve, {name: np.array(value) for name, value in params.items()}, adstocked)
    return _Channel(roas, spend, roas * spend.sum() * response / response.sum(), weights, curve, params)


def _weights(recipe: Recipe, late: bool, rng: np.random.Generator) -> Array:
    """(L,) lag weights that sum to 1."""
    if not late:
        return geometric_weights(np.array([min(rng.beta(2, 2.5), 0.85)]), recipe.lags)[0]
    distance = np.arange(recipe.lags) - rng.integers(*recipe.peak, endpoint=True)
    weights = rng.uniform(0.3, 0.75) ** (distance**2)
    return weights / weights.sum()


def _curve(recipe: Recipe, typical: float, rng: np.random.Generator) -> tuple[str, dict[str, float]]:
    """A saturation of `domain.curves.saturate` with its parameters; `typical` is the usual adstock ÷ highest spend."""
    logistic = recipe.curve == "logistic" or (recipe.curve == "mixed" and rng.random() < 0.5)
    if logistic:
        return "logistic", {"lam": float(np.exp(rng.uniform(0, np.log(5))))}
    slope = rng.uniform(1, 2.5 if recipe.curve == "hill" else 1.5)
    return "hill", {"slope": slope, "kappa": typical * rng.uniform(0.5, 2)}
