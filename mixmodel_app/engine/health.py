"""The named checks on a finished model, each with its verdict and its evidence in plain words."""

from collections.abc import Callable

import numpy as np

from mixmodel_app.domain.results import ChannelResult, Estimate, HealthCheck, HealthStatus, Parameter
from mixmodel_app.engine.summarise import Summary
from mixmodel_app.engine.types import PreparedData, SamplerReport
from mixmodel_app.wording import numbers

RHAT_GOOD, RHAT_LIMIT = 1.01, 1.05
ESS_GOOD, ESS_LIMIT = 400, 100
DIVERGENT_LIMIT = 0.01
R2_GOOD = 0.5
NEGATIVE_BASELINE_CHECK, NEGATIVE_BASELINE_LIMIT = 0.2, 0.8
ROAS_LIMIT, ROAS_MULTIPLE = 20, 10
AUTOCORRELATION_LIMIT = 0.3

_GOOD, _CHECK, _BAD = HealthStatus.GOOD, HealthStatus.CHECK, HealthStatus.DO_NOT_USE


def health_checks(
    data: PreparedData,
    parameters: list[Parameter],
    sampler: SamplerReport,
    summary: Summary,
    channels: list[ChannelResult],
    blended: Estimate | None,
) -> list[HealthCheck]:
    """Every check in the order in which people should read them; the verdict on a model is the worst of them."""
    checks = [
        check_convergence(parameters),
        check_effective_draws(parameters),
        check_divergences(sampler),
        check_fit(summary.fit.r2, data.mapping.target_column),
        check_baseline(summary.baseline_total),
        check_returns(channels, blended),
        check_residuals(np.array(summary.fit.residuals), data.frequency.period),
    ]
    return [*checks, check_repairs(data.notes)] if data.notes else checks


def check_convergence(parameters: list[Parameter]) -> HealthCheck:
    """R-hat: good below 1.01, to be checked up to 1.05."""
    worst = max(parameters, key=lambda p: p.rhat)
    status = _grade(worst.rhat, lambda v: v < RHAT_GOOD, lambda v: v <= RHAT_LIMIT)
    words = {
        _GOOD: "The chains agree",
        _CHECK: "The chains agree, but not closely",
        _BAD: "The chains found different answers",
    }
    evidence = f"{words[status]}: the largest R-hat is {worst.rhat:.3f}, of {_place(worst)} (good below {RHAT_GOOD})."
    if status is _BAD:
        evidence += " Fit again with more tuning steps or fewer channels."
    return HealthCheck("convergence", "Convergence", status, evidence)


def check_effective_draws(parameters: list[Parameter]) -> HealthCheck:
    """Effective sample size, bulk and tail: good from 400, unusable below 100."""
    worst = min(parameters, key=_smaller_ess)
    least = _smaller_ess(worst)
    status = _grade(least, lambda v: v >= ESS_GOOD, lambda v: v >= ESS_LIMIT)
    evidence = f"The fewest effective draws are {least:.0f}, of {_place(worst)} (good from {ESS_GOOD})."
    if status is not _GOOD:
        evidence += " Ranges are rougher than they look; a fit with more draws makes them firm."
    return HealthCheck("effective_draws", "Effective draws", status, evidence)


def check_divergences(sampler: SamplerReport) -> HealthCheck:
    """Divergent transitions: none is good, above 1 % is unusable."""
    share = sampler.divergences / sampler.transitions
    status = _grade(share, lambda v: v == 0, lambda v: v <= DIVERGENT_LIMIT)
    count = f"{sampler.divergences:,} of {sampler.transitions:,} steps of the sampler diverged"
    count += f" ({numbers.percent(share)})"
    evidence = {
        _GOOD: f"None of {sampler.transitions:,} steps of the sampler diverged.",
        _CHECK: f"{count}: small parts of the answer may be missing.",
        _BAD: f"{count}: parts of the answer are missing. Fit again with a higher target acceptance.",
    }[status]
    return HealthCheck("divergences", "Divergences", status, evidence)


