"""The results of some periods: held against brute force on the model's own formula."""

from dataclasses import replace

import numpy as np
import pytest

from mixmodel_app.domain.curves import ResponseDraws, carry_over, saturate
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import Conflict, InvalidInput
from mixmodel_app.domain.headroom import MOST_TIMES
from mixmodel_app.domain.period import PeriodChoice, PeriodKind, Span
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.engine.headroom import largest_times, with_headroom
from mixmodel_app.engine.period import channel_periods, knows_media, over_period
from tests.factories import make_results

PERIODS, LAGS, DRAWS = 60, 5, 40
COST = 0.02  # of the second channel, which is in impressions


def make_draws(kind: str = "logistic", seed: int = 1) -> ResponseDraws:
    rng = np.random.default_rng(seed)
    media = rng.gamma(2.0, 50.0, (PERIODS, 2)) * (rng.random((PERIODS, 2)) > 0.2)
    weights = rng.random((DRAWS, 2, LAGS))
    params = {"logistic": {"lam": rng.gamma(20, 0.1, (DRAWS, 2))}}
    params["hill"] = {"slope": rng.uniform(1.5, 3, (DRAWS, 2)), "kappa": rng.uniform(0.2, 0.6, (DRAWS, 2))}
    return ResponseDraws(
        channels=("TV", "Search"),
        saturation=kind,
        weights=weights / weights.sum(axis=2, keepdims=True),
        params=params[kind],
        beta=rng.gamma(10, 0.03, (DRAWS, 2)),
        media_scale=media.max(axis=0),
        target_scale=2000.0,
        unit_cost=np.array([1.0, COST]),
        spend=media * np.array([1.0, COST]),
        media=media,
    )


def effect(draws: ResponseDraws, channel: int, media: np.ndarray) -> np.ndarray:
    """(S, T) straight from the formula."""
    adstock = carry_over(media / draws.media_scale[channel], draws.weights[:, channel])
    params = {name: values[:, channel, None] for name, values in draws.params.items()}
    return draws.target_scale * draws.beta[:, channel, None] * saturate(draws.saturation, params, adstock)


def results_of(draws: ResponseDraws) -> ModelResults:
    """Results whose decomposition is that of the draws."""
    found = make_results(2, PERIODS, names=draws.channels)
    assert draws.media is not None
    means = {
        name: effect(draws, index, draws.media[:, index]).mean(axis=0).tolist()
        for index, name in enumerate(draws.channels)
    }
    return replace(found, decomposition=replace(found.decomposition, channels=means))


@pytest.fixture(params=["logistic", "hill"])
def draws(request: pytest.FixtureRequest) -> ResponseDraws:
    return make_draws(request.param)


def test_what_is_caused_is_the_difference_to_a_world_without_the_spend(draws: ResponseDraws) -> None:
    assert draws.media is not None
    span = Span(20, 32, PERIODS)
    for index, channel in enumerate(channel_periods(draws, span)):
        after = np.concatenate([draws.media[:, index], np.zeros(LAGS)])
        without = after.copy()
        without[span.rows] = 0
        difference = effect(draws, index, after) - effect(draws, index, without)
        assert channel.caused == pytest.approx(difference.sum(axis=1), rel=1e-9)
        assert channel.arrived == pytest.approx(effect(draws, index, after)[:, span.rows].sum(axis=1), rel=1e-9)


def test_what_arrives_after_the_last_date_counts(draws: ResponseDraws) -> None:
    last = channel_periods(draws, Span(PERIODS - 1, PERIODS - 1, PERIODS))[0]
    if last.spend:
        assert (last.caused > last.arrived - effect_before(draws)).all()


def effect_before(draws: ResponseDraws) -> np.ndarray:
    """What earlier spend alone brings to the last period."""
    assert draws.media is not None
    media = draws.media[:, 0].copy()
    media[-1] = 0
    return effect(draws, 0, media)[:, -1]


def test_the_marginal_return_is_the_slope_of_what_is_caused(draws: ResponseDraws) -> None:
    assert draws.media is not None
    span, step = Span(20, 32, PERIODS), 1e-5
    for index, channel in enumerate(channel_periods(draws, span)):
        moved = []
        for times in (1 - step, 1 + step):
            media = np.concatenate([draws.media[:, index], np.zeros(LAGS)])
            media[span.rows] *= times
            moved.append(effect(draws, index, media).sum(axis=1))
        slope = (moved[1] - moved[0]) / (2 * step * channel.spend)
        assert channel.marginal() == pytest.approx(slope, rel=1e-4)


def test_parts_of_a_period_add_up_to_its_outcome(draws: ResponseDraws) -> None:
    results, span = results_of(draws), Span(30, 42, PERIODS)
    part = over_period(results, draws, span)
    assert part.n_periods == 13
    assert part.date_start == results.fit.dates[30]
    assert part.date_end == results.fit.dates[42]
    assert part.decomposition.breakdown().media == pytest.approx(sum(c.contribution.mean for c in part.channels))
    assert sum(c.share_of_effect for c in part.channels) == pytest.approx(1)
    assert sum(c.share_of_spend for c in part.channels) == pytest.approx(1)
    assert part.total_spend == pytest.approx(draws.spend[span.rows].sum())
    for channel in part.channels:
        assert channel.contribution.lo < channel.contribution.mean < channel.contribution.hi


