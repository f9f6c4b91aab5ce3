"""Which address counts as the caller's, with no, one and several proxies, and with invented ones."""

from collections.abc import Iterator

import pytest

from mixmodel_app import config
from mixmodel_app.services.addresses import address_of

EDGE, INNER = "203.0.113.10", "10.0.0.7"
CALLER, INVENTED = "198.51.100.4", "192.0.2.99"


@pytest.fixture(autouse=True)
def proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TRUSTED_PROXIES", f"10.0.0.0/8, {EDGE}, fd00::/8")
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        (CALLER, "", CALLER),
        (CALLER, INVENTED, CALLER),
        (INNER, CALLER, CALLER),
        (INNER, f"{INVENTED}, {CALLER}", CALLER),
        (INNER, f"{INVENTED}, {CALLER}, {EDGE}", CALLER),
        (INNER, f"{INVENTED}, 10.1.1.1, {CALLER}, {EDGE}, 10.2.2.2", CALLER),
        (INNER, "", INNER),
        (INNER, f"{EDGE}", EDGE),
        (INNER, f"{CALLER}, junk", INNER),
        (INNER, "a" * 5000, INNER),
        (INNER, f"{CALLER}:4711", CALLER),
        (INNER, "[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:10.0.0.7", CALLER, CALLER),
        ("fd00::1", "2001:db8::2", "2001:db8::2"),
        ("unknown", INVENTED, "unknown"),
    ],
)
def test_only_what_configured_proxies_wrote_counts(peer: str, forwarded: str, expected: str) -> None:
    assert address_of(peer, forwarded) == expected
