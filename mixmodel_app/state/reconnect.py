"""A page whose connection broke comes back as itself, on whichever web answers.

Reflex gives a tab that connects while its token seems to be connected already a new token, and with it an empty state:
it takes it for a copy of the tab. It seems so when the web process was killed and could not sign the tab off, and when
the network changed and the server has not noticed yet. A copied tab loads its page, though, while a page that comes
back says in its first event that it holds state already; so the two can be told apart.
"""

from typing import Any
from urllib.parse import parse_qs

from reflex.app import EventNamespace
from reflex.utils.token_manager import RedisTokenManager, SocketRecord, TokenManager

RETURNS = "mixmodel-returns"
"""Added to the headers that a state sees, when the page on screen is only connected anew."""


def welcome_back(namespace: EventNamespace) -> None:
    """Let pages that come back keep their token and see `RETURNS` among their headers."""
    connect: Any = namespace.on_connect

    async def on_connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        returns = comes_back(auth)
        _mark(environ.get("asgi.scope", {}), returns)
        if returns:
            for token in parse_qs(environ.get("QUERY_STRING", "")).get("token", [])[:1]:
                await take_over(namespace._token_manager, token, sid)
        await connect(sid, environ, auth)

    setattr(namespace, "on_connect", on_connect)  # noqa: B010 (a method of this one object, which its type does not foresee)


def comes_back(auth: Any) -> bool:
    """Whether the first event of a connection is that of a page which has had one before: only a page that has just
    been loaded tells the hashes of the state that it was built with.
    """
    event = auth.get("event") if isinstance(auth, dict) else None
    if not isinstance(event, dict) or not str(event.get("name", "")).endswith(".hydrate_and_load"):
        return False
    payload = event.get("payload", {})  # left out when there is nothing to say
    return isinstance(payload, dict) and "hashes" not in payload


async def take_over(manager: TokenManager, token: str, sid: str) -> None:
    """Note that the tab is connected here now, whatever web it was connected to before."""
    if not isinstance(manager, RedisTokenManager):
        return
    before = manager.token_to_socket.get(token)
    if before is not None:
        manager.sid_to_token.pop(before.sid, None)
    record = SocketRecord(instance_id=manager.instance_id, sid=sid)
    manager.token_to_socket[token], manager.sid_to_token[sid] = record, token
    manager._ensure_socket_record_task()
    await manager._store_socket_record(token, record)


def _mark(scope: dict[str, Any], returns: bool) -> None:
    own = [(RETURNS.encode(), b"1")] if returns else []
    scope["headers"] = [pair for pair in scope.get("headers", ()) if pair[0] != RETURNS.encode()] + own
