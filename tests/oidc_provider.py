"""A small OpenID Connect provider on loopback, with keys of its own, that can be told to misbehave."""

import hashlib
import html
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID = "mixmodel-test"
CLIENT_SECRET = "9f8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d"


class Provider:
    """Real HTTP, real keys. What it says can be changed between two requests.

    Attributes:
        person: the claims about whoever signs in.
        token_claims: over those of the ID token; None takes one away.
        metadata: over the discovery document; None takes an entry away.
        sign: makes the ID token of claims; signs with the first key unless told otherwise.
        in_userinfo: claims that the ID token leaves out and userinfo tells, over the person's.
        raw: answers that replace those of a path.
        asked: paths that were asked for, in order.
    """

    def __init__(self) -> None:
        self.keys = [_key("first")]
        self.reset()
        self._codes: dict[str, dict[str, str]] = {}
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def reset(self) -> None:
        """Behave, for Eve."""
        self.person: dict[str, Any] = {
            "sub": "eve-1", "email": "eve@example.com", "email_verified": True, "name": "Eve Example",
        }  # fmt: skip
        self.token_claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.in_userinfo: dict[str, Any] | None = None
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.raw: dict[str, Callable[[], Response]] = {}
        self.asked: list[str] = []

    def env(self) -> dict[str, str]:
        """The settings that name this provider."""
        return {
            "OIDC_ISSUER": self.issuer,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_NAME": "Harbour ID",
        }

    def signed(self, claims: dict[str, Any]) -> str:
        key = self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish no other."""
        self.keys = [_key(secrets.token_hex(4))]

    def _app(self) -> Flask:
        app = Flask("provider")
        app.before_request(self._raw)
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._configuration)
        app.add_url_rule("/authorize", view_func=self._authorize)
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        app.add_url_rule("/jwks", "jwks", lambda: jsonify({"keys": [key.as_dict(private=False) for key in self.keys]}))
        app.add_url_rule("/userinfo", view_func=self._userinfo)
        app.add_url_rule("/favicon.ico", "favicon", lambda: ("", 204))
        return app

    def _raw(self) -> Response | None:
        self.asked.append(request.path)
        answer = self.raw.get(request.path)
        return answer() if answer else None

    def _configuration(self) -> Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": True,
        } | self.metadata
        return jsonify({name: value for name, value in found.items() if value is not None})

    def _authorize(self) -> Any:
        """A page with one button; with `allow`, what the button does."""
        asked = request.args.to_dict()
        if "allow" not in asked:
            fields = "".join(f'<input type=hidden name="{n}" value="{html.escape(v)}">' for n, v in asked.items())
            return f"<title>Harbour ID</title><form>{fields}<button name=allow value=1>Allow MixModel</button></form>"
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = secrets.token_urlsafe(24)
        self._codes[code] = asked
        return redirect(
            f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"
        )

    def _token(self) -> tuple[Response, int] | Response:
        form = request.form
        given = b64decode(request.headers.get("Authorization", "Basic ").split()[-1]).decode()
        if given != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return jsonify({"error": "invalid_client"}), 401
        asked = self._codes.pop(form["code"], None)
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != challenge:
            return jsonify({"error": "invalid_grant"}), 400
        claims = self.person if self.in_userinfo is None else {"sub": self.person["sub"]}
        said = {"iss": self.issuer, "aud": CLIENT_ID, "iat": int(time.time()), "exp": int(time.time()) + 300}
        said |= claims | {"nonce": asked["nonce"]} | self.token_claims
        token = self.sign({name: value for name, value in said.items() if value is not None})
        return jsonify({"access_token": "of-this-person", "token_type": "Bearer", "id_token": token})

    def _userinfo(self) -> tuple[Response, int] | Response:
        if request.headers.get("Authorization") != "Bearer of-this-person":
            return jsonify({"error": "invalid_token"}), 401
        return jsonify(self.person | (self.in_userinfo or {}))


def _key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})
