"""deploy/nginx.conf in the real nginx, in front of the real web server."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from mixmodel_app.local.processes import free_port
from tests.integration.scenes import lift_limits
from tests.integration.server.conftest import Web, Wire
from tests.nginx import PATIENCE_S, ROOT, Proxy
from tests.nginx import proxy as proxied

OUR_HEADERS = (
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "x-xss-protection",
    "content-security-policy",
    "strict-transport-security",
    "x-request-id",
)


@pytest.fixture(scope="module")
def behind(start_web: Callable[..., Web]) -> Web:
    """A web that trusts the proxy."""
    return start_web(TRUSTED_PROXIES="127.0.0.1")


@pytest.fixture(scope="module")
def proxy(behind: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxied(tmp_path_factory.mktemp("proxy"), behind.port, patience_s=1) as running:
        yield running


def test_an_answer_of_the_web_passes_with_each_header_once(proxy: Proxy) -> None:
    answer = httpx.get(f"{proxy.url}/health/live")
    assert answer.status_code == 200
    for name in OUR_HEADERS:
        assert len(answer.headers.get_list(name)) == 1, name
    assert "nginx" not in str(answer.headers).lower()


def test_the_handshake_of_a_socket_carries_the_headers(proxy: Proxy) -> None:
    with Wire(proxy.port) as wire:
        wire.say(
            "GET /echo HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        )  # fmt: skip
        head = wire.answer().decode().lower()
    assert head.startswith("http/1.1 101")
    for name in OUR_HEADERS:
        assert head.count(f"\r\n{name}: ") == 1, name


@pytest.mark.parametrize(
    ("request_lines", "status", "code"),
    [
        (("POST /api/auth/login HTTP/1.1", "Host: x", "Content-Length: 1048577"), 413, "too_large"),
        (("POST /api/datasets/upload HTTP/1.1", "Host: x", "Content-Length: 54525953"), 413, "too_large"),
        (("GET /?" + "a" * 9000 + " HTTP/1.1", "Host: x"), 414, "address_too_long"),
        (("GET / HTTP/1.1", "Host: x", "X-Large: " + "a" * 9000), 431, "headers_too_large"),
        (("GET / HTTP/1.1",), 400, "bad_request"),
        (("GET /metrics HTTP/1.1", "Host: x", "Connection: close"), 404, "not_found"),
    ],
)
def test_its_own_refusals_are_problems_with_an_id_in_its_log(
    proxy: Proxy, request_lines: tuple[str, ...], status: int, code: str
) -> None:
    with Wire(proxy.port) as wire:
        wire.say(*request_lines)
        head, _, body = wire.hear_of_refusal().partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"content-type: application/problem+json" in head.lower()
    for name in OUR_HEADERS:
        assert head.lower().count(f"\r\n{name}: ".encode()) == 1, name
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (status, code)
    assert proxy.logged(problem["request_id"])["status"] == status


@pytest.mark.parametrize(
    "lines",
    [
        ("GET /health/live HTTP/1.1", "Host: x"),
        ("POST /api/auth/login HTTP/1.1", "Host: x", "Content-Length: 1000", "\r\n{"),
    ],
)
def test_slow_clients_are_cut(proxy: Proxy, lines: tuple[str, ...]) -> None:
    with Wire(proxy.port) as wire:
        wire.say(*lines, end=False)
        started = time.monotonic()
        wire.hear()
    assert time.monotonic() - started < PATIENCE_S - 4, "as deployed it would wait longer"


def test_an_upload_passes_up_to_its_size(proxy: Proxy) -> None:
    answer = httpx.post(f"{proxy.url}/api/datasets/upload", content=b"x" * (2 * 1024 * 1024))
    assert answer.status_code == 401, "it is the web that refuses, for want of a token"


def test_an_invented_forwarded_address_is_worth_nothing(proxy: Proxy, clean: None) -> None:
    """Each 127.x address is a caller of its own; what they claim in the header does not matter."""
    lift_limits()
    body = {"email": "nobody@example.com", "password": "Wrong-horse-7"}

    def codes(caller: str) -> list[int]:
        with httpx.Client(transport=httpx.HTTPTransport(local_address=caller)) as client:
            forged = [{"x-forwarded-for": f"198.51.100.{n}, 127.0.0.1"} for n in range(6)]
            return [client.post(f"{proxy.url}/api/auth/login", json=body, headers=h).status_code for h in forged]

    assert codes("127.0.0.5") == [401] * 5 + [429]
    assert codes("127.0.0.6") == [401] * 5 + [429], "somebody else has a count of their own"


def test_a_web_that_is_down_is_a_problem_too_and_no_token_is_logged(tmp_path: Path) -> None:
    with proxied(tmp_path, free_port()) as alone:
        answer = httpx.get(f"{alone.url}/shared/planted-token-in-a-path?token=planted-too")
        assert answer.status_code == 502
        assert answer.json()["code"] == "unavailable"
        assert answer.headers["retry-after"] == "30"
        assert alone.logged(answer.json()["request_id"])["status"] == 502
        page = httpx.get(alone.url, headers={"accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
        assert '<meta http-equiv="refresh"' in page.text, "a person's page tries again by itself"
    assert "planted" not in alone.log.read_text() + (alone._process.stdout.read() if alone._process.stdout else "")


def test_the_configuration_has_no_word_of_a_request_line() -> None:
    text = (ROOT / "deploy/nginx.conf").read_text()
    formats = re.findall(r"log_format .+?;", text, re.DOTALL)
    assert formats
    assert not re.search(r"\$(request|request_uri|uri|args|query_string|http_cookie|http_authorization)\b", formats[0])
