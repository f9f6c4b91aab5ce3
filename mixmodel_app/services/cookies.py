"""The two cookies of a browser's session. Both are HttpOnly: scripts, ours included, never read them."""

from http.cookies import CookieError, SimpleCookie

ACCESS_COOKIE = "mm_access"
REFRESH_COOKIE = "mm_refresh"


def read_cookies(header: str) -> dict[str, str]:
    """Name and value of each cookie of a `Cookie` header; a header that is not one holds none."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