def test_periods_that_follow_each_other_hold_every_contribution_once(draws: ResponseDraws) -> None:
    results = results_of(draws)
    halves = [over_period(results, draws, span) for span in (Span(0, 29, PERIODS), Span(30, 59, PERIODS))]
    for channel in results.channels:
        arrived = sum(half.channel(channel.name).contribution.mean for half in halves)
        assert arrived == pytest.approx(sum(results.decomposition.channels[channel.name]))
    assert sum(half.total_target for half in halves) == pytest.approx(sum(results.fit.actual))


def test_all_data_are_the_stored_results(draws: ResponseDraws) -> None:
    results = results_of(draws)
    assert over_period(results, draws, Span.whole(PERIODS)) is results


def test_a_channel_that_was_silent_in_the_period_has_no_return() -> None:
    draws = make_draws()
    assert draws.media is not None
    draws.media[40:53, 1] = draws.spend[40:53, 1] = 0
    part = over_period(results_of(draws), draws, Span(45, 52, PERIODS))
    silent = part.channel("Search")
    assert (silent.roas, silent.marginal_roas, silent.spend) == (None, None, 0)
    assert part.channel("TV").roas == part.blended_roas
    assert with_headroom(part, draws, Span(45, 52, PERIODS)).channel("Search").headroom is None


def test_draws_of_older_versions_tell_periods_only_where_media_is_money() -> None:
    draws = make_draws()
    old = ResponseDraws.from_bytes(replace(draws, media=None).to_bytes())
    assert old.media is None
    assert not knows_media(old)
    with pytest.raises(Conflict, match="older version"):
        over_period(results_of(draws), old, Span(0, 9, PERIODS))
    money = replace(draws, unit_cost=np.ones(2), spend=draws.media)
    span = Span(0, 9, PERIODS)
    kept = ResponseDraws.from_bytes(money.to_bytes())
    again = over_period(results_of(draws), replace(kept, media=None), span)
    assert again == over_period(results_of(draws), kept, span)


def test_the_room_ends_where_the_next_one_returns_the_target(draws: ResponseDraws) -> None:
    for channel in channel_periods(draws, Span(20, 32, PERIODS)):
        target = float(np.median(channel.marginal(1.4)))
        times = largest_times(channel, target)
        inside = (times > 0) & (times < MOST_TIMES)
        assert inside.mean() > 0.5
        assert channel.marginal(times)[inside] == pytest.approx(target, rel=2e-3)
        assert (channel.marginal(times + 0.01)[inside] < target).all()


def test_room_and_marginal_return_agree_in_sign(draws: ResponseDraws) -> None:
    span = Span.whole(PERIODS)
    for channel in channel_periods(draws, span):
        target = float(np.median(channel.marginal()))
        room = largest_times(channel, target) - 1
        if draws.saturation == "logistic":
            assert ((room > 0) == (channel.marginal() > target)).all()


def test_no_room_where_nothing_returns_so_much_and_the_most_where_all_does() -> None:
    draws = make_draws()
    span = Span.whole(PERIODS)
    greedy = with_headroom(results_of(draws), draws, span, 1e9).channel("TV").headroom
    modest = with_headroom(results_of(draws), draws, span, 1e-12).channel("TV").headroom
    assert greedy is not None
    assert modest is not None
    assert greedy.room.hi == pytest.approx(-greedy.spend)
    assert modest.room.lo == pytest.approx(modest.most)
    assert (greedy.beyond, modest.beyond) == (0, 1)
    assert (greedy.outside, modest.outside) == (False, True)


WEEKS = [str(day) for day in np.datetime64("2024-01-01") + 7 * np.arange(60)]


@pytest.mark.parametrize(
    ("choice", "first", "last"),
    [
        (PeriodChoice.read(), 0, 59),
        (PeriodChoice.read("last_year"), 8, 59),
        (PeriodChoice.read("last_quarter"), 47, 59),
        (PeriodChoice.read("", "2024-01-02", "2024-01-15"), 1, 2),
        (PeriodChoice.read("custom", "2025-01-01", ""), 53, 59),
        (PeriodChoice(PeriodKind.CUSTOM), 0, 59),
    ],
)
def test_a_choice_becomes_periods(choice: PeriodChoice, first: int, last: int) -> None:
    assert choice.span(WEEKS, Frequency.WEEKLY) == Span(first, last, 60)


def test_a_year_of_shorter_data_is_all_of_them() -> None:
    assert PeriodChoice.read("last_year").span(WEEKS[:30], Frequency.WEEKLY).is_all


@pytest.mark.parametrize("texts", [("decade",), ("custom", "yesterday"), ("", "2024-13-01")])
def test_a_choice_that_means_nothing_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        PeriodChoice.read(*texts)


@pytest.mark.parametrize("dates", [("2030-01-01", ""), ("2024-02-01", "2024-01-01"), ("2024-01-02", "2024-01-03")])
def test_dates_without_data_are_refused(dates: tuple[str, str]) -> None:
    with pytest.raises(InvalidInput, match="no data"):
        PeriodChoice.read("custom", *dates).span(WEEKS, Frequency.WEEKLY)
