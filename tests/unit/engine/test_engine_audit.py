"""What is kept of a fit for whoever audits it, from draws whose answer is known."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from mixmodel_app.domain.audit import Audit
from mixmodel_app.engine.audit import RANK_BINS, correlations, e_bfmi, energy_audit, predictive_audit, ranks, shown
from mixmodel_app.engine.types import ParameterDraws
from tests.factories import make_results

RNG = np.random.default_rng(8)


def test_chains_that_agree_have_even_ranks_and_others_do_not() -> None:
    alike = np.array(ranks(RNG.normal(0, 1, (4, 1000))))
    assert alike.shape == (4, RANK_BINS)
    assert (alike.sum(axis=1) == 1000).all()
    assert alike.min() > 50 / 2
    apart = np.array(ranks(np.stack([np.arange(100.0), 100 + np.arange(100.0)])))
    assert apart[0].tolist() == [10] * 10 + [0] * 10
    assert apart[1].tolist() == [0] * 10 + [10] * 10


def test_a_prior_is_kept_as_equally_likely_values() -> None:
    kept = shown(RNG.normal(5, 2, 20_000))
    assert kept == sorted(kept)
    assert len(kept) == 100
    assert np.mean(kept) == pytest.approx(5, abs=0.05)
    assert np.std(kept) == pytest.approx(2, abs=0.06)


def test_a_sampler_that_jumps_freely_has_an_e_bfmi_of_two_and_one_that_creeps_has_none() -> None:
    free = RNG.normal(0, 3, (2, 4000))
    creeping = np.cumsum(RNG.normal(0, 1, (2, 4000)), axis=1)
    assert e_bfmi(free) == pytest.approx(2, abs=0.1)
    assert (e_bfmi(creeping) < 0.05).all()
    assert e_bfmi(np.ones((1, 10))).tolist() == [0]
    kept = energy_audit(free)
    assert sum(kept.marginal) == 8000
    assert sum(kept.transition) == 7998
    assert len(kept.edges) == len(kept.marginal) + 1


def test_made_up_outcomes_are_held_against_the_actual_one() -> None:
    replicated = RNG.normal(100, 10, (500, 80))
    usual = predictive_audit(RNG.normal(100, 10, 80), replicated)
    assert sum(usual.actual) == 80
    assert all(0.01 < each.share_above < 0.99 for each in usual.statistics)
    odd = {each.name: each for each in predictive_audit(RNG.normal(130, 10, 80), replicated).statistics}
    assert odd["Mean"].share_above == 0
    assert odd["Mean"].replicated.hi < odd["Mean"].actual
    trending = predictive_audit(100 + np.linspace(-15, 15, 80), replicated).statistics
    assert next(each for each in trending if each.name == "Autocorrelation").share_above == 0


def test_the_largest_correlations_come_first() -> None:
    base = RNG.normal(0, 1, (2, 500))
    noise = RNG.normal(0, 1, (20, 2, 500))
    draws = [ParameterDraws("a", None, base), ParameterDraws("b", None, -base + 0.1 * noise[0])]
    draws += [ParameterDraws(f"x{index}", None, values) for index, values in enumerate(noise[1:])]
    draws.append(ParameterDraws("still", None, np.zeros((2, 500))))
    found = correlations(draws)
    assert (found.pairs[0].first, found.pairs[0].second) == ("a", "b")
    assert found.pairs[0].correlation == pytest.approx(-1, abs=0.02)
    sizes = [abs(pair.correlation) for pair in found.pairs]
    assert sizes == sorted(sizes, reverse=True)
    assert len(found.names) <= 12
    assert np.diag(found.matrix).tolist() == [1.0] * len(found.names)


def test_an_audit_survives_the_database() -> None:
    kept = make_results(2).audit
    assert kept is not None
    assert Audit.from_json(json.loads(json.dumps(asdict(kept), allow_nan=False))) == kept
