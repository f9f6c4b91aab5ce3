import pytest

from mixmodel_app.domain.results import Estimate
from mixmodel_app.wording import numbers, previews

PRIOR = Estimate(median=1.2, lo=0.4, hi=3.1, lo50=0.8, hi50=1.6, mean=1.4)
SHARE = Estimate(median=0.2, lo=0.045, hi=0.6, lo50=0.1, hi50=0.3, mean=0.25)


def test_what_the_model_thinks_of_a_channel_before_the_data():
    assert (
        previews.prior_return_sentence("TV", PRIOR)
        == "Before seeing the data the model thinks TV returns 0.40–3.10 per 1 spent."
    )
    with numbers.looking(currency="€"):
        assert previews.prior_return_sentence("TV", PRIOR).endswith("TV returns €0.40–€3.10 per €1.")


def test_a_channel_without_spend_is_not_estimated():
    assert "not estimated" in previews.prior_return_sentence("Video", None)


def test_what_it_thinks_of_all_media():
    sentence = "Before seeing the data the model thinks media cause 4.5 %–60 % of total revenue."
    assert previews.prior_share_sentence(SHARE, "total_revenue") == sentence


@pytest.mark.parametrize(
    ("channels", "text"),
    [
        (["TV"], "TV"),
        (["TV", "Search"], "TV and Search"),
        (["TV", "Search", "Social"], "TV, Search and Social"),
        (["TV", "Search", "Social", "Radio"], "TV, Search and 2 other channels"),
    ],
)
def test_channels_are_named_as_far_as_they_can_be_read(channels, text):
    assert previews.named(channels) == text


def test_limits_are_round_and_carry_the_currency():
    with numbers.looking(currency="€"):
        assert "returns above €20 per €1, up to €145" in previews.returns_without_bound(["TV"], 144.6, 20)
    assert "TV returns more than 10 per 1 spent. Allow lower" in previews.returns_all_high(["TV"], 10)
    assert "TV and Radio return less than 0.1 per 1 spent. Allow higher" in previews.returns_all_low(
        ["TV", "Radio"], 0.1
    )


def test_a_stated_range_is_repeated_as_it_was_stated():
    assert "You expect TV to return 1.00–1.20, " in previews.expectation_too_sure("TV", 1, 1.2)
    assert "You expect TV to return 0.01–5.00, " in previews.expectation_too_vague("TV", 0.01, 5)


def test_media_more_than_all_is_told_as_a_chance():
    sentence = previews.media_more_than_all(0.72, "revenue")
    assert sentence.startswith("By these priors media cause more than all of revenue with a chance of 7 in 10. ")


def test_carryover_is_told_in_the_periods_of_the_data():
    assert "half-lives of 16 weeks or more" in previews.half_life_too_long(["TV"], 16.0, 13, "week")
    assert "still strong after 8 days" in previews.carryover_cut_off(["TV"], 8, "day")
