"""The second factor: set up, asked for, each code once, and switched off."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any

import httpx
import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app import cli
from mixmodel_app.domain.account import Client
from mixmodel_app.domain.errors import NotAuthenticated, RateLimited, WrongCode
from mixmodel_app.services import accounts, second_factor
from mixmodel_app.storage import db
from tests.integration.conftest import PASSWORD
from tests.integration.scenes import Account, lift_limits

ANN = "ann@example.com"


class Phone:
    """An authenticator whose clock the test moves, together with the server's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.time()
        monkeypatch.setattr(second_factor, "time", SimpleNamespace(time=lambda: self.now))
        self.secret = ""

    def code(self, shift_s: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(int(self.now) + shift_s)

    def next_code(self) -> str:
        self.now += 60
        return self.code()


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    return Phone(monkeypatch)


@pytest.fixture
def recovery(ann: Account, phone: Phone) -> list[str]:
    """Ann's recovery codes, after she has switched it on."""
    phone.secret = _begin(ann)["secret"]
    answer = ann.post("/api/auth/second-factor/confirm", {"code": phone.code()})
    assert answer.status_code == 200, answer.text
    return answer.json()["recovery_codes"]


def _begin(account: Account, password: str = PASSWORD) -> dict[str, Any]:
    lift_limits()
    answer = account.post("/api/auth/second-factor", {"password": password})
    assert answer.status_code == 201, answer.text
    return answer.json()


def _login(api: TestClient, **more: str) -> httpx.Response:
    lift_limits()
    return api.post("/api/auth/login", json={"email": ANN, "password": PASSWORD} | more)


def _row() -> dict[str, Any]:
    with db.engine().connect() as connection:
        return dict(connection.execute(text("SELECT * FROM second_factors")).mappings().one())


def test_nothing_is_asked_for_until_a_code_has_confirmed_it(api: TestClient, ann: Account, phone: Phone) -> None:
    phone.secret = _begin(ann)["secret"]
    assert _login(api).status_code == 200
    wrong = ann.post("/api/auth/second-factor/confirm", {"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    assert ann.get("/api/auth/second-factor").json() == {"enabled": False, "recovery_codes_left": 0}
    codes = ann.post("/api/auth/second-factor/confirm", {"code": phone.code()}).json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert ann.get("/api/auth/second-factor").json() == {"enabled": True, "recovery_codes_left": 10}


def test_setting_it_up_asks_for_the_password(ann: Account) -> None:
    assert ann.post("/api/auth/second-factor", {"password": "Wrong-horse-7"}).status_code == 401


def test_an_authenticator_reads_the_address(ann: Account) -> None:
    setup = _begin(ann)
    found = pyotp.parse_uri(setup["uri"])
    assert isinstance(found, pyotp.TOTP)
    assert (found.secret, found.issuer, found.name) == (setup["secret"], "MixModel", ANN)
    assert (found.digits, found.interval) == (6, 30)
    assert len(setup["secret"]) == 32, "160 bits, as RFC 4226 recommends"
    shown = second_factor.begun(ann.principal)
    assert shown is not None
    assert shown.secret == setup["secret"]
    assert shown.picture.startswith("data:image/svg+xml")


def test_login_asks_for_the_code_and_takes_it(api: TestClient, recovery: list[str], phone: Phone) -> None:
    asked = _login(api)
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_required")
    assert _login(api, code=phone.next_code()).status_code == 200
    assert _login(api, code=f" {phone.next_code()[:3]} {phone.code()[3:]} ").status_code == 200, "as it is shown"


def test_a_wrong_password_is_told_before_any_code_is_looked_at(
    api: TestClient, recovery: list[str], phone: Phone
) -> None:
    answer = _login(api, password="Wrong-horse-7", code=phone.next_code())
    assert answer.json()["code"] == "wrong_credentials"
    assert _login(api, code=phone.code()).status_code == 200, "the code was not used up"


def test_a_code_works_once(api: TestClient, recovery: list[str], phone: Phone) -> None:
    assert _login(api, code=phone.code()).json()["code"] == "wrong_code", "it was used to switch it on"
    code = phone.next_code()
    assert _login(api, code=code).status_code == 200
    assert _login(api, code=code).json()["code"] == "wrong_code"
    assert _login(api, code=phone.code(-30)).json()["code"] == "wrong_code", "an older one is over as well"


def test_a_clock_may_be_thirty_seconds_off_and_no_more(api: TestClient, recovery: list[str], phone: Phone) -> None:
    for shift, status in ((-90, 401), (-60, 401), (60, 401), (90, 401), (-30, 200), (30, 200)):
        phone.now += 300
        assert _login(api, code=phone.code(shift)).status_code == status, shift


def test_of_one_code_shown_many_times_at_once_one_counts(recovery: list[str], phone: Phone) -> None:
    code = phone.next_code()

    def enter(_: int) -> bool:
        try:
            return bool(accounts.login(ANN, PASSWORD, code=code))
        except (WrongCode, RateLimited):
            return False

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(enter, range(6))).count(True) == 1


def test_recovery_codes_work_once_each_and_are_kept_as_hashes(api: TestClient, recovery: list[str]) -> None:
    stored = json.dumps(_row(), default=str)
    assert not [code for code in recovery if code in stored or code.replace("-", "") in stored]
    assert _login(api, code=recovery[0].upper()).status_code == 200
    assert _login(api, code=recovery[0]).status_code == 401
    assert _login(api, code=recovery[1].replace("-", " ")).status_code == 200
    assert len(_row()["recovery"]) == 8


def test_the_database_alone_gives_no_code_away(recovery: list[str], phone: Phone) -> None:
    assert phone.secret not in json.dumps(_row(), default=str)


def test_guessing_ends_after_ten_wrong_codes_from_wherever_they_come(recovery: list[str], phone: Phone) -> None:
    for number in range(10):
        with pytest.raises(WrongCode):
            accounts.login(ANN, PASSWORD, Client(f"203.0.113.{number}"), code="000000")
    with pytest.raises(RateLimited):
        accounts.login(ANN, PASSWORD, Client("198.51.100.7"), code=phone.next_code())


def test_it_is_switched_off_by_password_and_code(
    api: TestClient, ann: Account, recovery: list[str], phone: Phone
) -> None:
    for password, code in (("Wrong-horse-7", phone.next_code()), (PASSWORD, "000000")):
        lift_limits()
        assert ann.post("/api/auth/second-factor/off", {"password": password, "code": code}).status_code == 401
    lift_limits()
    off = ann.post("/api/auth/second-factor/off", {"password": PASSWORD, "code": phone.code()})
    assert off.status_code == 204
    assert _login(api).status_code == 200
    assert ann.post("/api/auth/second-factor/off", {"password": PASSWORD, "code": "000000"}).status_code == 409


def test_it_cannot_be_replaced_while_it_is_on(ann: Account, recovery: list[str]) -> None:
    lift_limits()
    assert ann.post("/api/auth/second-factor", {"password": PASSWORD}).status_code == 409


def test_a_setup_does_not_wait_for_ever(ann: Account, phone: Phone) -> None:
    phone.secret = _begin(ann)["secret"]
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE second_factors SET created_at = now() - interval '16 minutes'"))
    assert second_factor.begun(ann.principal) is None
    assert ann.post("/api/auth/second-factor/confirm", {"code": phone.code()}).status_code == 409


def test_the_log_tells_of_it(api: TestClient, ann: Account, recovery: list[str], phone: Phone) -> None:
    _login(api, code="000000")
    _login(api, code=recovery[0])
    actions = [event["action"] for event in ann.get("/api/workspace/audit").json()]
    assert actions[:4] == ["signed_in", "recovery_code_used", "second_factor_failed", "second_factor_on"]


def test_the_console_helps_who_has_lost_everything(
    ann: Account, recovery: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["reset-password", ANN, "--drop-second-factor"]) == 0
    link = capsys.readouterr().out.strip().splitlines()[-1]
    answer = ann.api.post(
        "/api/auth/password/reset", json={"token": link.split("token=")[1], "password": "Fresh-horse-1"}
    )
    assert answer.status_code == 204
    assert accounts.login(ANN, "Fresh-horse-1")


def test_a_new_password_by_link_leaves_the_second_factor_on(api: TestClient, recovery: list[str]) -> None:
    from mixmodel_app.services import recovery as recovery_service

    token = recovery_service.link_for(ANN).split("token=")[1]
    recovery_service.reset(token, "Fresh-horse-1")
    assert _login(api, password="Fresh-horse-1").json()["code"] == "second_factor_required"


def _form(api: TestClient, path: str, form: dict[str, str], cookie: str = "") -> httpx.Response:
    lift_limits()
    api.cookies.clear()
    headers = {"cookie": cookie} if cookie else {}
    return api.post(f"/api/session/{path}", data=form, headers=headers, follow_redirects=False)


def _cookies(answer: httpx.Response) -> dict[str, Any]:
    jar: SimpleCookie = SimpleCookie()
    for value in answer.headers.get_list("set-cookie"):
        jar.load(value)
    return dict(jar)


def test_a_browser_goes_through_two_steps(api: TestClient, recovery: list[str], phone: Phone) -> None:
    first = _form(api, "login", {"email": ANN, "password": PASSWORD, "next": "/runs"})
    assert first.headers["location"] == "/login/code?next=%2Fruns"
    assert set(_cookies(first)) == {"mm_pending"}
    pending = _cookies(first)["mm_pending"]
    assert (pending["httponly"], pending["samesite"], pending["path"]) == (True, "strict", "/api/session")
    cookie = f"mm_pending={pending.value}"
    wrong = _form(api, "code", {"code": "000000", "next": "/runs"}, cookie)
    assert wrong.headers["location"] == "/login/code?error=wrong_code&next=%2Fruns"
    right = _form(api, "code", {"code": phone.next_code(), "next": "/runs"}, cookie)
    assert right.headers["location"] == "/runs"
    assert {"mm_access", "mm_refresh"} < set(_cookies(right))
    assert _cookies(right)["mm_pending"]["max-age"] == "0"
    assert "error=not_authenticated" in _form(api, "code", {"code": phone.next_code()}).headers["location"]


def test_the_cookie_of_the_first_step_is_worth_nothing_elsewhere(api: TestClient, recovery: list[str]) -> None:
    token = _cookies(_form(api, "login", {"email": ANN, "password": PASSWORD}))["mm_pending"].value
    assert api.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert api.get("/api/auth/me", headers={"cookie": f"mm_access={token}"}).status_code == 401
    assert api.post("/api/auth/refresh", json={"refresh_token": token}).status_code == 401
    with pytest.raises(NotAuthenticated):
        accounts.principal_from_access(token)


def test_other_tokens_are_no_first_step(api: TestClient, ann: Account, recovery: list[str], phone: Phone) -> None:
    access = ann.headers["Authorization"].removeprefix("Bearer ")
    answer = _form(api, "code", {"code": phone.next_code()}, f"mm_pending={access}")
    assert answer.headers["location"].startswith("/login?error=not_authenticated")
