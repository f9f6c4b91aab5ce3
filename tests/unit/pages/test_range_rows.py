from itertools import pairwise

import pytest

from mixmodel_app.charts import theme
from mixmodel_app.pages._range_rows import Range, Scale, bars, channel_colours, empty_bars
from tests.factories import make_results


def per_cent(text: str) -> float:
    return float(text.removesuffix("%"))


def ranges(*highest: float) -> list[Range]:
    return [Range(f"Channel {i}", 0.6 * hi, 0.3 * hi, hi) for i, hi in enumerate(highest)]


@pytest.mark.parametrize(
    ("highest", "end"), [(0.4, 2), (2.0, 2), (2.01, 2.5), (4.2, 5), (8.5, 10), (86, 100), (87, 150)]
)
def test_the_scale_ends_at_a_round_number_with_room(highest: float, end: float):
    assert Scale().grown(ranges(highest)) == Scale(0, end)


def test_the_scale_never_shrinks_and_holds_what_it_has_seen():
    scale = Scale()
    for highest in (0.5, 7.0, 3.0, 7.9, 30.0, 1.0):
        grown = scale.grown(ranges(highest))
        assert grown.high >= max(scale.high, highest)
        scale = grown
    assert scale == Scale(0, 40)


def test_a_scale_that_holds_a_range_does_not_move():
    scale = Scale(0, 5)
    assert scale.grown(ranges(5.0)) == scale
    assert scale.grown([]) == scale


def test_a_range_below_zero_is_shown_whole():
    scale = Scale().grown([Range("TV", 0.2, -0.7, 1.1)])
    assert scale.low <= -0.7
    (row,) = bars([Range("TV", 0.2, -0.7, 1.1)], {}, scale).rows
    assert per_cent(row.left) > 0
    assert row.spread == "−0.70 – 1.10"


def test_places_are_shares_of_the_scale():
    found = bars([Range("TV", 2.0, 1.0, 3.0)], {"TV": theme.AZURE}, Scale(0, 4))
    (row,) = found.rows
    assert (row.left, row.width, row.middle) == ("25.00%", "50.00%", "50.00%")
    assert (row.median, row.spread, row.colour, row.known) == ("2.00", "1.00–3.00", theme.AZURE, True)
    assert found.one == "25.00%"


def test_ticks_are_few_round_and_within():
    for high in (1.5, 2, 4, 10, 60, 250):
        ticks = Scale(0, high).ticks()
        places = [per_cent(tick.place) for tick in ticks]
        assert 3 <= len(ticks) <= 6
        assert places[0] == 0
        assert places[-1] <= 100
        steps = [later - earlier for earlier, later in pairwise(places)]
        assert max(steps) - min(steps) < 0.02
    assert [tick.text for tick in Scale(0, 4).ticks()] == ["0", "1", "2", "3", "4"]


def test_before_there_are_ranges_each_channel_has_its_row():
    found = empty_bars({"TV": theme.AZURE, "Search": theme.OLIVE})
    assert [(row.name, row.known, row.spread) for row in found.rows] == [("TV", False, "–"), ("Search", False, "–")]


@pytest.mark.parametrize("count", [1, 3, 8])
def test_colours_are_those_of_the_results(count: int):
    results = make_results(count)
    styles = theme.channel_styles(results)
    assert channel_colours(results.channel_names) == {name: style.colour for name, style in styles.items()}


def test_beyond_eight_channels_no_colour_is_promised():
    assert set(channel_colours(str(i) for i in range(9)).values()) == {theme.NEUTRAL}
