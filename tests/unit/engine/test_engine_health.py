"""The checks of the sampler and of plausibility: their limits, and evidence that names what it is about."""

from dataclasses import replace

import numpy as np
import pytest

from mixmodel_app.domain.results import ChannelResult, Estimate, HealthStatus, Parameter
from mixmodel_app.engine.health.convergence import (
    check_convergence,
    check_divergences,
    check_effective_draws,
    check_energy,
)
from mixmodel_app.engine.health.fit import check_fit, check_repairs, check_residuals
from mixmodel_app.engine.health.plausible import check_baseline, check_returns, distance, log_moments, pooled_moments
from mixmodel_app.engine.priors import PriorSpec
from mixmodel_app.engine.spec import Pool
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


def test_an_r_hat_that_is_no_number_is_never_good() -> None:
    assert check_convergence([replace(FINE, rhat=float("nan"))]).status is BAD


@pytest.mark.parametrize(("ess", "status"), [(400, GOOD), (399, CHECK), (100, CHECK), (99, BAD)])
def test_effective_draws_take_the_smaller_of_bulk_and_tail(ess: float, status: HealthStatus) -> None:
    assert check_effective_draws([replace(FINE, ess_tail=ess)]).status is status
    assert check_effective_draws([replace(FINE, ess_bulk=ess)]).status is status


@pytest.mark.parametrize(("count", "status"), [(0, GOOD), (1, CHECK), (40, CHECK), (41, BAD)])
def test_divergence_limits(count: int, status: HealthStatus) -> None:
    check = check_divergences(SamplerReport(divergences=count, transitions=4000, n_chains=2, seconds=1.0))
    assert check.status is status
    assert "4,000" in check.evidence


def test_an_energy_that_jumps_is_good_and_one_that_creeps_in_any_chain_is_not() -> None:
    rng = np.random.default_rng(0)
    jumps = rng.standard_normal((2, 500))
    creeps = np.cumsum(rng.standard_normal(500))
    assert check_energy(jumps).status is GOOD
    assert check_energy(np.stack([jumps[0], creeps])).status is CHECK


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
    check = check_returns([channel("TV", 1.5), channel("Search", 45.0)], blended, share=0.2)
    assert check.status is CHECK
    assert "Search (45.00)" in check.evidence
    assert "TV" not in check.evidence
    assert check_returns([channel("TV", 1.5)], blended, share=0.2).status is GOOD


@pytest.mark.parametrize(("share", "status"), [(0.6, GOOD), (0.61, CHECK), (0.9, CHECK), (0.91, BAD)])
def test_media_cannot_be_nearly_everything(share: float, status: HealthStatus) -> None:
    assert check_returns([channel("TV", 1.5)], None, share).status is status


def test_residuals_that_move_together_are_found() -> None:
    rng = np.random.default_rng(0)
    assert check_residuals(rng.standard_normal(200), "week").status is GOOD
    assert check_residuals(np.sin(np.arange(200) / 10), "week").status is CHECK


def test_residuals_may_alternate_a_little_but_not_much() -> None:
    noise = np.random.default_rng(0).standard_normal(2001)
    assert check_residuals(noise[1:] - 0.4 * noise[:-1], "day").status is GOOD
    assert "moved, not made" in check_residuals(noise[1:] - noise[:-1] * 2.0 + np.tile([4, -4], 1000), "day").evidence


def test_residuals_without_any_movement_are_good() -> None:
    assert check_residuals(np.zeros(20), "week").status is GOOD


@pytest.mark.parametrize(
    ("prior", "sample"),
    [
        (PriorSpec("Gamma", {"alpha": 3.0, "beta": 2.0}), lambda rng, n: rng.gamma(3, 1 / 2, n)),
        (PriorSpec("Gamma", {"mu": 2.0, "sigma": 1.0}), lambda rng, n: rng.gamma(4, 1 / 2, n)),
        (PriorSpec("InverseGamma", {"alpha": 3.0, "beta": 2.0}), lambda rng, n: 1 / rng.gamma(3, 1 / 2, n)),
        (PriorSpec("HalfNormal", {"sigma": 1.5}), lambda rng, n: np.abs(rng.normal(0, 1.5, n))),
        (PriorSpec("Exponential", {"lam": 2.0}), lambda rng, n: rng.exponential(1 / 2, n)),
        (PriorSpec("LogNormal", {"mu": 0.3, "sigma": 0.7}), lambda rng, n: rng.lognormal(0.3, 0.7, n)),
    ],
    ids=["gamma", "gamma by mean", "inverse gamma", "half normal", "exponential", "log normal"],
)
def test_moments_of_the_log_of_a_prior(prior: PriorSpec, sample) -> None:
    logs = np.log(sample(np.random.default_rng(3), 400_000))
    assert log_moments(prior) == pytest.approx((logs.mean(), logs.std()), abs=0.01)


def test_distance_counts_both_spreads_and_keeps_the_side() -> None:
    draws = np.array([2.0, 4.0])  # mean 3, deviation 1
    assert distance(draws, 0.0, 0.0) == pytest.approx(3)
    assert distance(draws, 8.0, np.sqrt(3)) == pytest.approx(-2.5)
    assert pooled_moments(Pool(1.0, between=0.3, common=0.4)) == (1.0, pytest.approx(0.5))


def test_repairs_are_told() -> None:
    check = check_repairs(("3 missing values were counted as 0.",))
    assert check.status is CHECK
    assert "3 missing" in check.evidence
