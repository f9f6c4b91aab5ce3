"""Whether a return was learned from the data or is mostly what was assumed: in a word, with an icon and a colour."""

from typing import Any

import reflex as rx

from mixmodel_app.components.status_badge import Look, look_badge
from mixmodel_app.components.values import Text
from mixmodel_app.domain.results import LearnedFrom

_LOOKS: dict[LearnedFrom, Look] = {
    LearnedFrom.DATA: Look(LearnedFrom.DATA.label, "database", "green"),
    LearnedFrom.ASSUMPTION: Look(LearnedFrom.ASSUMPTION.label, "circle-dashed", "amber"),
}


def learned_badge(learned_from: Text, evidence: Text = "", **props: Any) -> rx.Component:
    """The badge by the value of `LearnedFrom`; nothing for "", as results of older versions have it.

    Args:
        evidence: the sentence behind it, shown on hover. It must stand in the page too: not everybody can hover.
    """
    cases = [(value.value, look_badge(look, title=evidence, **props)) for value, look in _LOOKS.items()]
    return rx.fragment(rx.match(learned_from, *cases, rx.fragment()))