def check_fit(r2: float, target: str) -> HealthCheck:
    """R² of the fitted mean: good from 0.5, unusable below 0."""
    status = _grade(r2, lambda v: v >= R2_GOOD, lambda v: v >= 0)
    evidence = f"The model explains {numbers.percent(max(r2, 0))} of the movement of {target}."
    if status is not _GOOD:
        evidence += " Much of it comes from something that the data do not hold; look for missing controls."
    return HealthCheck("fit_quality", "Fit to the data", status, evidence)


def check_baseline(baseline_total: np.ndarray) -> HealthCheck:
    """Probability that sales without media would be negative over the whole period, which cannot be."""
    probability = float((baseline_total < 0).mean())
    status = _grade(probability, lambda v: v <= NEGATIVE_BASELINE_CHECK, lambda v: v <= NEGATIVE_BASELINE_LIMIT)
    evidence = f"Sales without media stay positive with a probability of {numbers.percent(1 - probability)}."
    if status is not _GOOD:
        evidence += " Media get credit that is not theirs; add controls such as price, season or holidays."
    return HealthCheck("baseline", "Baseline", status, evidence)


def check_returns(channels: list[ChannelResult], blended: Estimate | None) -> HealthCheck:
    """Channels whose return is above 20 or ten times the average of all."""
    rated = [(channel.name, channel.roas.median) for channel in channels if channel.roas]
    limit = min(ROAS_LIMIT, ROAS_MULTIPLE * blended.median) if blended else ROAS_LIMIT
    odd = [f"{name} ({numbers.roas(roas)})" for name, roas in rated if roas > limit]
    if not odd:
        return HealthCheck("returns", "Plausible returns", _GOOD, "No channel has a return out of all proportion.")
    average = f", while all channels together return {numbers.roas(blended.median)}" if blended else ""
    evidence = (
        f"The return per 1 spent of {' and '.join(odd)} is out of proportion{average}."
        " Such a channel often follows demand instead of causing it; an experiment would tell."
    )
    return HealthCheck("returns", "Plausible returns", _CHECK, evidence)


def check_residuals(residuals: np.ndarray, period: str) -> HealthCheck:
    """Correlation of each residual with the next."""
    centred = residuals - residuals.mean()
    spread = float((centred**2).sum())
    lag_one = float((centred[1:] * centred[:-1]).sum()) / spread if spread > 0 else 0.0
    status = _GOOD if abs(lag_one) <= AUTOCORRELATION_LIMIT else _CHECK
    written = numbers.plain(round(lag_one, 2))
    evidence = f"The correlation of what is left unexplained from one {period} to the next is {written}."
    if status is _CHECK:
        evidence += " Something that lasts is missing from the model, and the ranges may be too narrow."
    return HealthCheck("residuals", "What is left unexplained", status, evidence)


def check_repairs(notes: tuple[str, ...]) -> HealthCheck:
    """What had to be changed in the data before the fit."""
    return HealthCheck("data_repairs", "Repairs to the data", _CHECK, " ".join(notes))


def _grade(value: float, good: Callable[[float], bool], tolerable: Callable[[float], bool]) -> HealthStatus:
    return _GOOD if good(value) else _CHECK if tolerable(value) else _BAD


def _smaller_ess(parameter: Parameter) -> float:
    return min(parameter.ess_bulk, parameter.ess_tail)


def _place(parameter: Parameter) -> str:
    """A parameter in words, such as "the carryover (adstock_alpha) of TV"."""
    base, _, inside = parameter.name.partition("[")
    word = _WORDS.get(base, "the parameter")
    owner = parameter.channel or inside.rstrip("]")
    return f"{word} ({base}) of {owner}" if owner else f"{word} ({base})"


_WORDS = {
    "adstock_alpha": "the carryover",
    "adstock_lam": "the time scale of the carryover",
    "adstock_k": "the shape of the carryover",
    "saturation_lam": "the diminishing returns",
    "saturation_slope": "the steepness of the diminishing returns",
    "saturation_kappa": "the half-saturation point",
    "saturation_beta": "the height of the effect",
    "gamma_control": "the effect",
    "gamma_fourier": "the seasonal term",
    "intercept": "the baseline level",
    "trend": "the trend",
    "sigma": "the noise",
}
