"""What is said before Ray is even asked."""

import socket

import pytest

from proxy.adapters.ray.session import connect
from proxy.errors import UpstreamUnreachable


@pytest.mark.parametrize(
    "address", ["nowhere", "http://127.0.0.1:8265", "127.0.0.1:99999", "::1", "h:1/path"]
)
def test_an_address_that_is_none_is_said(address: str) -> None:
    with pytest.raises(UpstreamUnreachable, match=r"The Ray cluster at .* cannot be used: "):
        connect(address, None)


def test_a_cluster_that_does_not_answer_is_said_at_once() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(UpstreamUnreachable, match=f"The Ray cluster at {address} cannot"):
            connect(address, None)
