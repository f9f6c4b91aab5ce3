"""The plan that is kept beside results is the one that would be found when they are read."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mixmodel_app import __version__
from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.headline import Headline
from mixmodel_app.domain.preferences import LEVELS
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.services.suggestions import headline, suggested_plan
from tests.factories import make_results
from tests.unit.planning.test_optimising_budgets import make_draws

RESULTS = make_results(n_channels=3)


@pytest.fixture(scope="module", params=["logistic", "hill"])
def draws(request: pytest.FixtureRequest) -> ResponseDraws:
    """As they are stored."""
    made = replace(make_draws(saturation=request.param), channels=("TV, late", "A", "Radio"))
    return ResponseDraws.from_bytes(made.to_bytes())


def kept(draws: ResponseDraws) -> Headline:
    """Written and read, as the column does it."""
    return Headline.from_json(json.loads(json.dumps(headline(RESULTS, draws).to_json(), allow_nan=False)))


@pytest.mark.parametrize("level", LEVELS)
def test_the_kept_plan_is_the_one_that_is_found(draws: ResponseDraws, level: float) -> None:
    found = suggested_plan(draws, Frequency.WEEKLY, level)
    assert found is not None
    assert found.level == level
    assert kept(draws).knows_plan(__version__, level)
    plan = kept(draws).plan(level)
    assert plan == found
    assert plan is not None
    assert tuple(plan.current_allocation) == draws.channels, "in this order sentences name them"


def test_levels_differ_in_their_ranges_alone(draws: ResponseDraws) -> None:
    narrow, wide = kept(draws).plan(0.5), kept(draws).plan(0.94)
    assert narrow is not None
    assert wide is not None
    assert narrow.gain_hdi[0] > wide.gain_hdi[0]
    ranges = ("predicted_revenue_hdi", "current_revenue_hdi", "gain_hdi", "level")
    assert replace(narrow, **{name: getattr(wide, name) for name in ranges}) == wide


def test_plans_of_another_version_or_level_are_not_known(draws: ResponseDraws) -> None:
    assert not kept(draws).knows_plan("0.0.1", 0.94)
    assert not kept(draws).knows_plan(__version__, 0.7)
    assert not Headline.of(RESULTS).knows_plan(__version__, 0.94)


def test_where_nothing_was_spent_it_is_known_that_there_is_no_plan(draws: ResponseDraws) -> None:
    idle = replace(draws, spend=np.zeros_like(draws.spend))
    assert suggested_plan(idle, Frequency.WEEKLY, 0.94) is None
    assert kept(idle).knows_plan(__version__, 0.94)
    assert kept(idle).plan(0.94) is None


def test_the_figures_are_those_of_the_results() -> None:
    bad = make_results(n_channels=3, health=HealthStatus.DO_NOT_USE)
    assert Headline.of(bad).verdict is bad.verdict is HealthStatus.DO_NOT_USE
    assert RESULTS.blended_roas is not None
    assert Headline.of(RESULTS).blended_roas == RESULTS.blended_roas.median
    assert Headline.of(make_results(n_channels=1, no_spend=(0,))).blended_roas is None
