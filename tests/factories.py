"""Realistic domain objects for tests: a small simulated posterior, reduced the way a fit is."""

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mixmodel_app.domain.audit import (
    Audit,
    CorrelationAudit,
    EnergyAudit,
    LooAudit,
    Pair,
    ParameterAudit,
    PredictiveAudit,
    Statistic,
)
from mixmodel_app.domain.budget import BudgetPlan
from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.estimates import HDI_PROB
from mixmodel_app.domain.headroom import Headroom
from mixmodel_app.domain.results import (
    RESULTS_VERSION,
    AdstockCurve,
    Band,
    ChannelResult,
    Decomposition,
    Estimate,
    Fit,
    HealthCheck,
    HealthStatus,
    LearnedFrom,
    Learning,
    ModelResults,
    Parameter,
    SaturationCurve,
)

Array = NDArray[np.float64]

CHANNEL_NAMES = (
    *("TV", "Search", "Social", "Radio", "Out of home", "Print"),
    *("Display", "Video", "Affiliate", "Podcast", "Cinema", "Email"),
)
N_DRAWS = 200
N_LAGS = 8
_TRUE_RETURNS = (1.3, 3.1, 1.9, 0.8, 1.1, 0.5, 1.6, 2.2, 2.7, 1.0, 0.7, 3.5)


def make_results(
    n_channels: int = 6,
    n_periods: int = 104,
    seed: int = 0,
    *,
    names: tuple[str, ...] | None = None,
    no_spend: tuple[int, ...] = (),
    health: HealthStatus = HealthStatus.GOOD,
    target: str = "revenue",
    outcome: OutcomeKind = OutcomeKind.MONEY,
) -> ModelResults:
    """Results whose numbers hang together: components add up to the fitted mean, effects follow from draws.

    Args:
        names: channel names in colour order; `n_channels` is then their number.
        no_spend: indices of channels without spend, whose returns are not estimated.
        health: the verdict that the checks lead to.
    """
    rng = np.random.default_rng(seed)
    names = names or CHANNEL_NAMES[:n_channels]
    media = [_Channel(rng, name, i, n_periods, has_spend=i not in no_spend) for i, name in enumerate(names)]
    total_spend = sum(float(channel.spend.sum()) for channel in media)
    total_effect = np.sum([channel.effect.sum(axis=1) for channel in media], axis=0)
    channels = [channel.result(total_spend, float(total_effect.mean())) for channel in media]
    dates = [str(day) for day in np.datetime64("2024-01-01") + 7 * np.arange(n_periods)]
    decomposition, actual = _decomposition(rng, media, n_periods)
    fit = _fit(rng, dates, actual, decomposition)
    parameters = _parameters(rng, names, health)
    return ModelResults(
        version=RESULTS_VERSION,
        engine="pymc",
        engine_versions={"pymc-marketing": "1.3.0"},
        data_digest="0" * 64,
        target=target,
        frequency="weekly",
        n_periods=n_periods,
        date_start=dates[0],
        date_end=dates[-1],
        total_spend=total_spend,
        total_target=float(actual.sum()),
        blended_roas=estimate(total_effect / total_spend) if total_spend else None,
        channels=channels,
        decomposition=decomposition,
        fit=fit,
        parameters=parameters,
        divergences=0 if health is HealthStatus.GOOD else 7,
        n_draws=500,
        n_chains=2,
        health=_health(health),
        fit_seconds=42.0,
        audit=_audit(np.random.default_rng(seed), parameters, actual),
        outcome=outcome,
    )


