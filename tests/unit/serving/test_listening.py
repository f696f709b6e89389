"""The address that a server listens on."""

import socket

import pytest

from proxy.errors import ConfigurationError
from proxy.serving.listening import bound_socket


def test_a_taken_address_is_a_clear_line() -> None:
    with bound_socket("127.0.0.1", 0) as first:
        with pytest.raises(ConfigurationError, match=r"cannot listen on 127\.0\.0\.1:"):
            bound_socket("127.0.0.1", first.getsockname()[1])
        assert first.get_inheritable()
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1:80"):
        bound_socket("192.0.2.1", 80)


def test_addresses_of_both_families_are_understood() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        bound = bound_socket("::1", 0)
    except ConfigurationError:
        pytest.skip("this machine has no IPv6 loopback")
    with bound:
        assert bound.family == socket.AF_INET6
