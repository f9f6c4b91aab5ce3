"""The way to the sign-in provider and back: nothing but its own, fresh and complete word lets anybody in."""

import gzip
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from flask import Response, redirect
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from mixmodel_app.config import settings
from mixmodel_app.services import tokens
from tests.integration.scenes import count
from tests.integration.signing_in import Browser, asked, error_of, way_back
from tests.oidc_provider import CLIENT_SECRET, Provider

Change = Callable[[str, str], None]


def test_the_way_there_says_what_the_way_back_must_fit(browser: Browser, provider: Provider) -> None:
    address = browser.leave_for_provider()
    assert address.startswith(f"{provider.issuer}/authorize?")
    query = asked(address)
    assert query["redirect_uri"] == f"{settings().web.public_url}/auth/oidc/callback"
    assert query["code_challenge_method"] == "S256"
    assert len({query["state"], query["nonce"], query["code_challenge"]}) == 3
    [cookie] = [one for one in browser.api.cookies.jar if one.name == "mm_flow"]
    assert (cookie.path, cookie.get_nonstandard_attr("SameSite")) == ("/auth/oidc", "lax")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert asked(browser.leave_for_provider())["state"] != query["state"]


def test_whoever_comes_back_is_signed_in(browser: Browser) -> None:
    answer = browser.sign_in("/runs?x=1")
    assert answer.headers["location"] == "/runs?x=1"
    assert browser.person.email == "eve@example.com"
    assert not any(cookie.name == "mm_flow" for cookie in browser.api.cookies.jar)


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "/" + "x" * 2000])
def test_nobody_is_sent_to_another_site(browser: Browser, target: str) -> None:
    assert browser.sign_in(target).headers["location"] == "/"


def test_an_address_works_in_the_browser_that_set_out_only(browser: Browser) -> None:
    address = way_back(browser.leave_for_provider())
    browser.leave()
    assert error_of(browser.get(address)) == "sign_in_interrupted"
    browser.leave_for_provider()
    assert error_of(browser.get(address)) == "sign_in_interrupted"
    assert not browser.is_signed_in


def test_an_answer_counts_once_even_with_its_cookie(browser: Browser, provider: Provider) -> None:
    address = way_back(browser.leave_for_provider())
    flow = browser.api.cookies["mm_flow"]
    browser.get(address)
    assert browser.is_signed_in
    browser.leave()
    provider.asked.clear()
    answer = browser.api.get(address, headers={"cookie": f"mm_flow={flow}"}, follow_redirects=False)
    assert error_of(answer) == "sign_in_interrupted"
    assert "/token" not in provider.asked


@pytest.mark.parametrize("kind", ["old", "other", "unsigned"])
def test_a_cookie_that_is_not_of_this_flow_is_none(browser: Browser, kind: str) -> None:
    address = way_back(browser.leave_for_provider())
    claims = {"state": asked(address)["state"], "nonce": "n", "verifier": "v", "next": "/", "user": ""}
    made = {
        "old": tokens.note("flow", claims, -1),
        "other": tokens.note("proof", claims, 60),
        "unsigned": tokens.note("flow", claims, 60)[:-4] + "AAAA",
    }[kind]
    browser.leave()
    answer = browser.api.get(address, headers={"cookie": f"mm_flow={made}"}, follow_redirects=False)
    assert error_of(answer) == "sign_in_interrupted"


@pytest.mark.parametrize("answer", ["error=access_denied&error_description=Call+0900", "nothing=1"])
def test_a_provider_that_says_no_is_believed(browser: Browser, answer: str) -> None:
    state = asked(browser.leave_for_provider())["state"]
    back = browser.get(f"/auth/oidc/callback?state={state}&{answer}")
    assert error_of(back) == "provider_refused"
    assert "0900" not in back.headers["location"]


def test_a_code_that_was_used_is_refused(browser: Browser, provider: Provider) -> None:
    address = way_back(browser.leave_for_provider())
    browser.get(address)
    assert browser.is_signed_in
    browser.leave()
    replayed = asked(address) | {"state": asked(browser.leave_for_provider())["state"]}
    assert error_of(browser.get("/auth/oidc/callback", **replayed)) == "provider_refused"
    assert provider.asked[-1] == "/token", "the provider has refused it"


def test_a_code_of_another_flow_does_not_fit_the_verifier(browser: Browser, provider: Provider) -> None:
    stolen = asked(way_back(browser.leave_for_provider()))
    browser.leave()
    injected = stolen | {"state": asked(browser.leave_for_provider())["state"]}
    assert error_of(browser.get("/auth/oidc/callback", **injected)) == "provider_refused"
    assert provider.asked[-1] == "/token"


@pytest.mark.parametrize("iss", ["https://evil.example", None])
def test_an_answer_of_another_provider_is_refused(browser: Browser, provider: Provider, iss: str | None) -> None:
    address = way_back(browser.leave_for_provider()).partition("&iss=")[0]
    provider.asked.clear()
    assert error_of(browser.get(address + (f"&iss={iss}" if iss else ""))) == "provider_refused"
    assert "/token" not in provider.asked, "the code is not handed over"


def _tampered(token: str) -> str:
    head, _, signature = token.split(".")
    claims = json.loads(_plain(token.split(".")[1])) | {"email": "boss@example.com"}
    return f"{head}.{_packed(claims)}.{signature}"


