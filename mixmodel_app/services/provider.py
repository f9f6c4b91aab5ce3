"""The OpenID Connect provider: the way there (authorization code with PKCE), and what its answer is worth.

Addresses come from the settings and from the discovery document below the issuer, never from a request. Answers are
waited for and read within bounds, and redirects are not followed.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from mixmodel_app.config import settings
from mixmodel_app.domain.errors import ProviderRefused, ProviderUnavailable

CALLBACK = "/auth/oidc/callback"
SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures that need the provider's private key: neither `none` nor those by a shared secret."""

_ANSWER_S = 10
_MOST_BYTES = 512 * 1024
_CLOCKS_S = 60
_KEPT_S = 300
_LONGEST_SUBJECT = 255

_log = structlog.get_logger(__name__)
_kept: dict[str, tuple[float, dict[str, Any]]] = {}


@dataclass(frozen=True, slots=True)
class Flow:
    """What one sign-in must come back with: `state` in the address, `nonce` in the token, and the `verifier` whose
    hash went along with the way there."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the provider says somebody is. `email` is "" when it names none."""

    issuer: str
    subject: str
    email: str
    is_verified: bool
    name: str


def forget() -> None:
    """Ask the provider for its documents anew."""
    _kept.clear()


def authorization_url(flow: Flow) -> str:
    """Where to send the browser.

    Raises:
        ProviderUnavailable: the provider does not answer, or not as one.
    """
    with _client({}) as client:
        place = _metadata(client)["authorization_endpoint"]
        url, _ = client.create_authorization_url(place, state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier)
    return url


def identify(flow: Flow, code: str, answering: str | None) -> Known:
    """Trade the code for the provider's word on who somebody is.

    Args:
        answering: the issuer that the answer names (RFC 9207), if it names one.

    Raises:
        ProviderRefused: the provider refuses the code, or its word does not hold.
        ProviderUnavailable: it does not answer, or not as one.
    """
    with _client({}) as client:
        metadata = _metadata(client)
    if answering is None and metadata.get("authorization_response_iss_parameter_supported") is True:
        raise _refused("the answer does not name its issuer")
    if answering is not None and answering != metadata["issuer"]:
        raise _refused("the answer names another issuer")
    with _client(metadata) as client:
        token = _token(client, metadata, flow, code)
        claims = _verified(client, metadata, flow, token)
        if "email" not in claims and metadata.get("userinfo_endpoint"):
            claims = {**_userinfo(client, metadata, token, claims["sub"]), **claims}
    return _known(claims)


def _client(metadata: dict[str, Any]) -> Any:
    """An `OAuth2Client`, which is an `httpx2.Client` too; its types do not say so."""
    oidc = settings().oidc
    methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return OAuth2Client(
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in methods else "client_secret_post",
        scope=SCOPE,
        redirect_uri=settings().web.public_url + CALLBACK,
        code_challenge_method="S256",
        timeout=_ANSWER_S,
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [_bound]},
    )


def _metadata(client: OAuth2Client) -> dict[str, Any]:
    """The discovery document, once it is clear that it is this provider's."""
    issuer = settings().oidc.issuer
    found = _document(client, get_well_known_url(issuer, external=True))
    if str(found.get("issuer")).rstrip("/") != issuer:
        raise _unavailable(f"OIDC_ISSUER is {issuer}, but the provider there calls itself {found.get('issuer')!r}")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _check_address(name, found.get(name))
    if "userinfo_endpoint" in found:
        _check_address("userinfo_endpoint", found["userinfo_endpoint"])
    return found


def _check_address(name: str, value: Any) -> None:
    schemes = ("https",) if settings().is_production else ("https", "http")
    if not isinstance(value, str) or urlsplit(value).scheme not in schemes or not urlsplit(value).netloc:
        raise _unavailable(f"its {name} is no address that starts with {' or '.join(schemes)}")


def _document(client: OAuth2Client, url: str, *, fresh: bool = False) -> dict[str, Any]:
    """A JSON object that the provider publishes, kept for some minutes."""
    at, kept = _kept.get(url, (0.0, {}))
    if kept and not fresh and time.monotonic() - at < _KEPT_S:
        return kept
    try:
        answer = client.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise _unavailable(f"{url}: {type(error).__name__} {error}") from None
    if not isinstance(found, dict):
        raise _unavailable(f"{url} is no JSON object")
    _kept[url] = (time.monotonic(), found)
    return found


