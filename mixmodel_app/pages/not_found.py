"""What unknown addresses show."""

import reflex as rx

from mixmodel_app.components.buttons import link_button
from mixmodel_app.components.states import empty_state
from mixmodel_app.pages._page import page


@page("404", title="Page not found", requires=None)
def not_found() -> rx.Component:
    """A way back."""
    return empty_state(
        "There is no page at this address",
        "It may have been deleted, or the link may be incomplete.",
        link_button("Go to the start page", "/", icon_name="house", primary=True),
        icon_name="map-pin-off",
        level=1,
    )
