"""What a socket client without a browser can get: nothing that is not its own.

Pages hide nothing from such a client. It knows every event by name, sends any payload and any client token.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from socketio.exceptions import ConnectionError as Refused

from tests.e2e.product import Person, Product
from tests.e2e.socket_client import ROOT_STATE, Handler, SocketTab, every_handler, socket_tab
from tests.tables import weekly_csv

pytestmark = pytest.mark.fit

SESSION = f"{ROOT_STATE}.mixmodel_app___state___session____session_state"
TRACES = re.compile(r"Traceback|TypeError|KeyError|ValueError|AttributeError|psycopg|sqlalchemy", re.IGNORECASE)
SPOILS = ("x", 7, None, [], {"a": 1}, "'; DROP TABLE users; --", "\u0000")


@dataclass(frozen=True)
class Victim:
    """Ann, and the words that nobody else may ever be sent."""

    person: Person
    dataset_id: str
    run_id: str

    @property
    def secrets(self) -> tuple[str, ...]:
        return ("Quiet Harbour", "harbour-plan", "Winter fit of Ann", self.person.email, "Ann Harbour")

    @property
    def query(self) -> dict[str, str]:
        return {"run_id": self.run_id, "dataset_id": self.dataset_id, "dataset": self.dataset_id}

    @property
    def identity(self) -> dict[str, Any]:
        user = self.person.user
        return {"user_id": user["id"], "workspace_id": user["workspace_id"], "role": "admin", "email": user["email"]}


@pytest.fixture(scope="module")
def ann(product: Product) -> Iterator[Victim]:
    """Someone with a dataset and a finished run."""
    person = product.new_person("Ann Harbour", workspace="Quiet Harbour")
    dataset_id = person.ready_dataset(weekly_csv(), "harbour-plan.csv")
    config = {"mode": "custom", "n_samples": 100, "tune_steps": 200, "n_chains": 1, "random_seed": 5}
    run_id = person.start_run(dataset_id, "Winter fit of Ann", **config)
    person.until(run_id, "completed")
    yield Victim(person, dataset_id, run_id)
    assert person.get(f"/api/datasets/{dataset_id}")["filename"] == "harbour-plan.csv", "still there, untouched"
    assert person.get(f"/api/models/{run_id}")["status"] == "completed"


@pytest.fixture
def bob(product: Product) -> Person:
    return product.new_person("Bob Other")


def _payload(handler: Handler, victim: Victim) -> dict[str, Any]:
    """Arguments that would make sense, and that ask for the victim's things."""
    known = {"run_id": victim.run_id, "dataset_id": victim.dataset_id, "name": "TV", "role": "spend", "mode": "full"}
    return {name: known.get(name, _guess(hint)) for name, hint in handler.parameters.items()}


def _guess(hint: Any) -> Any:
    text = str(hint)
    return {} if "dict" in text else [] if "list" in text else 1 if "int" in text else "1"


def _path(name: str, victim: Victim) -> str:
    """An address of the page that a handler belongs to, with the victim's ids."""
    if "dataset" in name or "columns" in name or "check" in name:
        return f"/datasets/{victim.dataset_id}/columns"
    return f"/results/{victim.run_id}"


async def _call_all(tab: SocketTab, victim: Victim, **more: Any) -> None:
    for handler in every_handler():
        payload = _payload(handler, victim) | more
        await tab.send(handler.full_name, payload, _path(handler.full_name, victim), **victim.query)
    await tab.settle()


async def _load_pages(tab: SocketTab, victim: Victim) -> None:
    loaders = [handler for handler in every_handler() if handler.full_name.endswith("_state.load")]
    assert len(loaders) >= 8
    for handler in loaders:
        await tab.send(handler.full_name, {}, _path(handler.full_name, victim), **victim.query)
    await tab.settle()


def _leaked(messages: list[str], victim: Victim) -> list[str]:
    return [f"{secret!r} in {message[:300]}" for message in messages for secret in victim.secrets if secret in message]


def test_every_handler_is_known_here() -> None:
    names = {handler.full_name for handler in every_handler()}
    assert len(names) > 30
    assert f"{SESSION}.arrive" in names


async def test_the_owner_is_answered(product: Product, ann: Victim) -> None:
    """The other tests look for words that this one finds: an empty answer would prove nothing."""
    async with socket_tab(product.url, cookie=ann.person.cookie_header) as tab:
        await _load_pages(tab, ann)
        found = {secret for secret in ann.secrets if any(secret in message for message in tab.heard)}
    assert found == set(ann.secrets)


async def test_without_a_cookie_no_handler_answers(product: Product, ann: Victim) -> None:
    async with socket_tab(product.url) as tab:
        await _call_all(tab, ann)
        assert not _leaked(tab.heard, ann)
        assert not TRACES.search("\n".join(tab.heard))


