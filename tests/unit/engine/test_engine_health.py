"""The named checks: their limits, and evidence that names what it is about."""

from dataclasses import replace

import numpy as np
import pytest

from mixmodel_app.domain.results import ChannelResult, Estimate, HealthStatus, Parameter
from mixmodel_app.engine.health import (
    check_baseline,
    check_convergence,
    check_divergences,
    check_effective_draws,
    check_fit,
    check_residuals,
    check_returns,
)
from mixmodel_app.engine.types import SamplerReport

GOOD, CHECK, BAD = HealthStatus.GOOD, HealthStatus.CHECK, HealthStatus.DO_NOT_USE
FINE = Parameter("sigma", None, 0.1, 0.01, 0.08, 0.12, rhat=1.001, ess_bulk=900, ess_tail=800, samples=[])


@pytest.mark.parametrize(("rhat", "status"), [(1.0, GOOD), (1.0099, GOOD), (1.01, CHECK), (1.05, CHECK), (1.051, BAD)])
def test_convergence_limits(rhat: float, status: HealthStatus) -> None:
    assert check_convergence([FINE, replace(FINE, rhat=rhat)]).status is status


def test_convergence_names_parameter_and_channel() -> None:
    odd = replace(FINE, name="adstock_alpha[TV]", channel="TV", rhat=1.2)
    evidence = check_convergence([FINE, odd]).evidence
    assert "the carryover (adstock_alpha) of TV" in evidence
    assert "1.200" in evidence


@pytest.mark.parametrize(("ess", "status"), [(400, GOOD), (399, CHECK), (100, CHECK), (99, BAD)])
def test_effective_draws_take_the_smaller_of_bulk_and_tail(ess: float, status: HealthStatus) -> None:
    assert check_effective_draws([replace(FINE, ess_tail=ess)]).status is status
    assert check_effective_draws([replace(FINE, ess_bulk=ess)]).status is status


@pytest.mark.parametrize(("count", "status"), [(0, GOOD), (1, CHECK), (40, CHECK), (41, BAD)])
def test_divergence_limits(count: int, status: HealthStatus) -> None:
    check = check_divergences(SamplerReport(divergences=count, transitions=4000, n_chains=2, seconds=1.0))
    assert check.status is status
    assert "4,000" in check.evidence


@pytest.mark.parametrize(("r2", "status"), [(0.9, GOOD), (0.5, GOOD), (0.49, CHECK), (-0.1, BAD)])
def test_fit_limits(r2: float, status: HealthStatus) -> None:
    assert check_fit(r2, "revenue").status is status


@pytest.mark.parametrize(("share", "status"), [(0.0, GOOD), (0.2, GOOD), (0.3, CHECK), (0.9, BAD)])
def test_baseline_limits(share: float, status: HealthStatus) -> None:
    draws = np.where(np.arange(100) < 100 * share, -1.0, 1.0)
    check = check_baseline(draws)
    assert check.status is status
    assert f"{100 * (1 - share):.0f} %" in check.evidence


def channel(name: str, roas: float) -> ChannelResult:
    figure = Estimate(roas, roas, roas, roas, roas, roas)
    return ChannelResult(
        column=name, name=name, spend=1.0, share_of_spend=0.5, share_of_effect=0.5, contribution=figure, roas=figure,
        marginal_roas=figure, probability_pays_back=1.0, saturation=None, adstock=None,  # pyright: ignore[reportArgumentType]
    )  # fmt: skip


def test_a_return_out_of_proportion_is_named() -> None:
    blended = Estimate(2, 2, 2, 2, 2, 2)
    check = check_returns([channel("TV", 1.5), channel("Search", 45.0)], blended)
    assert check.status is CHECK
    assert "Search (45.00)" in check.evidence
    assert "TV" not in check.evidence
    assert check_returns([channel("TV", 1.5)], blended).status is GOOD


def test_residuals_that_move_together_are_found() -> None:
    rng = np.random.default_rng(0)
    assert check_residuals(rng.standard_normal(200), "week").status is GOOD
    assert check_residuals(np.sin(np.arange(200) / 10), "week").status is CHECK
