"""Which addresses count as one when failures are counted. Pure."""

from ipaddress import IPv6Address, IPv6Network, ip_address


def address_key(address: str) -> str | None:
    """The address, or of IPv6 the network of 64 bits, which one customer has whole.

    An IPv4 address written as IPv6 is the IPv4 address. None if it is no address.
    """
    try:
        found = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Network((found, 64), strict=False))
    return str(found)
