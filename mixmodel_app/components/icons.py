"""Icons: always decoration beside a word, so hidden from screen readers."""

from typing import Any

import reflex as rx


def icon(name: str, *, size: int = 18, **props: Any) -> rx.Component:
    """A Lucide icon of `size` pixels in the colour of the text around it."""
    return rx.icon(name, size=size, stroke_width=1.75, aria_hidden="true", flex_shrink="0", **props)
