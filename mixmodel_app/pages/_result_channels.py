"""The manager's table of channels, with where each return comes from."""

import reflex as rx

from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.layout import section
from mixmodel_app.components.learned_badge import learned_badge
from mixmodel_app.components.values import FromState


def channel_section(rows: FromState, range_name: FromState, *, tells_learning: FromState) -> rx.Component:
    """A row for each channel, and behind a fold the evidence of its badge.

    Args:
        rows: `ChannelRow`s.
        range_name: "94 % range".
        tells_learning: whether any of them says where its return comes from; older results do not.
    """
    table = data_table(
        (
            Column("name", "Channel", render=_channel),
            Column("spend", "Spend", numeric=True),
            Column("contribution", "Contribution", numeric=True),
            Column("returned", "Return per 1", numeric=True),
            Column("range", range_name, numeric=True),
            Column("next_one", "On the next 1", numeric=True),
            Column("next_range", range_name, numeric=True),
            Column("verdict", "Pays back", render=_verdict),
        ),
        rows,
        caption="Return of each channel",
    )
    note = "Medians with their ranges, carryover included."
    return section("Channels", table, rx.cond(tells_learning, _evidence(rows), rx.fragment()), note=note)


def _channel(row: FromState) -> rx.Component:
    """The name, and below it whether its return was learned or assumed."""
    badge = rx.el.div(learned_badge(row.learned_from, row.evidence), class_name="mm-learned")
    return rx.fragment(rx.el.span(row.name), rx.cond(row.learned_from, badge, rx.fragment()))


def _verdict(row: FromState) -> rx.Component:
    """The only words in the row: they take two lines before the table has to scroll."""
    return rx.el.span(row.verdict, class_name="mm-verdict")


def _evidence(rows: FromState) -> rx.Component:
    """The sentence behind each badge: not everybody can hover."""
    items = rx.foreach(rows, lambda row: rx.cond(row.evidence, rx.el.li(row.evidence), rx.fragment()))
    summary = rx.el.summary("Learned or assumed: why")
    return rx.el.details(summary, rx.el.ul(items, class_name="mm-sentences"), class_name="mm-details")