def make_plan(results: ModelResults, weeks: int = 52, *, shift: float = 0.3) -> BudgetPlan:
    """A plan that moves up to `shift` of the lower half's money to the upper half, by marginal return."""
    spend = {channel.name: channel.spend / results.n_periods * weeks for channel in results.channels}
    marginal = {c.name: c.marginal_roas.median for c in results.channels if c.marginal_roas is not None}
    ranked = sorted(marginal, key=lambda name: marginal[name])
    payers = ranked[: len(ranked) // 2]
    gainers = ranked[len(ranked) - len(payers) :]
    freed = {name: shift * spend[name] for name in payers}
    optimized = {name: spend[name] - freed.get(name, 0.0) for name in spend}
    for name in gainers:
        optimized[name] += sum(freed.values()) / len(gainers)
    gain = sum((optimized[name] - spend[name]) * marginal[name] * 0.8 for name in marginal)
    total = sum(spend.values())
    revenue = total * (results.blended_roas.median if results.blended_roas else 0.0)
    return BudgetPlan(
        weeks=weeks,
        total_budget=total,
        optimized_allocation=optimized,
        current_allocation=spend,
        current_spend=spend,
        predicted_revenue=revenue + gain,
        predicted_revenue_hdi=(0.8 * (revenue + gain), 1.2 * (revenue + gain)),
        predicted_roas=(revenue + gain) / total if total else 0.0,
        current_revenue=revenue,
        current_revenue_hdi=(0.8 * revenue, 1.2 * revenue),
        gain=gain,
        gain_hdi=(-0.2 * gain, 2.1 * gain),
        probability_better=0.83,
        marginal_roas=dict.fromkeys(marginal, 1.2),
        current_marginal_roas=marginal,
        extrapolated=gainers[-1:],
    )


def without_returns(results: ModelResults, *names: str) -> ModelResults:
    """The same results with these channels' returns not estimated."""
    channels = [
        replace(channel, roas=None, marginal_roas=None, probability_pays_back=None, saturation=None)
        if channel.name in names
        else channel
        for channel in results.channels
    ]
    return replace(results, channels=channels)


def with_learning(results: ModelResults, *assumed: str) -> ModelResults:
    """The same results, where the returns of these channels are mostly assumption and all others were learned."""
    channels = [
        replace(channel, learning=_learning(channel, channel.name in assumed)) if channel.roas else channel
        for channel in results.channels
    ]
    return replace(results, channels=channels)


def _learning(channel: ChannelResult, assumed: bool) -> Learning:
    draws = np.random.default_rng(3).lognormal(0.3, 0.9, N_DRAWS)
    if assumed:
        evidence = f"The range of {channel.name} is nearly what was assumed before seeing any data."
        return Learning(LearnedFrom.ASSUMPTION, estimate(draws), 0.04, 0.2, evidence)
    return Learning(LearnedFrom.DATA, estimate(draws), 0.8, 0.01, f"The data narrowed the return of {channel.name}.")


def estimate(draws: Array) -> Estimate:
    """Median, mean and highest-density intervals of draws (S,)."""
    return Estimate(median=float(np.median(draws)), mean=float(draws.mean()), **_ends(draws))


def band(draws: Array) -> Band:
    """The same for each column of draws (S, T)."""
    points = [estimate(column) for column in draws.T]
    keys = ("median", *_ends(draws[:, 0]))
    return Band(**{key: [getattr(point, key) for point in points] for key in keys})


def _ends(draws: Array) -> dict[str, float]:
    """Both ends of the interval of every level, by the names that results give them."""
    levels = {"": HDI_PROB, "50": 0.5, "80": 0.8, "90": 0.9}
    return {
        f"{end}{name}": value
        for name, level in levels.items()
        for end, value in zip(("lo", "hi"), _hdi(draws, level), strict=True)
    }


def _hdi(draws: Array, prob: float) -> tuple[float, float]:
    ordered = np.sort(draws)
    inside = int(np.ceil(prob * len(ordered)))
    widths = ordered[inside - 1 :] - ordered[: len(ordered) - inside + 1]
    first = int(np.argmin(widths))
    return float(ordered[first]), float(ordered[first + inside - 1])


class _Channel:
    """One simulated channel: geometric carryover, logistic saturation, draws around a true return."""

    def __init__(self, rng: np.random.Generator, name: str, index: int, n_periods: int, *, has_spend: bool) -> None:
        self.name, self.index, self.rng = name, index, np.random.default_rng(index)
        level = 40_000 / (1 + index)
        self.spend = rng.gamma(3.0, level / 3, n_periods) * (rng.random(n_periods) > 0.1) * has_spend
        retention = np.clip(rng.normal(0.3 + 0.05 * (index % 6), 0.06, N_DRAWS), 0.05, 0.9)
        weights = retention[:, None] ** np.arange(N_LAGS)
        self.weights: Array = weights / weights.sum(axis=1, keepdims=True)
        self.scale = max(float(self.spend.max()), 1.0)
        self.lam = rng.gamma(20, 2.5 / 20, N_DRAWS)
        self.height = self._height(rng)
        self.effect = self._response(self._adstocked())

    def _adstocked(self) -> Array:
        padded = np.concatenate([np.zeros(N_LAGS - 1), self.spend])
        windows = np.lib.stride_tricks.sliding_window_view(padded, N_LAGS)[:, ::-1]
        return self.weights @ windows.T

    def _height(self, rng: np.random.Generator) -> Array:
        if not self.spend.any():
            return np.zeros(N_DRAWS)
        unit = np.tanh(self.lam[:, None] * self._adstocked() / self.scale / 2).sum(axis=1)
        spread = 0.12 + 0.05 * (self.index % 4)
        returns = _TRUE_RETURNS[self.index % len(_TRUE_RETURNS)] * rng.lognormal(0, spread, N_DRAWS)
        return returns * self.spend.sum() / unit

    def _response(self, spend: Array) -> Array:
        return self.height[:, None] * np.tanh(self.lam[:, None] * spend / self.scale / 2)

    def result(self, total_spend: float, total_effect: float) -> ChannelResult:
        spend, effect = float(self.spend.sum()), self.effect.sum(axis=1)
        roas = effect / spend if spend else None
        more = self._response(self._adstocked() * 1.01).sum(axis=1)
        return ChannelResult(
            column=f"{self.name.lower()}_spend",
            name=self.name,
            spend=spend,
            share_of_spend=spend / total_spend if total_spend else 0.0,
            share_of_effect=float(effect.mean()) / total_effect if total_effect else 0.0,
            contribution=estimate(effect),
            roas=None if roas is None else estimate(roas),
            marginal_roas=estimate((more - effect) / (0.01 * spend)) if spend else None,
            probability_pays_back=None if roas is None else float((roas > 1).mean()),
            saturation=self._curve() if spend else None,
            adstock=self._carryover(),
            headroom=self._headroom() if spend else None,
        )

    def _headroom(self) -> Headroom:
        """Room that grows with the channel's return; that of the last channels leads outside observed spend."""
        mean = float(self.spend.mean())
        most, true = 4 * mean, _TRUE_RETURNS[self.index % len(_TRUE_RETURNS)]
        room = np.clip(mean * (true - 1.2 + 0.3 * self.rng.standard_normal(N_DRAWS)), -mean, most)
        return Headroom(1.0, mean, estimate(room), float((room >= most).mean()), self.index > 3)

    def _curve(self) -> SaturationCurve:
        grid = np.linspace(0, 1.5 * self.spend.max(), 40)
        response = self._response(np.broadcast_to(grid, (N_DRAWS, 40)))
        return SaturationCurve(grid.tolist(), band(response), float(self.spend[-26:].mean()), float(self.spend.max()))

    def _carryover(self) -> AdstockCurve:
        half_life = np.log(0.5) / np.log(self.weights[:, 1] / self.weights[:, 0])
        return AdstockCurve(list(range(N_LAGS)), band(self.weights), estimate(half_life))


def _decomposition(rng: np.random.Generator, media: list[_Channel], n_periods: int) -> tuple[Decomposition, Array]:
    time = np.arange(n_periods)
    channels = {channel.name: channel.effect.mean(axis=0) for channel in media}
    level = max(3.0 * sum(float(series.mean()) for series in channels.values()), 1_000.0)
    trend = 0.15 * level * (time / n_periods - 0.5)
    season = 0.12 * level * np.sin(2 * np.pi * time / 52)
    controls = {"price": 0.04 * level * rng.standard_normal(n_periods), "holiday": 0.1 * level * (time % 26 == 0)}
    noise = 0.03 * level * rng.standard_normal(n_periods)
    fitted = level + trend + season + sum(controls.values()) + sum(channels.values())
    parts = Decomposition(
        intercept=[level] * n_periods,
        trend=trend.tolist(),
        seasonality=season.tolist(),
        controls={name: series.tolist() for name, series in controls.items()},
        channels={name: series.tolist() for name, series in channels.items()},
        unexplained=noise.tolist(),
    )
    return parts, fitted + noise


def _fit(rng: np.random.Generator, dates: list[str], actual: Array, parts: Decomposition) -> Fit:
    residuals = np.array(parts.unexplained)
    mean = actual - residuals
    draws = mean + residuals.std() * rng.standard_normal((N_DRAWS, len(mean)))
    return Fit(
        dates=dates,
        actual=actual.tolist(),
        mean=mean.tolist(),
        predicted=band(draws),
        residuals=residuals.tolist(),
        r2=float(1 - residuals.var() / actual.var()),
        mape=float(np.mean(np.abs(residuals / actual))),
    )


def _parameters(rng: np.random.Generator, names: tuple[str, ...], health: HealthStatus) -> list[Parameter]:
    worst = {HealthStatus.GOOD: 1.004, HealthStatus.CHECK: 1.03, HealthStatus.DO_NOT_USE: 1.4}[health]
    wanted: list[tuple[str, str | None]] = [("intercept", None), ("y_sigma", None)]
    wanted += [(kind, name) for kind in ("adstock_alpha", "saturation_lam", "saturation_beta") for name in names]
    return [_parameter(rng, kind, name, worst if i == 3 else 1.002) for i, (kind, name) in enumerate(wanted)]


def _parameter(rng: np.random.Generator, kind: str, channel: str | None, rhat: float) -> Parameter:
    draws = rng.beta(3, 5, 200) if kind == "adstock_alpha" else rng.gamma(9, 0.1, 200)
    return Parameter(
        name=f"{kind}[{channel}]" if channel else kind,
        channel=channel,
        mean=float(draws.mean()),
        std=float(draws.std()),
        **_ends(draws),
        rhat=rhat,
        ess_bulk=float(rng.uniform(600, 1000)) / rhat**4,
        ess_tail=float(rng.uniform(500, 900)) / rhat**4,
        samples=draws.tolist(),
    )


def _audit(rng: np.random.Generator, parameters: list[Parameter], actual: Array) -> Audit:
    """Two chains that agree, a normal energy, and an outcome made up around its own figures."""
    names = [parameter.name for parameter in parameters[:12]]
    matrix = np.corrcoef(rng.standard_normal((len(names), 30)))
    pairs = [Pair(a, b, float(matrix[i, i + 1])) for i, (a, b) in enumerate(itertools.pairwise(names))]
    made_up = actual.mean() + actual.std() * rng.standard_normal((N_DRAWS, len(actual)))
    edges = np.histogram_bin_edges(np.concatenate([actual, made_up.ravel()]), 20)
    energy = np.linspace(-10, 10, 21)
    return Audit(
        parameters=[
            ParameterAudit(
                each.name, np.sort(rng.normal(0, 3, 100)).tolist(), rng.multinomial(250, [0.05] * 20, 2).tolist()
            )
            for each in parameters
        ],
        divergent=[0, 0],
        energy=EnergyAudit(energy.tolist(), [25] * 20, [24] * 20, [0.9, 1.1]),
        loo=LooAudit(-1500.0, 12.0, 14.5, rng.uniform(-0.1, 0.75, len(actual)).tolist()),
        predictive=PredictiveAudit(
            edges.tolist(),
            np.histogram(actual, edges)[0].tolist(),
            band(np.stack([np.histogram(row, edges)[0] for row in made_up]).astype(float)),
            [
                Statistic("Mean", float(actual.mean()), estimate(made_up.mean(axis=1)), 0.5),
                Statistic("Highest", float(actual.max()), estimate(made_up.max(axis=1)), 0.01),
                Statistic("Autocorrelation", 0.3, estimate(rng.normal(0, 0.1, N_DRAWS)), 0.2),
            ],
        ),
        correlations=CorrelationAudit(names, matrix.tolist(), pairs),
    )


def without_audit(results: ModelResults) -> ModelResults:
    """As a version stored them that kept no audit and no headroom."""
    channels = [replace(channel, headroom=None, learning=None) for channel in results.channels]
    return replace(results, version=1, channels=channels, audit=None)


def _health(verdict: HealthStatus) -> list[HealthCheck]:
    evidence = {
        HealthStatus.GOOD: "the largest R-hat is 1.004",
        HealthStatus.CHECK: "the largest R-hat is 1.030",
        HealthStatus.DO_NOT_USE: "the largest R-hat is 1.400",
    }[verdict]
    return [
        HealthCheck("convergence", "Chains agree", verdict, evidence),
        HealthCheck("fit", "Fit to the data", HealthStatus.GOOD, "R² is 0.93"),
    ]
