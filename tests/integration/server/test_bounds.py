"""Requests that are too large, too long or too slow, by raw sockets against the real server."""

import contextlib
import json
import time

import httpx
import pytest

from tests.integration.server.conftest import PATIENCE_S, Web

ALLOWANCE_S = 10
"""How much longer than its patience the server may take on a busy machine; unasked it would wait for 15."""


def _problem(heard: bytes) -> dict:
    head, _, body = heard.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower(), heard[:500]
    assert b"x-content-type-options: nosniff" in head.lower()
    return json.loads(body)


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        (("GET /api/datasets?q=" + "a" * 9000 + " HTTP/1.1",), 414, "address_too_long"),
        (("GET /api/datasets HTTP/1.1", "X-Large: " + "a" * 17_000), 431, "headers_too_large"),
        (("GET /api/datasets HTTP/1.1", *(f"X-{n}: a" for n in range(80))), 431, "headers_too_large"),
        (("POST /api/auth/login HTTP/1.1", "Content-Length: 1048577"), 413, "too_large"),
        (("POST /api/session/login HTTP/1.1", "Content-Length: 99999999999"), 413, "too_large"),
        (("PUT /nowhere HTTP/1.1", "Content-Length: 1048577"), 413, "too_large"),
    ],
)
def test_what_is_too_large_is_refused_before_its_body(web: Web, lines: tuple[str, ...], status: int, code: str) -> None:
    with web.connect() as wire:
        wire.say(lines[0], f"Host: {web.host}", *lines[1:])
        heard = wire.hear()
    assert heard.startswith(f"HTTP/1.1 {status} ".encode())
    found = _problem(heard)
    assert (found["status"], found["code"]) == (status, code)
    assert web.lines_with(found["request_id"]), "the refusal is in the log"


def test_headers_beyond_all_measure_are_not_even_taken_in(web: Web) -> None:
    with web.connect() as wire:
        wire.say("GET /api/datasets HTTP/1.1", f"Host: {web.host}", "X-Large: " + "a" * 200_000)
        assert b" 431 " in wire.hear()[:20]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/auth/login", "application/json"), ("/api/session/login", "application/x-www-form-urlencoded")],
)
def test_a_body_without_a_length_is_counted_as_it_comes(web: Web, path: str, kind: str) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with web.connect() as wire:
        wire.say(f"POST {path} HTTP/1.1", f"Host: {web.host}", "Transfer-Encoding: chunked", f"Content-Type: {kind}")
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for _ in range(17):
                wire.socket.sendall(piece)
        heard = wire.hear()
    assert _problem(heard)["code"] == "too_large"


def test_headers_that_do_not_come_are_not_waited_for(web: Web) -> None:
    with web.connect() as wire:
        wire.say("GET /health/live HTTP/1.1", f"Host: {web.host}", end=False)
        assert wire.trickle(b"X-More: 1\r\n", 0.3, limit_s=20) < PATIENCE_S + ALLOWANCE_S


def test_a_connection_without_a_request_is_ended(web: Web) -> None:
    with web.connect() as wire:
        started = time.monotonic()
        wire.hear()
        assert time.monotonic() - started < PATIENCE_S + ALLOWANCE_S


def test_an_idle_connection_is_ended(web: Web) -> None:
    with web.connect() as wire:
        wire.say("GET /health/live HTTP/1.1", f"Host: {web.host}")
        assert wire.answer().startswith(b"HTTP/1.1 200")
        started = time.monotonic()
        wire.hear()
        assert time.monotonic() - started < PATIENCE_S + ALLOWANCE_S


def test_a_body_that_stops_is_not_waited_for(web: Web) -> None:
    with web.connect() as wire:
        wire.say("POST /api/auth/login HTTP/1.1", f"Host: {web.host}", "Content-Type: application/json",
                 "Content-Length: 1000")  # fmt: skip
        wire.socket.sendall(b'{"email": ')
        started = time.monotonic()
        heard = wire.hear()
    assert time.monotonic() - started < PATIENCE_S + ALLOWANCE_S
    assert _problem(heard)["code"] == "too_slow"


def test_a_body_that_trickles_is_not_waited_for(web: Web) -> None:
    with web.connect() as wire:
        wire.say("POST /api/auth/login HTTP/1.1", f"Host: {web.host}", "Content-Type: application/json",
                 "Content-Length: 100000")  # fmt: skip
        assert wire.trickle(b"{", 0.3, limit_s=20) < PATIENCE_S + ALLOWANCE_S


def test_a_client_that_does_not_read_is_cut(web: Web) -> None:
    with web.connect() as wire:
        wire.say("GET /large HTTP/1.1", f"Host: {web.host}")
        time.sleep(PATIENCE_S + 3)
        assert len(wire.hear()) < 60_000_000, "the rest was never sent"


def test_other_clients_do_not_notice(web: Web) -> None:
    stuck = [web.connect() for _ in range(50)]
    for wire in stuck:
        wire.say("GET /health/live HTTP/1.1", end=False)
    assert httpx.get(f"{web.url}/health/live", timeout=5).status_code == 200
    for wire in stuck:
        wire.socket.close()
