"""The named checks on a finished model, each with its verdict and its evidence in plain words.

One function per check, one file per topic; docs/reading-health.md says how to read them, and `benchmarks/health.py`
what they find and what they find wrongly.
"""

import numpy as np

from mixmodel_app.domain.results import ChannelResult, Estimate, HealthCheck, Parameter
from mixmodel_app.engine.health.channels import check_collinear, check_influence
from mixmodel_app.engine.health.convergence import (
    check_convergence,
    check_divergences,
    check_effective_draws,
    check_energy,
)
from mixmodel_app.engine.health.fit import check_fit, check_predictive, check_repairs, check_residuals
from mixmodel_app.engine.health.fitted import Fitted
from mixmodel_app.engine.health.forecast import check_holdout
from mixmodel_app.engine.health.plausible import check_baseline, check_conflict, check_returns, media_share
from mixmodel_app.engine.health.structure import check_carryover, check_demand, check_season, check_trend
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.summarise import Summary
from mixmodel_app.engine.types import SamplerReport

STRUCTURAL = frozenset({"season", "trend", "carryover", "demand"})
"""Codes of the checks that hold the model against one with something more."""


def health_checks(
    posterior: Posterior,
    parameters: list[Parameter],
    sampler: SamplerReport,
    summary: Summary,
    channels: list[ChannelResult],
    blended: Estimate | None,
) -> list[HealthCheck]:
    """Every check in the order in which people should read them; the verdict on a model is the worst of them."""
    fitted = Fitted(posterior, channels)
    data = fitted.data
    checks = [
        check_convergence(parameters),
        check_effective_draws(parameters),
        check_divergences(sampler),
        *([check_energy(sampler.energy)] if sampler.energy.size else []),
        check_season(fitted),
        check_trend(fitted),
        check_carryover(fitted),
        check_demand(fitted),
        check_baseline(summary.baseline_total),
        check_returns(channels, blended, media_share(summary)),
        check_conflict(fitted),
        check_holdout(fitted.holdout, data.frequency.period),
        check_fit(summary.fit.r2, fitted.target),
        check_residuals(np.array(summary.fit.residuals), data.frequency.period),
        check_predictive(fitted),
        check_collinear(fitted),
        check_influence(fitted),
    ]
    return [*checks, check_repairs(data.notes)] if data.notes else checks


__all__ = ["STRUCTURAL", "health_checks"]