async def test_nobody_can_say_who_they_are(product: Product, ann: Victim) -> None:
    async with socket_tab(product.url) as tab:
        await _call_all(tab, ann, principal=ann.identity)
        assert not _leaked(tab.heard, ann)
        assert not TRACES.search("\n".join(tab.heard))


async def test_another_workspace_gets_nothing_by_the_right_ids(product: Product, ann: Victim, bob: Person) -> None:
    async with socket_tab(product.url, cookie=bob.cookie_header) as tab:
        await _call_all(tab, ann)
        assert not _leaked(tab.heard, ann)
        assert any("Bob Other" in message for message in tab.heard), "he is signed in, as himself"


@pytest.mark.parametrize("thief", ["nobody", "bob"])
async def test_a_stolen_client_token_opens_nothing_once_a_guard_has_looked(
    product: Product, ann: Victim, bob: Person, thief: str
) -> None:
    async with socket_tab(product.url, cookie=ann.person.cookie_header) as tab:
        await _load_pages(tab, ann)
        token = tab.token
    cookie = bob.cookie_header if thief == "bob" else None
    async with socket_tab(product.url, cookie=cookie, token=token) as stolen:
        await stolen.send(f"{SESSION}.arrive", {}, _path("results", ann), **ann.query)
        await stolen.settle()
        stolen.heard.clear()
        await stolen.settle()
        assert stolen.heard, "the tab's state is sent again"
        assert not _leaked(stolen.heard, ann)


async def test_a_foreign_origin_is_refused(product: Product, ann: Victim) -> None:
    with pytest.raises(Refused):
        async with socket_tab(product.url, cookie=ann.person.cookie_header, origin="http://evil.example"):
            pass
    async with socket_tab(product.url, cookie=ann.person.cookie_header, origin=product.url) as own:
        assert own.heard


async def test_nonsense_is_answered_without_a_trace_of_the_inside(product: Product, bob: Person) -> None:
    async with socket_tab(product.url, cookie=bob.cookie_header) as tab:
        for number, handler in enumerate(every_handler()):
            spoil = SPOILS[number % len(SPOILS)]
            product.lift_limits()
            await tab.send(handler.full_name, dict.fromkeys(handler.parameters, spoil), "/results/nothing", run_id="?")
            await tab.send(handler.full_name, {"surplus": spoil}, "/datasets/x/check")
        await tab.settle()
        assert not TRACES.search("\n".join(tab.heard)), TRACES.search("\n".join(tab.heard))
    assert product.http.get("/health").json()["checks"]["database"] == "ok"


async def test_what_is_no_event_is_not_called(product: Product, ann: Victim) -> None:
    states = sorted({handler.full_name.rpartition(".")[0] for handler in every_handler()})
    async with socket_tab(product.url, cookie=ann.person.cookie_header) as tab:
        for state in states:
            for name in ("_admit", "_bind", "_forget", "_report", "reset", "get_state", "__init__", "dict"):
                await tab.send(f"{state}.{name}", {})
        await tab.settle()
        assert not TRACES.search("\n".join(tab.heard))
        assert "Ann Harbour" not in "\n".join(tab.heard)


async def test_events_are_counted_like_calls_of_the_api(product: Product, bob: Person) -> None:
    check = next(handler for handler in every_handler() if handler.full_name.endswith("check_state.check_again"))
    product.lift_limits()
    async with socket_tab(product.url, cookie=bob.cookie_header) as tab:
        for _ in range(20):
            await tab.send(check.full_name, {})
        await tab.settle()
        assert "Too many requests" not in "\n".join(tab.heard)
        await tab.send(check.full_name, {})
        await tab.settle()
        assert "Too many requests" in "\n".join(tab.heard)
    answer = bob.api.post(f"/api/datasets/{bob.user['id']}/validate")
    assert answer.status_code == 429, "one count for pages and API"
    assert int(answer.headers["retry-after"]) >= 1
    product.lift_limits()


def test_uploads_ask_for_a_session_before_they_read(product: Product, ann: Victim) -> None:
    receive = next(handler for handler in every_handler() if handler.full_name.endswith("upload_state.receive"))
    headers = {"reflex-client-token": "0" * 32, "reflex-event-handler": receive.full_name}
    files = {"files": ("weekly.csv", weekly_csv())}
    refused = product.http.post("/_upload", headers=headers, files=files)
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    forged = product.http.post("/_upload", headers=headers | {"Cookie": "mm_access=forged"}, files=files)
    assert forged.status_code == 401


def test_no_log_holds_a_password_or_a_token(product: Product, ann: Victim) -> None:
    values = [*ann.person.cookies.values(), ann.person.password, product.env["JWT_SECRET_KEY"], product.sample_password]
    for log in (product.home / "logs").glob("*"):
        text = log.read_text(errors="replace")
        assert not [value[:12] for value in values if value in text], log.name


def test_the_signature_shown_to_browsers_hides_the_principal() -> None:
    for handler in every_handler():
        assert "principal" not in inspect.signature(handler.method).parameters
