"""The draft of a plan: money that moves under bounds and locks, the question it becomes, and plans that are kept."""

from dataclasses import replace

import pytest

from mixmodel_app.domain.budget import Attitude, Horizon, Objective, Timing
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.pages._plan_draft import Draft, first_bounds

CURRENT = {"TV": 600.0, "Search": 300.0, "Radio": 100.0, "Print": 0.0}
QUARTER = {"TV": 150.0, "Search": 90.0, "Radio": 0.0, "Print": 40.0}
CAPS = {"TV": 900.0, "Search": 500.0, "Radio": 130.0, "Print": 200.0}


@pytest.fixture
def draft() -> Draft:
    return Draft(52, CURRENT, CURRENT, CAPS, total=1000.0, bounds=first_bounds(CURRENT))


@pytest.fixture
def free(draft: Draft) -> Draft:
    return replace(draft, is_fixed=False)


def total(draft: Draft) -> float:
    return sum(draft.money.values())


def test_first_bounds_are_half_and_one_and_a_half_of_what_is_spent():
    assert first_bounds({"TV": 600.0, "Radio": 0.2}) == {"TV": (300.0, 900.0), "Radio": (0.1, pytest.approx(0.3))}


def test_a_channel_without_spend_is_not_bound_to_nothing():
    assert first_bounds({"Print": 0.0}) == {}


class TestPlacing:
    def test_under_a_fixed_total_the_others_give_in_proportion(self, draft: Draft):
        placed = draft.placed("Radio", 118.0)
        assert placed.money == pytest.approx({"TV": 588.0, "Search": 294.0, "Radio": 118.0, "Print": 0.0})

    def test_what_is_locked_gives_nothing(self, draft: Draft):
        placed = draft.toggled("TV").placed("Radio", 118.0)
        assert placed.money == pytest.approx({"TV": 600.0, "Search": 282.0, "Radio": 118.0, "Print": 0.0})

    def test_the_others_stop_at_their_bounds_and_the_total_is_missed(self, draft: Draft):
        placed = draft.placed("TV", 850.0)
        assert placed.money == pytest.approx({"TV": 850.0, "Search": 150.0, "Radio": 50.0, "Print": 0.0})
        assert total(placed) == pytest.approx(1050.0)

    def test_the_others_take_no_more_than_their_bounds_and_caps(self, draft: Draft):
        placed = draft.toggled("TV").bounded("Search", "high", "110").placed("Print", 0.0).placed("Radio", 20.0)
        assert placed.money["Search"] == pytest.approx(330.0)
        assert placed.money["Print"] == pytest.approx(50.0)
        assert total(placed) == pytest.approx(1000.0)

    def test_with_a_free_total_the_others_stay(self, free: Draft):
        assert free.placed("Radio", 20.0).money == CURRENT | {"Radio": 20.0}

    def test_a_goal_with_a_target_frees_the_total(self, draft: Draft):
        asked = replace(draft, objective=Objective.TARGET_ROAS, target=2.0)
        assert not asked.has_fixed_total
        assert asked.placed("TV", 0.0).money == CURRENT | {"TV": 0.0}

    def test_the_draft_before_it_is_left_alone(self, draft: Draft):
        draft.placed("Radio", 20.0)
        assert draft.money == CURRENT


