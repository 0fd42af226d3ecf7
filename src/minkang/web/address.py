"""Where a request came from, also behind a proxy. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import msgspec


class Origin(msgspec.Struct, frozen=True):
    """Where a request came from.

    Attributes:
        shared: it is a proxy on this machine that is not named in the settings: who asks is not
            known, and all seem to come from one address.
    """

    address: str
    shared: bool = False


def origin(peer: str, forwarded: Sequence[str], proxies: Sequence[str]) -> Origin:
    """The origin of a request from `peer` with these X-Forwarded-For headers.

    Only what a known proxy added is believed: from the right, up to the first address that is none
    of the proxies'. What stands left of it, anybody may have written.
    """
    networks = [ip_network(one, strict=False) for one in proxies]
    hops = [hop.strip() for line in forwarded for hop in line.split(",") if hop.strip()]
    if not _within(peer, networks):
        return Origin(peer, shared=bool(hops) and _is_loopback(peer))
    found = peer
    for hop in reversed(hops):
        if not _is_address(hop):
            break
        found = hop
        if not _within(hop, networks):
            break
    return Origin(found)


def _within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return _is_address(address) and any(ip_address(address) in one for one in networks)


def _is_loopback(address: str) -> bool:
    return _is_address(address) and ip_address(address).is_loopback


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