def _token(client: OAuth2Client, metadata: dict[str, Any], flow: Flow, code: str) -> dict[str, Any]:
    try:
        found = client.fetch_token(
            metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=flow.verifier
        )
    except AuthlibBaseError as error:
        raise _refused(f"the token endpoint answers {error.error!r}") from None
    except (httpx2.HTTPError, ValueError) as error:
        raise _unavailable(f"token endpoint: {type(error).__name__} {error}") from None
    if not isinstance(found.get("id_token"), str):
        raise _refused("the answer holds no ID token")
    return found


def _verified(client: OAuth2Client, metadata: dict[str, Any], flow: Flow, token: dict[str, Any]) -> dict[str, Any]:
    """The claims of the ID token, once signature, issuer, audience, times and nonce hold."""
    try:
        decoded = _decoded(client, metadata, token["id_token"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": settings().oidc.client_id},
                "sub": {"essential": True},
            },
            {"nonce": flow.nonce, "client_id": settings().oidc.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(leeway=_CLOCKS_S)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        # Whatever is wrong with what came from outside, it is no proof.
        raise _refused(f"the ID token: {type(error).__name__} {error}") from None
    if len(claims["sub"]) > _LONGEST_SUBJECT:
        raise _refused("the subject is longer than OpenID Connect allows")
    return dict(claims)


def _decoded(client: OAuth2Client, metadata: dict[str, Any], token: str) -> jwt.Token:
    """The token, once its signature holds. Keys are fetched anew for one that is not among them: providers rotate."""
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    try:
        return jwt.decode(token, _keys(client, metadata), registry=registry)
    except InvalidKeyIdError:
        return jwt.decode(token, _keys(client, metadata, fresh=True), registry=registry)


def _keys(client: OAuth2Client, metadata: dict[str, Any], *, fresh: bool = False) -> KeySet:
    return KeySet.import_key_set(_document(client, metadata["jwks_uri"], fresh=fresh))  # pyright: ignore[reportArgumentType]


def _userinfo(client: OAuth2Client, metadata: dict[str, Any], token: dict[str, Any], subject: str) -> dict[str, Any]:
    """What the provider tells beside the ID token, about the same person."""
    headers = {"authorization": f"Bearer {token.get('access_token')}"}
    try:
        answer = client.request("GET", metadata["userinfo_endpoint"], withhold_token=True, headers=headers)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise _unavailable(f"userinfo: {type(error).__name__} {error}") from None
    if not isinstance(found, dict) or found.get("sub") != subject:
        raise _refused("userinfo is about somebody else")
    return found


def _known(claims: dict[str, Any]) -> Known:
    """Only `true` verifies an email; some providers write it as a text, some say nothing at all."""
    said = claims.get("email_verified")
    verified = said is True or said == "true" or (said is None and settings().oidc.trust_email)
    email, name = claims.get("email"), claims.get("name") or claims.get("preferred_username")
    return Known(
        issuer=settings().oidc.issuer,
        subject=claims["sub"],
        email=email if isinstance(email, str) else "",
        is_verified=verified,
        name=name if isinstance(name, str) else "",
    )


class _Bounded(httpx2.SyncByteStream):
    """An answer that may be neither too long nor too slow."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size, deadline = 0, time.monotonic() + _ANSWER_S
        for piece in self.stream:
            size += len(piece)
            if size > _MOST_BYTES or time.monotonic() > deadline:
                raise httpx2.ReadError("the answer is too long or too slow")
            yield piece

    def close(self) -> None:
        self.stream.close()


def _bound(answer: httpx2.Response) -> None:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError("the answer is compressed, which nobody asked for")
    assert isinstance(answer.stream, httpx2.SyncByteStream)
    answer.stream = _Bounded(answer.stream)


def _refused(reason: str) -> ProviderRefused:
    _log.warning("sign-in by provider refused", reason=reason)
    return ProviderRefused(f"{settings().oidc.name} did not confirm the sign-in.", hint="Try again.")


def _unavailable(reason: str) -> ProviderUnavailable:
    _log.error("sign-in provider unavailable", reason=reason)
    return ProviderUnavailable(
        f"{settings().oidc.name} does not answer as it should.", hint="Try again, or tell your administrator."
    )
