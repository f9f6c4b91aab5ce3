"""The small markup of figure texts: line breaks, bold, and names that were made safe."""

import re
from html import unescape

_TAG = re.compile(r"</?(?:b|i|br)\s*/?>")


def lines_of(markup: str) -> list[tuple[str, bool]]:
    """The lines of a figure's text as plain text, and whether each is bold."""
    return [(unescape(_TAG.sub("", line)), line.startswith("<b>")) for line in str(markup).split("<br>")]
