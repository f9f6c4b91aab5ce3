"""The mark and the name."""

import reflex as rx


def brand() -> rx.Component:
    """Mark and name, a link to the start page."""
    return rx.link(
        rx.el.img(src="/logo.svg", alt="", width="28", height="28"),
        rx.el.span("MixModel"),
        href="/",
        underline="none",
        class_name="mm-brand",
        aria_label="MixModel, home",
    )
