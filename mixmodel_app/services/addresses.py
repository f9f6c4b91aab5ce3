"""Where a request really comes from, behind proxies."""

import ipaddress
import re

from mixmodel_app.config import settings


def address_of(peer: str, forwarded_for: str) -> str:
    """The caller's address.

    Args:
        peer: the address at the other end of the connection.
        forwarded_for: the header `X-Forwarded-For`; it counts only when the peer is a configured proxy. Each proxy
            adds the address that it was called from at the end, so the list is read from there, and only as far as
            configured proxies have written it: what stands before may be invented.
    """
    last = _parsed(peer)
    if last is None or not _is_trusted(last):
        return peer
    for hop in reversed(forwarded_for.split(",")):
        address = _parsed(hop)
        if address is None:
            break
        last = address
        if not _is_trusted(address):
            break
    return str(last)


_WITH_PORT = re.compile(r"^(?:([\d.]+):\d+|\[([^\]]+)\](?::\d+)?)$")

type _Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _parsed(text: str) -> _Address | None:
    """An address as proxies write it, with or without a port; None for anything else."""
    bare = _WITH_PORT.sub(r"\1\2", text.strip())
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_trusted(address: _Address) -> bool:
    return any(address in ipaddress.ip_network(network) for network in settings().web.trusted_proxies)
