"""Every event of the pages sent as everybody, over the socket and without a page, held against the table."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import pytest

from mixmodel_app.domain.account import Role
from mixmodel_app.domain.errors import NotAllowed
from mixmodel_app.domain.permissions import HANDLERS, Access
from tests.architecture.app_parts import handlers_of, our_states
from tests.e2e.product import Person, Product
from tests.e2e.socket_client import ROOT_STATE, SocketTab, socket_tab
from tests.tables import weekly_csv

pytestmark = pytest.mark.fit

SECRET = "Quiet Harbour"
MESSAGE = re.compile(r'"error_message_rx_state_": ?"([^"]*)"')
TITLE = re.compile(r'"error_title_rx_state_": ?"([^"]*)"')
TO_LOGIN = re.compile(r'"path": ?"/login')
DISMISS = f"{ROOT_STATE}.mixmodel_app___state___session____session_state.dismiss_error"
TAKES_AWAY = ("delete", "remove", "revoke", "forget", "end_session", "end_other_sessions", "cancel", "change_role")
PATIENCE = 25
"""How often to look again for the refusal of an event that runs in the background."""


@dataclass(frozen=True)
class Event:
    """One event of ours: its row, and how it is sent."""

    name: str
    full_name: str
    row: Access
    parameters: tuple[str, ...]
    hints: dict[str, Any]

    def payload(self, ids: dict[str, str]) -> dict[str, Any]:
        if self.name == "DatasetsState.delete":
            ids = ids | {"dataset_id": ids["spare_dataset_id"]}
        return {name: ids.get(name, _guess(self.hints.get(name))) for name in self.parameters}


def _events() -> list[Event]:
    """All of ours, those that take something away last."""
    found = [
        Event(name, f"{state.get_full_name()}.{method}", HANDLERS[name], *_parameters(event.fn))
        for state in our_states()
        for method, event in handlers_of(state).items()
        if (name := f"{state.__name__}.{method}") in HANDLERS
    ]
    return sorted(found, key=lambda event: event.name.split(".")[1] in TAKES_AWAY)


def _parameters(method: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    hints = {name: hint for name, hint in method.__annotations__.items() if name != "return"}
    return tuple(hints), hints


def _guess(hint: Any) -> Any:
    text = str(hint)
    return {} if "dict" in text and "list" not in text else [] if "list" in text else 0 if "int" in text else "1"


@dataclass(frozen=True)
class Harbour:
    """A workspace with people of each role, the stranger from another, and the ids of what the admin made."""

    people: dict[str, Person]
    ids: dict[str, str]

    def place(self, event: Event) -> tuple[str, dict[str, str]]:
        """Address and query of the page that an event belongs to."""
        of_data = event.name.startswith(("Columns", "Check", "Datasets"))
        path = f"/datasets/{self.ids['dataset_id']}/columns" if of_data else f"/results/{self.ids['run_id']}"
        return path, {name: self.ids[name] for name in ("run_id", "dataset_id")} | {"dataset": self.ids["dataset_id"]}


@pytest.fixture(scope="module")
def harbour(product: Product) -> Harbour:
    admin = product.new_person("Ann Harbour", workspace=SECRET)
    people = {"admin": admin, "stranger": product.new_person("Sue Stranger")}
    for role in ("viewer", "member"):
        people[role] = _joined(product, admin, role)
    spare = _joined(product, admin, "member")
    dataset_id = admin.ready_dataset(weekly_csv(), f"{SECRET}.csv")
    config = {"mode": "custom", "n_samples": 100, "tune_steps": 200, "n_chains": 1, "random_seed": 5}
    run_id = admin.start_run(dataset_id, f"{SECRET} in winter", **config)
    admin.until(run_id, "completed")
    product.lift_limits()
    plan = {"run_id": run_id, "name": f"{SECRET} plan", "allocation": {"TV": 1e4, "Search": 5e3}, "weeks": 4}
    ids = {
        "dataset_id": dataset_id,
        "spare_dataset_id": admin.ready_dataset(weekly_csv(weeks=52), f"{SECRET} spare.csv"),
        "run_id": run_id,
        "member_id": spare.user["id"],
        "share_id": admin.post(f"/api/models/{run_id}/shares", {})["id"],
        "comment_id": admin.post(f"/api/models/{run_id}/comments", {"text": f"{SECRET} it is."})["id"],
        "scenario_id": admin.post("/api/scenarios", plan)["id"],
        "invitation_id": admin.post("/api/workspace/invite", {"role": "viewer"})["id"],
        "session_id": admin.get("/api/auth/sessions")[1]["id"],
        "role": "viewer",
        "view": "executive",
        "days": "7",
    }
    return Harbour(people, ids)


def _joined(product: Product, admin: Person, role: str) -> Person:
    person = product.new_person(f"{role.title()} Harbour")
    token = admin.post("/api/workspace/invite", {"role": role})["token"]
    person.post(f"/api/workspace/invite/{token}/accept")
    return person


def _last(pattern: re.Pattern[str], heard: list[str]) -> str:
    found = [text for message in heard for text in pattern.findall(message)]
    return found[-1] if found else ""


def _expected(event: Event, caller: str) -> str:
    """What refuses: "login", "role", or "" for nothing. All things are the admin's."""
    row = event.row
    if row.role is None:
        return ""
    if caller == "anonymous":
        return "login"
    needed = Role.ADMIN if row.own and caller != "stranger" else row.role
    held = Role.ADMIN if caller == "stranger" else Role(caller)
    return "" if held.rank >= needed.rank else "role"


