"""Where a request comes from; reverse proxies are believed only where the operator names them."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import Scope

from proxy.api.headers import headers_of

_V6_PREFIX = 64
"""What one connection gets: within it, addresses can be changed at will."""


def client_address(scope: Scope, trusted_proxies: tuple[str, ...]) -> str:
    """Return the address as limits go by it: an IPv4 address, or an IPv6 network.

    With trusted proxies it is the right-most one of `x-forwarded-for` that is not one of them: what
    stands left of it can be anybody's invention.
    """
    peer = scope.get("client")
    address = str(peer[0]) if peer else ""
    if trusted_proxies and _is_trusted(address, trusted_proxies):
        hops = ",".join(headers_of(scope).getlist("x-forwarded-for")).split(",")
        for hop in reversed([hop.strip() for hop in hops if hop.strip()]):
            address = hop
            if not _is_trusted(hop, trusted_proxies):
                break
    return _unit(address)


@lru_cache(maxsize=4_096)
def _is_trusted(address: str, networks: tuple[str, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in ip_network(network, strict=False) for network in networks)


@lru_cache(maxsize=4_096)
def _unit(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, _V6_PREFIX), strict=False))
    return str(parsed)
