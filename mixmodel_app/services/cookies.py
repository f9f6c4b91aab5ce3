"""The cookies of a browser's session. All are HttpOnly: scripts, ours included, never read them."""

from http.cookies import CookieError, SimpleCookie

ACCESS_COOKIE = "mm_access"
REFRESH_COOKIE = "mm_refresh"
PENDING_COOKIE = "mm_pending"
"""Between the two steps of a sign-in with a second factor."""
FLOW_COOKIE = "mm_flow"
"""On the way to the sign-in provider and back."""
PROOF_COOKIE = "mm_proof"
"""Whom the provider says somebody is, until an account is connected with it."""


def read_cookies(header: str) -> dict[str, str]:
    """Name and value of each cookie of a `Cookie` header; a header that is not one holds none."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