class TestBounds:
    def test_the_most_is_the_bound_where_it_is_below_the_cap(self, draft: Draft):
        assert draft.most("Search") == 450.0

    def test_the_most_is_the_cap_where_it_is_below_the_bound(self, draft: Draft):
        assert draft.most("Radio") == 130.0
        assert replace(draft, is_capped=False).most("Radio") == 150.0

    def test_without_bound_and_cap_there_is_no_most(self, draft: Draft):
        assert draft.unbounded().most("Radio") == 130.0
        assert replace(draft, is_capped=False).unbounded().most("Radio") is None

    def test_a_bound_is_typed_in_per_cent_of_now(self, draft: Draft):
        assert draft.bounded("Search", "low", "80 %").bounds["Search"] == (240.0, 450.0)
        assert draft.bounded("Search", "high", "1,000").bounds["Search"] == (150.0, 3000.0)

    def test_nothing_typed_takes_one_side_away(self, draft: Draft):
        widened = draft.bounded("TV", "low", " ")
        assert widened.bounds["TV"] == (None, 900.0)
        assert {name: pair for name, pair in widened.bounds.items() if name != "TV"} == {
            name: pair for name, pair in draft.bounds.items() if name != "TV"
        }

    @pytest.mark.parametrize("typed", ["much", "-5", "1e99"])
    def test_what_is_not_a_number_is_refused_by_name(self, draft: Draft, typed: str):
        with pytest.raises(InvalidInput, match="The limit of TV"):
            draft.bounded("TV", "low", typed)

    def test_a_limit_of_no_spend_is_refused_not_kept_as_nothing(self, draft: Draft):
        with pytest.raises(InvalidInput, match="Print has no spend now"):
            draft.bounded("Print", "high", "150")

    def test_clearing_takes_all_of_them_away(self, draft: Draft):
        request = draft.unbounded().request()
        assert (request.min_per_channel, request.max_per_channel) == ({}, {})


class TestAnotherHorizon:
    def test_bounds_stay_the_same_per_cent(self, draft: Draft):
        moved = draft.bounded("Search", "low", "80").reframed(13, QUARTER, CAPS)
        assert moved.bounds["TV"] == pytest.approx((75.0, 225.0))
        assert moved.bounds["Search"] == pytest.approx((72.0, 135.0))
        assert (moved.weeks, moved.current, moved.caps) == (13, QUARTER, CAPS)

    def test_a_channel_that_pauses_there_is_not_held_at_nothing(self, draft: Draft):
        assert "Radio" not in draft.reframed(13, QUARTER, CAPS).request().max_per_channel

    def test_a_channel_that_spends_there_starts_with_its_first_bounds(self, draft: Draft):
        assert draft.reframed(13, QUARTER, CAPS).bounds["Print"] == (20.0, 60.0)

    def test_there_and_back_gives_the_bounds_again(self, draft: Draft):
        back = draft.reframed(13, QUARTER, CAPS).reframed(52, CURRENT, CAPS)
        assert {name: pytest.approx(pair) for name, pair in draft.bounds.items()} == back.bounds

    def test_one_side_that_was_taken_away_stays_away(self, draft: Draft):
        moved = draft.bounded("TV", "low", "").reframed(13, QUARTER, CAPS)
        assert moved.bounds["TV"] == (None, pytest.approx(225.0))

    def test_cleared_bounds_stay_cleared(self, draft: Draft):
        moved = draft.unbounded().reframed(13, QUARTER, CAPS)
        assert set(moved.bounds.values()) == {(None, None)}


class TestTotal:
    def test_another_total_is_shared_in_the_proportions_of_the_plan(self, draft: Draft):
        assert draft.with_total(800.0).money == pytest.approx({"TV": 480.0, "Search": 240.0, "Radio": 80.0, "Print": 0})

    def test_what_is_locked_keeps_its_money(self, draft: Draft):
        shared = draft.toggled("TV").with_total(800.0)
        assert shared.money == pytest.approx({"TV": 600.0, "Search": 150.0, "Radio": 50.0, "Print": 0.0})

    def test_a_total_beyond_the_bounds_is_filled_as_far_as_they_go(self, draft: Draft):
        filled = draft.with_total(9000.0)
        assert filled.money == pytest.approx({"TV": 900.0, "Search": 450.0, "Radio": 130.0, "Print": 200.0})
        assert filled.total == 9000.0

    def test_a_free_total_is_only_remembered(self, free: Draft):
        remembered = free.with_total(800.0)
        assert (remembered.money, remembered.total) == (CURRENT, 800.0)