def _plain(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _packed(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


FORGED: dict[str, Callable[[Provider, dict[str, Any]], str]] = {
    "tampered": lambda provider, claims: _tampered(provider.signed(claims)),
    "unsigned": lambda _, claims: f"{_packed({'alg': 'none'})}.{_packed(claims)}.",
    "by the client's secret": lambda _, claims: jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET), algorithms=["HS256"]
    ),
    "by the public key as a secret": lambda provider, claims: jwt.encode(
        {"alg": "HS256", "kid": provider.keys[0].kid},
        claims,
        OctKey.import_key(json.dumps(provider.keys[0].as_dict(private=False))),
        algorithms=["HS256"],
    ),
    "by another key of that name": lambda provider, claims: jwt.encode(
        {"alg": "RS256", "kid": provider.keys[0].kid}, claims, RSAKey.generate_key(2048)
    ),
    "by a key of its own": lambda _, claims: (
        lambda key: jwt.encode({"alg": "ES256", "jwk": key.as_dict(private=False)}, claims, key)
    )(ECKey.generate_key("P-256")),
    "no token": lambda _, __: "not-a-token",
}


@pytest.mark.parametrize("way", FORGED)
def test_a_forged_token_is_refused(browser: Browser, provider: Provider, way: str) -> None:
    provider.sign = lambda claims: FORGED[way](provider, claims)
    assert error_of(browser.sign_in()) == "provider_refused"
    assert not browser.is_signed_in
    assert count("users") == 0


LONG_AGO, FAR_AHEAD = 1_600_000_000, 4_000_000_000
"""Seconds since 1970, the same in every process: a moving moment in a test's name would tell the workers apart."""


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-client"},
        {"aud": ["another-client", "a-third"]},
        {"aud": ["mixmodel-test", "another-client"]},
        {"aud": None},
        {"azp": "another-client"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"nonce": "of-another-flow"},
        {"nonce": None},
        {"exp": LONG_AGO},
        {"exp": None},
        {"exp": "soon"},
        {"iat": FAR_AHEAD},
        {"nbf": FAR_AHEAD},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
        {"at_hash": "of-another-token"},
        {"at_hash": 7},
    ],
    ids=str,
)
def test_a_token_for_somebody_or_sometime_else_is_refused(
    browser: Browser, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.token_claims = claims
    assert error_of(browser.sign_in()) == "provider_refused"
    assert count("users") == 0


def test_a_new_key_of_the_provider_is_fetched(browser: Browser, provider: Provider) -> None:
    browser.sign_in()
    browser.leave()
    provider.rotate()
    browser.sign_in()
    assert browser.is_signed_in


def test_the_email_may_come_from_userinfo(browser: Browser, provider: Provider) -> None:
    provider.in_userinfo = {}
    browser.sign_in()
    assert browser.person.full_name == "Eve Example"


def test_userinfo_of_somebody_else_is_refused(browser: Browser, provider: Provider) -> None:
    provider.in_userinfo = {"sub": "boss-1"}
    assert error_of(browser.sign_in()) == "provider_refused"


WELL_KNOWN = "/.well-known/openid-configuration"
ODD: dict[str, Callable[[], Response]] = {
    "an error": lambda: Response("no", 500),
    "no JSON": lambda: Response("<html>"),
    "a list": lambda: Response("[]"),
    "too long": lambda: Response(b'{"x": "' + b"x" * 600_000 + b'"}'),
    "packed": lambda: Response(gzip.compress(b" " * 10_000_000), headers={"content-encoding": "gzip"}),
    "elsewhere": lambda: redirect("http://127.0.0.1:9/"),  # pyright: ignore[reportReturnType]
}


@pytest.mark.parametrize("path", [WELL_KNOWN, "/token", "/jwks"])
@pytest.mark.parametrize("kind", ODD)
def test_a_provider_that_answers_oddly_lets_nobody_in(
    browser: Browser, provider: Provider, path: str, kind: str
) -> None:
    provider.raw[path] = ODD[kind]
    answer = browser.get("/auth/oidc/start")
    if path != WELL_KNOWN:
        answer = browser.come_back(answer.headers["location"])
    assert error_of(answer) in ("provider_unavailable", "provider_refused")
    assert count("users") == 0


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": ["x"]},
    ],
    ids=str,
)
def test_a_document_that_is_not_the_providers_is_not_used(
    browser: Browser, provider: Provider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    assert error_of(browser.get("/auth/oidc/start")) == "provider_unavailable"


def test_a_provider_that_is_down_is_told(browser: Browser, setting: Change) -> None:
    setting("OIDC_ISSUER", "http://127.0.0.1:9")
    answer = browser.get("/auth/oidc/start", next="/runs")
    assert answer.headers["location"] == "/login?error=provider_unavailable&next=%2Fruns"


def test_a_wrong_secret_is_told_without_it(browser: Browser, setting: Change) -> None:
    setting("OIDC_CLIENT_SECRET", "another-secret")
    answer = browser.sign_in()
    assert error_of(answer) == "provider_refused"
    assert "another-secret" not in str(answer.headers)


def test_without_a_provider_there_is_nothing(api: TestClient) -> None:
    assert api.get("/auth/oidc/start").status_code == 404
    assert api.get("/auth/oidc/callback?code=x&state=y").status_code == 404
    assert api.post("/api/session/connect", data={"password": "x"}).status_code == 404


def test_the_way_is_limited(browser: Browser) -> None:
    codes = [error_of(browser.get("/auth/oidc/start")) for _ in range(32)]
    assert codes[-1] == "rate_limited"
    assert codes[0] == ""
