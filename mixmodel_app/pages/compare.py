"""Two finished runs side by side: what moved, by how much, and why."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import link_button
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.forms import field, select_input
from mixmodel_app.components.layout import card, grid, page_header, section, stack
from mixmodel_app.components.states import empty_state, page_skeleton
from mixmodel_app.components.status_badge import Look, look_badge
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.comparison import ChannelShift, Setting, Shift
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.services import comparisons, runs
from mixmodel_app.services.comparisons import RunComparison
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import comparisons as wording
from mixmodel_app.wording import numbers
from mixmodel_app.wording.settings import SETTINGS

CHOICES = 100
_LOOKS = {
    Shift.SAME: Look(wording.SHIFTS[Shift.SAME], "equal", "gray"),
    Shift.WITHIN: Look(wording.SHIFTS[Shift.WITHIN], "arrow-left-right", "indigo"),
    Shift.BEYOND: Look(wording.SHIFTS[Shift.BEYOND], "triangle-alert", "amber"),
    Shift.NEW: Look(wording.SHIFTS[Shift.NEW], "plus", "gray"),
    Shift.GONE: Look(wording.SHIFTS[Shift.GONE], "minus", "gray"),
    Shift.UNKNOWN: Look(wording.SHIFTS[Shift.UNKNOWN], "circle-help", "gray"),
}


@dataclass
class ShiftRow:
    """One channel in both runs; `shift` is the value of `domain.comparison.Shift`."""

    name: str
    before: str
    after: str
    change: str
    shift: str


@dataclass
class PairRow:
    """One thing as it is in either run."""

    name: str
    before: str
    after: str


class CompareState(SessionState):
    """The two runs that are chosen, and how they differ."""

    choices: list[list[str]] = []  # noqa: RUF012 (Reflex copies the default for every person)
    first: str = ""
    second: str = ""
    older: str = ""
    newer: str = ""
    verdict: str = ""
    reasons: list[str] = []  # noqa: RUF012
    channels: list[ShiftRow] = []  # noqa: RUF012
    settings: list[PairRow] = []  # noqa: RUF012
    fits: list[PairRow] = []  # noqa: RUF012
    range_note: str = ""

    @loader()
    async def load(self, principal: Principal) -> None:
        """The runs that the address names, else the two newest."""
        found = await asyncio.to_thread(runs.page, principal, CHOICES)
        done = [run for run in found["items"] if run["status"] == "completed"]
        self.choices = [[run["id"], f"{run['name']} · {numbers.date_text(run['created_at'])}"] for run in done]
        known = [run["id"] for run in done]
        asked = [self._query_param(name) for name in ("a", "b")]
        spare = [run_id for run_id in known if run_id not in asked]
        self.first, self.second = (run_id or (spare.pop(0) if spare else "") for run_id in asked)
        self.verdict = ""
        if self.first and self.second:
            ids, level = (as_id(self.first), as_id(self.second)), principal.preferences.interval
            self._show(await asyncio.to_thread(comparisons.compared, principal, *ids, level))

    @handler()
    async def choose(self, principal: Principal, place: str, run_id: str):
        """Take another run into the comparison; the address follows."""
        first, second = (run_id, self.second) if place == "a" else (self.first, run_id)
        yield rx.redirect(f"/compare?a={as_id(first)}&b={as_id(second)}")

    def _show(self, compared: RunComparison) -> None:
        numbers.use_outcome(compared.after_results.outcome, compared.after_results.target)
        self.range_note = wording.range_note(compared.before_results, compared.after_results)
        self.older, self.newer = compared.before["name"], compared.after["name"]
        self.verdict, self.reasons = compared.verdict, compared.reasons
        self.channels = [_shift_row(channel) for channel in compared.found.channels]
        self.settings = [_setting_row(setting) for setting in compared.found.settings]
        self.fits = _fits(compared)


@page("/compare", title="Compare runs", parent="/runs", on_load=CompareState.load, skeleton=page_skeleton)
def compare_page() -> rx.Component:
    """Two selects, then one sentence, why, and the tables."""
    return rx.cond(CompareState.choices.length() > 1, _comparison(), _too_few())


def _comparison() -> rx.Component:
    return stack(
        page_header("Compare runs", "What moved between two fits, and why. The older run comes first."),
        grid(_choice("a", "First run", CompareState.first), _choice("b", "Second run", CompareState.second), columns=2),
        rx.cond(CompareState.verdict, _found(), rx.fragment()),
    )


def _choice(place: str, label: str, value: rx.Var[str]) -> rx.Component:
    select = select_input(
        f"run-{place}", CompareState.choices, value=value, on_change=lambda run: CompareState.choose(place, run)
    )
    return field(label, select, name=f"run-{place}")


def _found() -> rx.Component:
    reasons = rx.el.ul(rx.foreach(CompareState.reasons, lambda text: rx.el.li(text)), class_name="mm-sentences")
    settings = section("Settings that differ", _side_by_side("Setting", CompareState.settings, "Settings that differ"))
    return stack(
        rx.el.p(CompareState.verdict, class_name="mm-headline"),
        card(reasons, title="Why"),
        section(
            "Returns",
            data_table(
                (
                    Column("name", "Channel"),
                    Column("before", "Older run", numeric=True),
                    Column("after", "Newer run", numeric=True),
                    Column("change", "Change", numeric=True),
                    Column("shift", "Verdict", render=_shift),
                ),
                CompareState.channels,
                caption="Returns of both runs",
            ),
            note=CompareState.range_note,
        ),
        section("Fit and health", _side_by_side("What", CompareState.fits, "Fit and health of both runs")),
        rx.cond(CompareState.settings.length() > 0, settings, rx.fragment()),
    )


def _side_by_side(what: str, rows: rx.Var[list[PairRow]], caption: str) -> rx.Component:
    columns = (Column("name", what), Column("before", "Older run"), Column("after", "Newer run"))
    return data_table(columns, rows, caption=caption)


def _shift(channel: Any) -> rx.Component:
    badges = [(shift.value, look_badge(look)) for shift, look in _LOOKS.items()]
    return rx.fragment(rx.match(channel.shift, *badges, rx.el.span(channel.shift)))


def _too_few() -> rx.Component:
    return empty_state(
        "Nothing to compare yet",
        "A comparison needs two finished runs: with other settings, or on newer data.",
        link_button("Runs", "/runs", primary=True),
        icon_name="git-compare",
        level=1,
    )


def _shift_row(channel: ChannelShift) -> ShiftRow:
    return ShiftRow(
        name=channel.name,
        before=wording.range_text(channel.before),
        after=wording.range_text(channel.after),
        change=wording.change_text(channel),
        shift=channel.shift.value,
    )


def _setting_row(setting: Setting) -> PairRow:
    name = SETTINGS.get(setting.key, setting.key)
    return PairRow(name=name, before=_value(setting.before), after=_value(setting.after))


def _value(value: Any) -> str:
    if value is None or value in ({}, [], ""):
        return numbers.MISSING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fits(compared: RunComparison) -> list[PairRow]:
    """What else one would lay side by side."""
    before, after = compared.before_results, compared.after_results
    read: tuple[tuple[str, Callable[[ModelResults], str]], ...] = (
        ("Period", lambda found: numbers.date_range(found.date_start, found.date_end)),
        ("Return on all spend", lambda found: wording.range_text(found.blended_roas)),
        ("Fit", wording.fit_text),
        ("Model health", lambda found: found.verdict.label),
    )
    return [PairRow(name, text(before), text(after)) for name, text in read]