class TestLocks:
    def test_twice_is_not_at_all(self, draft: Draft):
        assert draft.toggled("TV").locked == ("TV",)
        assert draft.toggled("TV").toggled("Search").toggled("TV").locked == ("Search",)


class TestRequest:
    def test_the_first_question_holds_every_channel_near_its_spend(self, draft: Draft):
        request = draft.request()
        assert request.total_budget == 1000.0
        assert request.min_per_channel == {"TV": 300.0, "Search": 150.0, "Radio": 50.0}
        assert request.max_per_channel == {"TV": 900.0, "Search": 450.0, "Radio": 150.0}
        assert (request.weeks, request.locked, request.cap_extrapolation) == (52, {}, True)

    def test_a_lock_counts_more_than_a_bound(self, draft: Draft):
        request = replace(draft, money=CURRENT | {"TV": 100.0}).toggled("TV").request()
        assert request.locked == {"TV": 100.0}
        assert "TV" not in request.min_per_channel | request.max_per_channel

    def test_a_target_has_to_be_typed(self, draft: Draft):
        with pytest.raises(InvalidInput, match="needs a target"):
            replace(draft, objective=Objective.TARGET_REVENUE).request()

    def test_most_revenue_of_a_free_total_is_no_question(self, free: Draft):
        with pytest.raises(InvalidInput, match="free total"):
            free.request()

    def test_most_profit_of_a_free_total_is_one(self, free: Draft):
        request = replace(free, objective=Objective.PROFIT, margin=0.4, attitude=Attitude.CAUTIOUS).request()
        assert (request.total_budget, request.margin, request.attitude) == (None, 0.4, Attitude.CAUTIOUS)

    def test_a_target_of_another_goal_is_left_out(self, draft: Draft):
        asked = replace(draft, target=5000.0)
        assert asked.request().target is None
        assert asked.revenue_target is None
        wanted = replace(asked, objective=Objective.TARGET_REVENUE)
        assert wanted.request().target == wanted.revenue_target == 5000.0
        assert wanted.request().total_budget is None

    def test_its_timing_is_the_horizon(self, draft: Draft):
        timed = replace(draft, weeks=2, timing=Timing.OWN, weights=(1.0, 3.0))
        assert timed.request().horizon == timed.horizon == Horizon(2, Timing.OWN, (1.0, 3.0))


class TestKeeping:
    def test_a_kept_plan_opens_as_it_was(self, draft: Draft):
        kept = replace(
            draft.placed("Radio", 118.0).toggled("Radio").bounded("TV", "low", ""),
            attitude=Attitude.CAUTIOUS,
            target=4000.0,
            margin=0.4,
            is_capped=False,
        )
        assert draft.opened(kept.scenario()) == replace(kept, bounds=kept.bounds | {"Print": (None, None)})

    def test_a_free_total_opens_free(self, draft: Draft, free: Draft):
        opened = draft.opened(free.placed("Radio", 20.0).scenario())
        assert not opened.is_fixed
        assert opened.total == pytest.approx(920.0)

    def test_channels_that_the_run_does_not_have_are_left_out_and_new_ones_get_nothing(self, draft: Draft):
        other = Draft(52, {"TV": 500.0, "Fax": 9.0}, {"TV": 500.0, "Fax": 9.0}, {}, 509.0, locked=("Fax", "TV"))
        opened = draft.opened(replace(other, bounds={"Fax": (1.0, 2.0)}).scenario())
        assert opened.money == {"TV": 500.0, "Search": 0.0, "Radio": 0.0, "Print": 0.0}
        assert opened.locked == ("TV",)
        assert "Fax" not in opened.bounds

    def test_a_plan_that_was_kept_without_bounds_opens_without(self, draft: Draft):
        assert draft.opened(replace(draft, bounds={}).scenario()).request().min_per_channel == {}

    def test_a_bound_that_could_not_be_shown_is_not_kept(self, draft: Draft):
        kept = replace(draft, bounds={"Print": (10.0, 20.0)}).scenario()
        assert draft.opened(kept).bounds["Print"] == (None, None)
