"""The planner's kept plans: saved, opened again, compared up to four, marked when a newer run exists."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from mixmodel_app.components.buttons import icon_button, quiet_button, secondary_button
from mixmodel_app.components.data_table import Column, data_table, plain_table
from mixmodel_app.components.forms import field, form_error, text_input
from mixmodel_app.components.layout import section
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.estimates import HDI_PROB
from mixmodel_app.domain.scenario import MOST_COMPARED, ScenarioPlan
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._look import look_at
from mixmodel_app.pages._plan_numbers import net_text
from mixmodel_app.pages._plan_state import BudgetState
from mixmodel_app.services import runs, scenarios
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers
from mixmodel_app.wording.plans import outcome_word
from mixmodel_app.wording.uncertainty import chances, level_text, return_label

_MOST_LISTED = 50


@dataclass
class ScenarioRow:
    """One kept plan as texts. `newer` is the run that made it stale, "" when it is not."""

    id: str
    name: str
    spend: str
    revenue: str
    gain: str
    saved: str
    stale: bool
    picked: bool = False


class ScenarioState(SessionState):
    """The kept plans of the run's dataset."""

    saved: list[ScenarioRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    title: str = ""
    trouble: str = ""
    head: list[str] = []  # noqa: RUF012
    compared: list[list[str]] = []  # noqa: RUF012
    note: str = ""
    _raw: dict[str, dict[str, Any]] = {}  # noqa: RUF012
    _dataset_id: str = ""
    _mapping: dict[str, Any] | None = None

    async def _admit(self, requires: Role, limit: Limit | None) -> Principal | None:
        """Amounts are those of the run's outcome, whatever the handler."""
        principal = await super()._admit(requires, limit)
        look_at(self._mapping)
        return principal

    @loader()
    async def load(self, principal: Principal) -> None:
        """The plans that were kept for this run's data, newest first."""
        run = await asyncio.to_thread(runs.get, principal, as_id(self._route_param("run_id")))
        self._mapping = run["column_mapping"]
        look_at(self._mapping)
        if self._dataset_id != run["dataset_id"]:
            self.head, self.compared = [], []
        self._dataset_id, self.trouble, self.note = run["dataset_id"], "", ""
        await self._list(principal)

    @handler(requires=Role.MEMBER)
    async def rename(self, principal: Principal, text: str) -> None:
        """The name under which the plan will be kept."""
        self.title = text[:300]

    @handler(requires=Role.MEMBER)
    async def save(self, principal: Principal) -> None:
        """Keep the plan on screen."""
        self.trouble = self.note = ""
        planner = await self.get_state(BudgetState)
        try:
            plan = planner._current_draft().scenario()
            kept = await asyncio.to_thread(scenarios.save, principal, as_id(planner.run_id), self.title, plan)
        except InvalidInput as error:
            self.trouble = error.sentence()
            return
        self.title, self.note = "", f"Saved as {kept['name']}."
        await self._list(principal)

    @handler()
    async def reopen(self, principal: Principal, scenario_id: str) -> None:
        """Put a kept plan on screen, judged by the run that is open."""
        kept = await asyncio.to_thread(scenarios.get, principal, as_id(scenario_id))
        planner = await self.get_state(BudgetState)
        await planner._open(principal, ScenarioPlan.from_json(kept["plan"]))
        self.note = f"{kept['name']} is on screen."

    @handler(requires=Role.MEMBER)
    async def remove(self, principal: Principal, scenario_id: str) -> None:
        """Delete a kept plan."""
        await asyncio.to_thread(scenarios.delete, principal, as_id(scenario_id))
        await self._list(principal)
        self.head, self.compared = [], []

    @handler()
    async def pick(self, principal: Principal, scenario_id: str) -> None:
        """Take a plan into the comparison, or out of it."""
        for one in self.saved:
            if one.id == scenario_id:
                one.picked = not one.picked
        picked = [as_id(one.id) for one in self.saved if one.picked]
        self.trouble = "" if len(picked) <= MOST_COMPARED else f"At most {MOST_COMPARED} can be compared."
        if 2 <= len(picked) <= MOST_COMPARED:
            await self._compare(principal, picked)
        elif len(picked) < 2:
            self.head, self.compared = [], []

    async def _compare(self, principal: Principal, ids: list[UUID]) -> None:
        found = await asyncio.to_thread(scenarios.compare, principal, ids)
        self.head = ["", *(one["name"] + (" (older run)" if one["stale"] else "") for one in found)]
        self.compared = comparison(found)

    async def _list(self, principal: Principal) -> None:
        found = await asyncio.to_thread(scenarios.page, principal, _MOST_LISTED, None, as_id(self._dataset_id))
        picked = {one.id for one in self.saved if one.picked}
        self.saved = [scenario_row(raw, picked=raw["id"] in picked) for raw in found["items"]]


def scenario_row(raw: dict[str, Any], *, picked: bool = False) -> ScenarioRow:
    """A kept plan as the list shows it."""
    found = raw["evaluation"]
    return ScenarioRow(
        id=raw["id"],
        name=raw["name"],
        spend=numbers.money(found["spend"]),
        revenue=f"{numbers.outcome(found['revenue'])} ({numbers.value_range(*_range(found), numbers.outcome)})",
        gain=f"{net_text(found['net_gain'], found['gain'])}, {chances(found['probability_better'])}",
        saved=numbers.date_text(raw["created_at"]),
        stale=raw["stale"],
        picked=picked,
    )


def comparison(found: list[dict[str, Any]]) -> list[list[str]]:
    """Plans side by side: a line for each number, then for each channel."""
    judged = [one["evaluation"] for one in found]
    channels = list(dict.fromkeys(name for one in judged for name in one["allocation"]))
    lines = [
        ["Spend", *(numbers.money(one["spend"]) for one in judged)],
        ["Periods", *(f"{one['weeks']}" for one in judged)],
        [f"{outcome_word()} from media", *(numbers.outcome(one["revenue"]) for one in judged)],
        ["Likely range", *(_range_text(one) for one in judged)],
        [return_label(), *(numbers.roas(one["roas"]) for one in judged)],
        ["Gain after cost", *(net_text(one["net_gain"], one["gain"]) for one in judged)],
        ["Chance that it is better than the spend then", *(chances(one["probability_better"]) for one in judged)],
    ]
    return [
        *lines,
        *([name, *(numbers.full_money(one["allocation"].get(name)) for one in judged)] for name in channels),
    ]


def _range(found: dict[str, Any]) -> list[float]:
    """The range of what media bring, of the level that the reader prefers where the plan kept it."""
    return found.get("revenue_ranges", {}).get(f"{numbers.level():g}", found["revenue_hdi"])


def _range_text(found: dict[str, Any]) -> str:
    """The range with its level: plans that older versions kept know only one."""
    known = f"{numbers.level():g}" in found.get("revenue_ranges", {})
    level = numbers.level() if known else found.get("level", HDI_PROB)
    return f"{numbers.value_range(*_range(found), numbers.outcome)} ({level_text(level)})"


def scenario_part() -> rx.Component:
    """Name and save, the list, the comparison."""
    return section(
        "Scenarios",
        rx.el.div(
            field(
                "Name of this plan",
                text_input(
                    "scenario",
                    default_value=ScenarioState.title,
                    on_blur=ScenarioState.rename,
                    max_length=255,
                    auto_complete="off",
                    custom_attrs={"data-planner": "box", "data-value": ScenarioState.title},
                ),
                name="scenario",
            ),
            secondary_button("Save as scenario", icon_name="bookmark-plus", on_click=ScenarioState.save),
            rx.el.p(ScenarioState.note, role="status", class_name="mm-hint"),
            class_name="mm-row mm-row-end",
        ),
        form_error(ScenarioState.trouble),
        rx.cond(
            ScenarioState.saved.length() > 0,
            _list(),
            notice("No plan is kept yet. A kept plan can be opened again and compared."),
        ),
        rx.cond(
            ScenarioState.compared.length() > 0,
            plain_table(ScenarioState.head, ScenarioState.compared, caption="Scenarios side by side"),
            rx.fragment(),
        ),
        note="Plans that the workspace keeps for this data. Pick two to four to see them side by side.",
    )


def _list() -> rx.Component:
    return data_table(
        (
            Column("name", "Scenario", render=_name),
            Column("spend", "Spend", numeric=True),
            Column("revenue", "Revenue from media", numeric=True),
            Column("gain", "Gain after cost, chance", numeric=True),
            Column("saved", "Saved", numeric=True),
            Column("id", "Actions", render=_actions),
        ),
        ScenarioState.saved,
        caption="Kept plans",
    )


def _name(one: rx.Var[ScenarioRow]) -> rx.Component:
    badge = rx.badge("newer run exists", color_scheme="amber", high_contrast=True)
    return rx.el.span(one.name, " ", rx.cond(one.stale, badge, rx.fragment()))


def _actions(one: rx.Var[ScenarioRow]) -> rx.Component:
    pick = rx.el.label(
        rx.el.input(
            type="checkbox",
            checked=one.picked,
            on_change=lambda _: ScenarioState.pick(one.id),
            aria_label="Compare " + one.name,
        ),
        " Compare",
    )
    return rx.el.div(
        pick,
        quiet_button("Open", on_click=ScenarioState.reopen(one.id), aria_label="Open " + one.name),
        icon_button("trash-2", "Delete " + one.name, on_click=ScenarioState.remove(one.id)),
        class_name="mm-scenario-actions",
    )
