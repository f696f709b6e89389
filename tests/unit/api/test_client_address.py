"""Whose address counts: the connection's, or what a proxy that we were told of says."""

import pytest

from proxy.api.client_address import client_address
from tests.support.asgi import scope

EDGE = ("10.0.0.0/8", "192.0.2.1")


def address(peer: str | None, *forwarded: str, trusted: tuple[str, ...] = EDGE) -> str:
    request = scope(headers=[("x-forwarded-for", one) for one in forwarded])
    request["client"] = None if peer is None else (peer, 1234)
    return client_address(request, trusted)


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("10.1.2.3", ["198.51.100.7"], "198.51.100.7"),
        ("10.1.2.3", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ("10.1.2.3", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        ("10.1.2.3", ["198.51.100.7, 192.0.2.1, 10.9.9.9"], "198.51.100.7"),
        ("10.1.2.3", [], "10.1.2.3"),
        ("10.1.2.3", ["10.4.4.4"], "10.4.4.4"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        ("10.1.2.3", ["203.0.113.9, nonsense"], "unknown"),
        (None, ["203.0.113.9"], "unknown"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours(
    peer: str | None, forwarded: list[str], found: str
) -> None:
    assert address(peer, *forwarded) == found


def test_nobody_is_believed_unless_named() -> None:
    assert address("10.1.2.3", "203.0.113.9", trusted=()) == "10.1.2.3"


def test_a_network_of_ipv6_is_one_caller_and_a_mapped_address_is_the_ipv4_one() -> None:
    one, other = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9"
    assert address(one) == address(other) == "2001:db8:1:2::/64"
    assert address("2001:db8:1:3::1") != address(one)
    assert address("::ffff:198.51.100.7") == "198.51.100.7"
