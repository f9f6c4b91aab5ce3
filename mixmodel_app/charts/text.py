"""Text inside figures and around them: names made safe and short, subtitles, the words for periods."""

from html import escape

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.uncertainty import range_caption

LABEL_LENGTH = 16
ELLIPSIS = "…"


def safe(text: str) -> str:
    """Text that Plotly shows as it is: names come from files and may hold markup."""
    return escape(text, quote=False)


def short(text: str, length: int = LABEL_LENGTH) -> str:
    """A safe label that fits a phone: a long one loses its middle, since names often differ at the end."""
    if len(text) <= length:
        return safe(text)
    tail = (length - 1) // 2
    return safe(f"{text[: length - 1 - tail].rstrip()}{ELLIPSIS}{text[-tail:].lstrip()}")


def subtitle(results: ModelResults, metric: str, *, ranged: bool = False) -> str:
    """Metric, period and, for charts with ranges, the interval level."""
    period = numbers.date_range(results.date_start, results.date_end)
    return " · ".join([metric, period, *([range_caption(results.level)] if ranged else [])])


def period_word(results: ModelResults) -> str:
    """One period of the data in words: "week"."""
    return Frequency(results.frequency).period


def period_words(results: ModelResults) -> str:
    """Several periods in words: "weeks"."""
    return f"{period_word(results)}s"


def hover(name: str, *lines: str) -> str:
    """The text of a hover box: the name in bold, then lines."""
    return "<br>".join([f"<b>{safe(name)}</b>", *(safe(line) for line in lines)])