def _refusal(heard: list[str]) -> str:
    if any(TO_LOGIN.search(message) for message in heard):
        return "login"
    return "role" if _last(TITLE, heard) == NotAllowed.title else ""


async def _send(tab: SocketTab, harbour: Harbour, event: Event, expected: str) -> list[str]:
    path, query = harbour.place(event)
    await tab.ask(DISMISS, {})
    heard = await tab.ask(event.full_name, event.payload(harbour.ids), path, **query)
    for _ in range(PATIENCE):
        if _refusal(heard) == expected:
            break
        await asyncio.sleep(0.2)
        await tab.look()
        heard = list(tab.heard)
    return heard


async def _sweep(product: Product, harbour: Harbour, caller: str) -> list[str]:
    """What differs from the table, in words."""
    wrong: list[str] = []
    cookie = harbour.people[caller].cookie_header if caller != "anonymous" else None
    async with socket_tab(product.url, cookie=cookie) as tab:
        for number, event in enumerate(_events()):
            if number % 4 == 0:
                product.lift_limits()
            expected = _expected(event, caller)
            heard = await _send(tab, harbour, event, expected)
            if _refusal(heard) != expected:
                wrong.append(
                    f"{event.name} as {caller}: {_refusal(heard)!r}, {expected!r} by the table: {_said(heard)}"
                )
            if "went wrong on our side" in _last(TITLE, heard):
                wrong.append(f"{event.name} as {caller} failed: {_said(heard)}")
            if caller in ("anonymous", "stranger") and any(SECRET in message for message in heard):
                wrong.append(f"{event.name} tells {caller} of the workspace: {heard}")
    return wrong


def _said(heard: list[str]) -> str:
    return f"{_last(TITLE, heard)}: {_last(MESSAGE, heard)}"


@pytest.mark.parametrize("caller", ["anonymous", "stranger", "viewer"])
async def test_who_may_not_is_refused(product: Product, harbour: Harbour, caller: str) -> None:
    wrong = await _sweep(product, harbour, caller)
    assert not wrong, "\n".join(wrong)
    admin, ids = harbour.people["admin"], harbour.ids
    assert admin.get(f"/api/datasets/{ids['dataset_id']}")["status"] == "validated"
    assert admin.get(f"/api/models/{ids['run_id']}")["status"] == "completed"
    assert admin.get(f"/api/scenarios/{ids['scenario_id']}")["name"] == f"{SECRET} plan"
    assert len(admin.get(f"/api/models/{ids['run_id']}/comments")) == 1
    assert len(admin.get("/api/workspace/members")) == 4


def test_the_routes_of_reflex_are_those_of_the_table(product: Product, harbour: Harbour) -> None:
    """And what else it could serve is not there."""
    assert product.http.get("/ping").status_code == 200
    assert product.http.get("/_health").status_code == 200
    for path in ("/_all_routes", "/auth-codespace"):
        assert product.http.get(path).status_code == 404, path
    upload = next(event for event in _events() if event.name == "UploadState.receive")
    for caller, status in (("viewer", 403), ("anonymous", 401)):
        cookie = harbour.people[caller].cookie_header if caller != "anonymous" else ""
        headers = {"reflex-client-token": "0" * 32, "reflex-event-handler": upload.full_name, "Cookie": cookie}
        answer = product.http.post("/_upload", headers=headers, files={"files": ("weekly.csv", weekly_csv())})
        assert answer.status_code == status, caller


@pytest.mark.parametrize("caller", ["member", "admin"])
async def test_who_may_is_answered(product: Product, harbour: Harbour, caller: str) -> None:
    wrong = await _sweep(product, harbour, caller)
    assert not wrong, "\n".join(wrong)
