"""Tests stay on this machine."""

import socket

import pytest

from tests.support.network import OutsideConnection, is_loopback


@pytest.mark.parametrize("address", [("203.0.113.7", 80), ("2001:db8::1", 80, 0, 0)])
def test_a_connection_beyond_loopback_is_refused(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(OutsideConnection, match="stay on this"):
        client.connect(address)


def test_a_datagram_beyond_loopback_is_refused() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as client,
        pytest.raises(OutsideConnection),
    ):
        client.sendto(b"x", ("203.0.113.7", 53))


@pytest.mark.parametrize("address", [("a.b", 1), ("0.0.0.0", 1), ("10.0.0.1%eth0", 1)])
def test_names_and_addresses_of_others_are_outside(address: object) -> None:
    assert not is_loopback(address)


@pytest.mark.parametrize(
    "address", [("127.0.0.1", 1), ("::1", 1, 0, 0), ("localhost", 1), "/run/x", b"\0x", (1, 2), ()]
)
def test_this_machine_is_not_outside(address: object) -> None:
    assert is_loopback(address)
