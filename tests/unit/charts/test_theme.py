import re
from pathlib import Path

import pytest

from mixmodel_app.charts import theme
from tests.factories import CHANNEL_NAMES, make_results

CHARTS = Path(theme.__file__).parent
HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b")


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["#ffffff", "#18191b"])
@pytest.mark.parametrize("colour", [*theme.CHANNEL_COLOURS, theme.NEUTRAL, theme.ACCENT, theme.GAIN, theme.LOSS])
def test_every_mark_stands_out_on_both_grounds(colour, ground):
    assert contrast(colour, ground) >= 3.0


def test_text_is_readable_on_white():
    assert contrast(theme.TEXT, "#ffffff") >= 4.5
    assert contrast(theme.INK, "#ffffff") >= 4.5


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*.py")), ids=lambda path: path.stem)
def test_colours_are_written_in_the_theme_only(path):
    if path.stem == "theme":
        return
    source = path.read_text()
    assert not HEX.findall(source)
    assert "rgb" not in source


def test_a_channel_keeps_its_colour_by_order_not_by_size():
    results = make_results()
    styles = theme.channel_styles(results)
    assert [styles[name].colour for name in results.channel_names] == list(theme.CHANNEL_COLOURS[:6])


def test_no_two_channels_look_alike():
    styles = theme.channel_styles(make_results(8)).values()
    assert len({style.colour for style in styles}) == 8
    assert len({style.symbol for style in styles}) == 8
    assert len({(style.dash, style.width) for style in styles}) == 8


def test_beyond_eight_the_seven_with_most_spend_have_a_colour():
    results = make_results(12)
    top = sorted(results.channels, key=lambda channel: channel.spend, reverse=True)[:7]
    assert theme.own_channels(results) == {channel.name for channel in top}
    others = set(CHANNEL_NAMES) - theme.own_channels(results)
    assert {theme.channel_colour(results, name) for name in others} == {theme.NEUTRAL}


@pytest.mark.parametrize(
    ("rows", "height"), [(1, theme.SMALL), (6, theme.MEDIUM), (8, theme.LARGE), (12, 12 * 40 + 72)]
)
def test_heights_are_tokens_until_rows_need_more(rows, height):
    assert theme.height_for(rows) == height


def test_alpha_keeps_the_colour():
    assert theme.alpha("#488bfb", 0.15) == "rgba(72,139,251,0.15)"


def test_the_page_overrides_the_colours_that_depend_on_the_theme():
    css = (CHARTS.parents[1] / "assets" / "charts.css").read_text()
    red, green, blue = (int(theme.INK[i : i + 2], 16) for i in (1, 3, 5))
    assert f"rgb({red}, {green}, {blue})" in css
    assert "rgb(255, 255, 255)" in css
    for variable in ("--slate-11", "--slate-12", "--slate-5", "--color-panel-solid"):
        assert f"var({variable})" in css
