from dataclasses import replace

import pytest

from mixmodel_app.domain.results import HealthStatus, LearnedFrom, Learning
from mixmodel_app.wording import numbers
from mixmodel_app.wording.recommendations import Action, horizon, recommendations
from tests.factories import make_plan, make_results, without_returns


@pytest.fixture(scope="module")
def results():
    return make_results()


def test_the_plan_comes_first_with_money_range_and_chance(results):
    plan = make_plan(results)
    first = recommendations(results, plan)[0]
    assert first.action is Action.SCALE
    assert first.sentence.startswith(f"Move {numbers.money(first.money)} a year from ")
    assert numbers.signed_money(plan.gain) in first.sentence
    assert first.sentence.endswith("8 in 10.")
    assert first.probability == plan.probability_better


def test_two_channels_make_the_short_sentence():
    results = make_results(2)
    plan = make_plan(results)
    sentence = recommendations(results, plan)[0].sentence
    assert " from TV to Search: most likely +" in sentence


def test_money_moved_balances(results):
    plan = make_plan(results)
    moved = sum(max(plan.optimized_allocation[n] - plan.current_allocation[n], 0) for n in plan.current_allocation)
    assert recommendations(results, plan)[0].money == pytest.approx(moved)


@pytest.mark.parametrize("with_plan", [True, False])
def test_there_are_three_with_numbers_and_ranges(results, with_plan):
    found = recommendations(results, make_plan(results) if with_plan else None)
    assert len(found) == 3
    for item in found:
        assert "range" in item.sentence
        assert any(name in item.sentence for name in item.channels)
        assert "significant" not in item.sentence


def test_no_channel_is_named_alone_twice(results):
    alone = [item.channels for item in recommendations(results, make_plan(results)) if len(item.channels) == 1]
    assert len(alone) == len(set(alone))


def test_nothing_is_recommended_from_an_unusable_model():
    results = make_results(health=HealthStatus.DO_NOT_USE)
    assert recommendations(results, make_plan(results)) == []


def test_a_move_that_is_too_close_to_call_is_a_hold(results):
    plan = replace(make_plan(results), probability_better=0.55)
    first = recommendations(results, plan)[0]
    assert first.action is Action.HOLD
    assert first.probability == pytest.approx(0.45)
    assert all(item.action in (Action.HOLD, Action.TEST) for item in recommendations(results, plan))


def test_an_unchanged_split_is_a_hold(results):
    first = recommendations(results, make_plan(results, shift=0.0))[0]
    assert first.action is Action.HOLD
    assert "less than 1.0 % of the budget" in first.sentence


def test_a_return_across_break_even_is_tested(results):
    found = {item.channels[0]: item for item in recommendations(make_results(12, seed=2), None)}
    spanning = [c for c in results.channels if c.roas.lo < 1 < c.roas.hi]
    assert spanning
    single = replace(results, channels=spanning[:1])
    assert [item.action for item in recommendations(single, None)] == [Action.TEST]
    assert len(found) == 3


def test_a_clear_margin_is_scaled_and_a_clear_loss_is_cut(results):
    channel = results.channel("Search")
    tight = replace(channel.marginal_roas, lo=1.8, hi=2.4, median=2.1)
    loss = replace(channel.marginal_roas, lo=0.3, hi=0.5, median=0.4)
    for marginal, action in ((tight, Action.SCALE), (loss, Action.CUT)):
        one = replace(results, channels=[replace(channel, roas=tight, marginal_roas=marginal)])
        assert recommendations(one, None)[0].action is action


def test_a_channel_without_spend_is_not_recommended():
    results = without_returns(make_results(2), "TV")
    assert [item.channels for item in recommendations(results, None)] == [("Search",)]


def test_extrapolation_is_told(results):
    plan = make_plan(results)
    assert plan.extrapolated[0] in recommendations(results, plan)[0].reason


@pytest.mark.parametrize(
    ("periods", "frequency", "text"),
    [
        (52, "weekly", "a year"),
        (13, "weekly", "over 13 weeks"),
        (1, "monthly", "over 1 month"),
        (365, "daily", "a year"),
    ],
)
def test_horizons_in_words(periods, frequency, text):
    assert horizon(periods, frequency) == text


def test_a_test_is_asked_for_where_a_wide_range_is_mostly_assumption():
    results = make_results(1)
    channel = results.channels[0]
    wide = replace(channel.roas, lo=0.2, hi=6.0)
    learning = Learning(LearnedFrom.ASSUMPTION, wide, 0.1, 0.1, "Nothing was learned.")
    channels = [replace(channel, roas=wide, learning=learning)]
    [found] = recommendations(replace(results, channels=channels), None)
    assert found.action is Action.TEST
    assert found.reason.startswith("The range is wide and mostly assumption; paying back is ")
