"""Texts that office files can hold: names come from files and may carry what XML forbids."""

import re

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def without_controls(text: str) -> str:
    """The text without control characters; line breaks and tabs stay."""
    return _FORBIDDEN.sub("", text)
