"""The one palette, the lean template and the heights. No other file in `charts/` writes a colour.

Marks carry explicit colours of at least 3 : 1 on both grounds (white and #18191b), so a figure is built once for
light, dark and export. Text and grid have the light theme's colours here and are overridden by `assets/charts.css`
on a page. Reasons and measurements: docs/decisions/0005-one-palette.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mixmodel_app.domain.results import ModelResults

AZURE, OLIVE, CORAL, PLUM = "#488bfb", "#746711", "#ed5c7c", "#a64277"
GREEN, LIME, VIOLET, ORCHID = "#1d865a", "#849b1d", "#7e4ac2", "#b06eaa"
CHANNEL_COLOURS = (AZURE, OLIVE, CORAL, PLUM, GREEN, LIME, VIOLET, ORCHID)
NEUTRAL = "#8b8d98"  # baseline, Other, reference lines
ACCENT = "#3e63dd"  # the model's own series, where no channel is meant
GAIN, LOSS = "#0072b2", "#d55e00"  # never in one chart with channel colours
TEXT, INK, GRID, PANEL = "#60646c", "#1c2024", "#e0e1e6", "#ffffff"  # each mapped to its theme in charts.css
TRANSPARENT = "rgba(0,0,0,0)"

PALETTE = frozenset({*CHANNEL_COLOURS, NEUTRAL, ACCENT, GAIN, LOSS, TEXT, INK, GRID, PANEL})

SMALL, MEDIUM, LARGE = 240, 320, 420  # px: the skeleton has the final size
RIBBON_WIDE, RIBBON_50 = 0.15, 0.30
HATCH = "/"
OTHER = "Other"
FONT = "Inter Variable, Inter, system-ui, sans-serif"

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "pentagon", "star")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
_WIDTHS = (2, 2, 2, 2, 2, 2, 1.25, 1.25)


@dataclass(frozen=True, slots=True)
class ChannelStyle:
    """How one channel is drawn everywhere; colour is never its only mark."""

    colour: str
    symbol: str
    dash: str
    width: float


OTHER_STYLE = ChannelStyle(NEUTRAL, "hexagon", "dot", 1.25)


def channel_styles(results: ModelResults) -> dict[str, ChannelStyle]:
    """The style of every channel of some results; see `styles`."""
    return styles({channel.name: channel.spend for channel in results.channels})


def styles(spend: Mapping[str, float]) -> dict[str, ChannelStyle]:
    """The style of every channel, by channel order; with more than eight, the seven with most spend have their own.

    Args:
        spend: of each channel, in the order of the file, so that a channel looks the same before and after a fit.
    """
    own = _with_own_style(spend)
    found = {name: ChannelStyle(CHANNEL_COLOURS[i], _SYMBOLS[i], _DASHES[i], _WIDTHS[i]) for i, name in enumerate(own)}
    return {name: found.get(name, OTHER_STYLE) for name in spend}


def _with_own_style(spend: Mapping[str, float]) -> list[str]:
    """All names up to eight, else the seven with most spend, in the order of the file."""
    if len(spend) <= len(CHANNEL_COLOURS):
        return list(spend)
    largest = sorted(spend, key=lambda name: spend[name], reverse=True)[: len(CHANNEL_COLOURS) - 1]
    return [name for name in spend if name in largest]


def channel_colour(results: ModelResults, name: str) -> str:
    """The colour of one channel; the neutral of "Other" when it has none of its own."""
    return channel_styles(results).get(name, OTHER_STYLE).colour


def own_channels(results: ModelResults) -> frozenset[str]:
    """Names of the channels with a colour of their own: all up to eight, else the seven with most spend."""
    return frozenset(_with_own_style({channel.name: channel.spend for channel in results.channels}))


def alpha(colour: str, opacity: float) -> str:
    """A palette colour as `rgba(…)`, for ribbons and shaded regions."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def height_for(rows: int, row: int = 40, frame: int = 72) -> int:
    """The smallest height token that holds `rows` rows of `row` px beside axes; beyond the largest, what they need."""
    needed = rows * row + frame
    return next((token for token in (SMALL, MEDIUM, LARGE) if token >= needed), needed)


def _axis(*, grid: bool) -> dict[str, Any]:
    return {
        "automargin": True,
        "showgrid": grid,
        "gridcolor": GRID,
        "gridwidth": 1,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": 12, "color": TEXT},
        "title": {"font": {"size": 12, "color": TEXT}, "standoff": 8},
        "fixedrange": True,
    }


TEMPLATE: dict[str, Any] = {
    "layout": {
        "autosize": True,
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "font": {"family": FONT, "size": 12, "color": TEXT},
        "colorway": list(CHANNEL_COLOURS),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 4},
        "xaxis": _axis(grid=False),
        "yaxis": _axis(grid=True),
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": PANEL,
            "bordercolor": GRID,
            "font": {"family": FONT, "size": 12, "color": INK},
            "align": "left",
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
            "font": {"size": 12, "color": TEXT},
            "bgcolor": TRANSPARENT,
            "itemsizing": "constant",
        },
        "showlegend": False,
        "dragmode": False,
        "annotationdefaults": {"font": {"size": 12, "color": INK}, "showarrow": False},
        "modebar": {"remove": ["zoom", "pan", "select", "lasso2d", "zoomin", "zoomout", "autoscale", "resetscale"]},
    }
}


def hatch(hatched: bool | list[bool]) -> dict[str, Any]:
    """The pattern of a bar's or slice's fill: calm diagonal lines where `hatched`, else a solid fill."""
    shape = [HATCH if on else "" for on in hatched] if isinstance(hatched, list) else HATCH if hatched else ""
    return {"shape": shape, "fillmode": "replace", "size": 7, "solidity": 0.25}
