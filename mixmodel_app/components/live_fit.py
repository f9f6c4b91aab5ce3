"""A sampler at work, for those who want to see it: ranges that settle, and the chains behind a fold."""

import dataclasses

import reflex as rx

from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.icons import icon
from mixmodel_app.components.layout import card
from mixmodel_app.components.range_bars import range_bars
from mixmodel_app.components.values import FromState, Text


@dataclasses.dataclass
class ChainRow:
    """One chain as texts; `done` is a CSS percentage."""

    name: str = ""
    done: str = "0%"
    phase: str = ""
    steps: str = ""
    divergences: str = ""
    step_size: str = ""


def provisional_returns(bars: FromState, note: Text, agreement: Text) -> rx.Component:
    """The returns as far as they are known, marked as provisional in word and hatch. There is nothing to download.

    Args:
        bars: a `RangeBars` with a row for each channel from the start, so that nothing jumps when the ranges come.
        note: from how many draws they are; `agreement`: how well the chains agree, "" when that is not known.
    """
    badge = rx.badge(icon("hourglass", size=14), "Provisional", color_scheme="amber", high_contrast=True, size="2")
    return card(
        rx.el.p(note, " ", rx.el.span(agreement), class_name="mm-quiet mm-live-note"),
        range_bars(bars, caption="Provisional returns by channel", look="provisional"),
        title="Returns, as they settle",
        action=badge,
    )


def sampler_detail(chains: FromState) -> rx.Component:
    """The chains, for analysts: behind a fold that is closed at first."""
    table = data_table(
        (
            Column("name", "Chain"),
            Column("done", "First round", render=_chain_bar),
            Column("phase", "Doing"),
            Column("steps", "Steps", numeric=True),
            Column("divergences", "Divergences", numeric=True),
            Column("step_size", "Step size", numeric=True),
        ),
        chains,
        caption="Chains of the sampler",
    )
    explained = rx.el.p(
        "The first round is tuning and the draws that were asked for. More rounds follow until the chains agree.",
        class_name="mm-quiet",
    )
    waiting = rx.el.p("The chains have not started yet.", class_name="mm-quiet")
    shown = rx.cond(chains.length() > 0, rx.el.div(explained, table, class_name="mm-stack"), waiting)
    return rx.el.details(rx.el.summary("What the sampler does"), shown, class_name="mm-details")


def _chain_bar(row: FromState) -> rx.Component:
    """The steps column says the same as a number."""
    done = rx.el.span(class_name="mm-chain-done", custom_attrs={"style": rx.Var.create({"width": row.done})})
    return rx.el.span(done, class_name="mm-chain-bar", aria_hidden="true")
