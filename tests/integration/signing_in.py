"""A browser that signs in by the test provider."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app.domain.account import Principal
from mixmodel_app.services import accounts
from mixmodel_app.storage import db
from tests.integration.scenes import lift_limits


@dataclass(frozen=True)
class Browser:
    """Keeps cookies and follows no redirect by itself."""

    api: TestClient

    def get(self, address: str, **query: str) -> Any:
        return self.api.get(address, params=query or None, follow_redirects=False)

    def post(self, path: str, **form: str) -> Any:
        lift_limits()
        return self.api.post(path, data=form, follow_redirects=False)

    def leave_for_provider(self, next: str = "/", **query: str) -> str:
        """Where the browser is sent to; "" with the reason in an assertion otherwise."""
        lift_limits()
        answer = self.get("/auth/oidc/start", next=next, **query)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def come_back(self, address: str) -> Any:
        """Allow it at the provider, and follow its answer."""
        return self.get(way_back(address))

    def sign_in(self, next: str = "/", **query: str) -> Any:
        return self.come_back(self.leave_for_provider(next, **query))

    def leave(self) -> None:
        """Forget everything."""
        self.api.cookies.clear()

    @property
    def person(self) -> Principal:
        """Whoever the cookies belong to."""
        header = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.api.cookies.jar)
        return accounts.principal_from_cookies(header)

    @property
    def is_signed_in(self) -> bool:
        return any(cookie.name == "mm_access" for cookie in self.api.cookies.jar)


def way_back(address: str) -> str:
    """The provider's answer to someone who allows it, as path and query of MixModel."""
    answer = httpx.get(address, params={**asked(address), "allow": "1"})
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


def asked(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def error_of(answer: Any) -> str:
    """The code with which a page was come back to."""
    return asked(answer.headers["location"]).get("error", "")


def actions(email: str) -> list[str]:
    """What the audit log says of a person, oldest first."""
    query = text("SELECT action || ' ' || subject FROM audit_events WHERE actor = :email ORDER BY id")
    with db.engine().connect() as connection:
        return [row[0].strip() for row in connection.execute(query, {"email": email})]
