"""What an analyst audits a fit with, reduced from the draws while they are at hand."""

import numpy as np
from scipy import stats

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
from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.estimates import band, estimate
from mixmodel_app.engine.expected import expected, media_effects, thinned
from mixmodel_app.engine.loo import leave_one_out, log_density
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.prior_draws import prior_draws
from mixmodel_app.engine.types import ParameterDraws, SamplerReport

RANK_BINS = 20
_PRIOR_DRAWS, _PRIOR_SHOWN = 1000, 100
_DRAWS, _NUMBERS, _FEWEST = 1000, 500_000, 250
_ENERGY_BINS, _OUTCOME_BINS = 30, 20
_PAIRS, _NAMES = 20, 12
_SEED = 2024
_NO_TAIL = -1.0  # stands for a tail that hardly varies, whose shape is −∞, which JSON cannot carry


def audit(posterior: Posterior, sampler: SamplerReport) -> Audit:
    """Reduce a finished fit."""
    leave_out, predictive = _checks_of_fit(posterior)
    return Audit(
        parameters=_parameters(posterior),
        divergent=list(sampler.divergent),
        energy=energy_audit(sampler.energy) if sampler.energy.size else None,
        loo=leave_out,
        predictive=predictive,
        correlations=correlations(posterior.parameters),
    )


def _parameters(posterior: Posterior) -> list[ParameterAudit]:
    prior = {
        each.name: each.values.ravel()
        for each in prior_draws(posterior.spec, _PRIOR_DRAWS, _SEED).parameters.parameters
    }
    return [ParameterAudit(each.name, shown(prior[each.name]), ranks(each.values)) for each in posterior.parameters]


def shown(draws: Array) -> list[float]:
    """Equally likely values of draws (S,), four digits each: more than a pixel."""
    values = np.quantile(draws, (np.arange(_PRIOR_SHOWN) + 0.5) / _PRIOR_SHOWN)
    return [float(f"{value:.4g}") for value in values]


def ranks(values: Array) -> list[list[int]]:
    """(chain, bin) counts of the ranks over all chains, from draws (chain, draw)."""
    ranked = stats.rankdata(values).reshape(values.shape)
    edges = np.linspace(0.5, values.size + 0.5, RANK_BINS + 1)
    return [np.histogram(chain, edges)[0].tolist() for chain in ranked]


def e_bfmi(energy: Array) -> Array:
    """(chain,) mean squared change of the energy (chain, draw) ÷ its variance; 0 where it never changes."""
    spread = energy.var(axis=1)
    moves = (np.diff(energy, axis=1) ** 2).mean(axis=1)
    return moves / np.where(spread > 0, spread, np.inf)


def energy_audit(energy: Array) -> EnergyAudit:
    """From the energy (chain, draw)."""
    marginal = (energy - energy.mean(axis=1, keepdims=True)).ravel()
    transition = np.diff(energy, axis=1).ravel()
    edges = np.histogram_bin_edges(np.concatenate([marginal, transition]), _ENERGY_BINS)
    return EnergyAudit(
        edges=edges.tolist(),
        marginal=np.histogram(marginal, edges)[0].tolist(),
        transition=np.histogram(transition, edges)[0].tolist(),
        e_bfmi=e_bfmi(energy).tolist(),
    )


def _checks_of_fit(posterior: Posterior) -> tuple[LooAudit, PredictiveAudit]:
    """Leave-one-out and predictive check from the same draws: up to 1,000, fewer for long series."""
    data = posterior.spec.data
    draws = thinned(posterior.model_draws(), max(min(_DRAWS, _NUMBERS // data.n_periods), _FEWEST))
    mean = expected(draws, [drivers.block for drivers in posterior.spec.drivers], media_effects(draws, data))
    found = leave_one_out(log_density(data.target / data.target_scale, mean, draws.sigma))
    leave_out = LooAudit(
        elpd=found.elpd_loo - data.n_periods * float(np.log(data.target_scale)),
        standard_error=found.standard_error,
        p_loo=found.p_loo,
        pareto_k=np.maximum(found.pareto_k, _NO_TAIL).tolist(),
    )
    noise = np.random.default_rng(_SEED).standard_normal(mean.shape)
    return leave_out, predictive_audit(data.target, data.target_scale * (mean + draws.sigma[:, None] * noise))


def predictive_audit(actual: Array, replicated: Array) -> PredictiveAudit:
    """From the outcome (T,) and made-up ones (S, T). What lies outside the bins counts in the outermost."""
    low, high = np.quantile(replicated, (0.001, 0.999))
    edges = np.histogram_bin_edges([min(low, actual.min()), max(high, actual.max())], _OUTCOME_BINS)
    held = np.clip(replicated, edges[0], edges[-1])
    counts = np.stack([np.histogram(row, edges)[0] for row in held]).astype(float)
    return PredictiveAudit(
        edges=edges.tolist(),
        actual=np.histogram(actual, edges)[0].tolist(),
        replicated=band(counts),
        statistics=[_statistic(name, actual, replicated) for name in _STATISTICS],
    )


def _lag_one(values: Array) -> Array:
    """Autocorrelation at lag 1 along the last axis; 0 where nothing varies."""
    centred = values - values.mean(axis=-1, keepdims=True)
    power = (centred**2).sum(axis=-1)
    return (centred[..., 1:] * centred[..., :-1]).sum(axis=-1) / np.where(power > 0, power, np.inf)


_STATISTICS = {
    "Mean": lambda values: values.mean(axis=-1),
    "Standard deviation": lambda values: values.std(axis=-1),
    "Lowest value": lambda values: values.min(axis=-1),
    "Highest value": lambda values: values.max(axis=-1),
    "Autocorrelation": _lag_one,
}


def _statistic(name: str, actual: Array, replicated: Array) -> Statistic:
    value, made_up = float(_STATISTICS[name](actual)), np.asarray(_STATISTICS[name](replicated))
    return Statistic(name, value, estimate(made_up), float((made_up >= value).mean()))


def correlations(parameters: list[ParameterDraws]) -> CorrelationAudit:
    """The largest correlations of the draws, and the matrix of the parameters in them, twelve at most."""
    draws = np.stack([each.values.ravel() for each in parameters])
    moving = draws.std(axis=1) > 0
    matrix = np.zeros((len(draws), len(draws)))
    matrix[np.ix_(moving, moving)] = np.corrcoef(draws[moving])
    rows, columns = np.triu_indices(len(draws), 1)
    largest = np.argsort(-np.abs(matrix[rows, columns]), kind="stable")[:_PAIRS]
    pairs = [(int(rows[at]), int(columns[at])) for at in largest]
    chosen = sorted(list(dict.fromkeys(index for pair in pairs for index in pair))[:_NAMES])
    return CorrelationAudit(
        names=[parameters[index].name for index in chosen],
        matrix=[[1.0 if a == b else float(matrix[a, b]) for b in chosen] for a in chosen],
        pairs=[Pair(parameters[a].name, parameters[b].name, float(matrix[a, b])) for a, b in pairs],
    )
