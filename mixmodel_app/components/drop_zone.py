"""Where a file is dropped, or chosen by click, Enter or Space."""

from typing import Any

import reflex as rx
from reflex.components.component import Component
from reflex.style import Style

from mixmodel_app.components.values import Text

_DRAGGING = Style({"borderColor": "var(--mm-focus)", "borderStyle": "solid", "background": "var(--indigo-a3)"})


def drop_zone(*children: Any, id: str, label: str, refused: Text = "", **props: Any) -> rx.Component:
    """A drop zone for one file.

    Args:
        id: of the upload, as in `rx.upload_files(upload_id=…)`.
        label: what to choose and its limits; the name of the zone and of the file input in it.
        refused: a reason, when the last file was not taken; the zone then stands out.
        props: `accept`, `max_size`, `on_drop`, `on_drop_rejected` of `rx.upload`.
    """
    zone = rx.upload.root(
        *children,
        id=id,
        multiple=False,
        class_name=["mm-drop", rx.cond(refused, "mm-drop-refused", "")],
        drag_active_style=_DRAGGING,
        role="button",
        aria_label=label,
        tab_index=0,
        **props,
    )
    _file_input(zone).custom_attrs["aria-label"] = label
    return zone


def _file_input(upload: rx.Component) -> Component:
    """The input that Reflex puts first into the zone, without a name of its own for screen readers."""
    zone = upload.children[0]
    assert isinstance(zone, Component)
    found = zone.children[0]
    assert isinstance(found, Component)
    return found
