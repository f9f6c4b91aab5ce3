from dataclasses import replace

import pytest

from mixmodel_app.domain.results import HealthCheck, HealthStatus
from mixmodel_app.wording import insights, numbers
from tests.factories import make_results, with_learning


@pytest.mark.usefixtures("euros")
def test_the_headline_names_media_share_return_and_best_channel():
    results = make_results()
    text = insights.headline(results)
    parts = results.decomposition.breakdown()
    best = max(results.channels, key=lambda channel: channel.roas.median if channel.roas else 0)
    assert numbers.money(parts.media) in text
    assert numbers.percent(parts.media / results.total_target) in text
    assert f"{best.name} returned most, {numbers.roas(best.roas.median)}" in text
    assert "94 % range" in text
    assert 1 <= text.count(". ") + 1 <= 3


def test_overlapping_ranges_leave_the_order_open():
    results = make_results()
    first, second = (pair[1] for pair in insights.ranked_by_return(results)[:2])
    assert not insights.order_is_settled(first, second)
    assert "the order is not settled" in insights.headline(results)


def test_separate_ranges_settle_the_order():
    results = make_results(2)
    apart = replace(results.channels[1].roas, lo=8.0, hi=9.0, median=8.5)
    results = replace(results, channels=[results.channels[0], replace(results.channels[1], roas=apart)])
    assert "not settled" not in insights.headline(results)


@pytest.mark.parametrize(("assumed", "words"), [((), "learned from the data)"), (("Search",), "mostly assumption)")])
def test_the_headline_says_where_the_best_return_comes_from(assumed: tuple[str, ...], words: str):
    results = make_results()
    assert words in insights.headline(with_learning(results, *assumed))
    assert words not in insights.headline(results)


@pytest.mark.usefixtures("euros")
def test_an_unusable_model_has_no_numbers_in_its_headline():
    text = insights.headline(make_results(health=HealthStatus.DO_NOT_USE))
    assert text.startswith("Do not base decisions on this model.")
    assert "€" not in text


def test_a_model_to_check_says_why():
    assert "Model health: Check, because of Chains agree" in insights.headline(make_results(health=HealthStatus.CHECK))


def test_no_spend_leaves_no_return_to_name():
    text = insights.headline(make_results(1, no_spend=(0,)))
    assert "No channel has spend" in text


@pytest.mark.parametrize(("status", "word"), [(HealthStatus.GOOD, "Good"), (HealthStatus.DO_NOT_USE, "Do not use")])
def test_health_in_one_sentence(status, word):
    assert insights.health_sentence(make_results(health=status)).startswith(f"Model health: {word}")


def test_a_headline_gives_the_first_sentence_of_the_evidence():
    check = HealthCheck("trend", "Trend", HealthStatus.CHECK, "The odds are 1.5 to 1. With it, TV falls by a third.")
    assert insights.health_reason(replace(make_results(), health=[check])) == "Trend (The odds are 1.5 to 1)."


def test_health_counts_further_reasons():
    checks = [HealthCheck(str(i), f"Check {i}", HealthStatus.CHECK, "evidence") for i in range(3)]
    assert "Check 0 (evidence) and 2 more" in insights.health_sentence(replace(make_results(), health=checks))
    assert "Check 0 (evidence) and Check 1." in insights.health_sentence(replace(make_results(), health=checks[:2]))


def test_the_breakdown_sums_to_the_actual_total():
    results = make_results()
    assert results.decomposition.breakdown().total == pytest.approx(results.total_target)
