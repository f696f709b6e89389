"""What is told of processes."""

import os
import socket
import subprocess
import sys

import pytest

from tests.support.processes import descendants, listening

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells of them in /proc")


def test_processes_of_processes_are_found() -> None:
    script = "import subprocess; subprocess.run(['sh', '-c', 'echo $$; read line'])"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        inner = int(process.stdout.readline())
        assert {process.pid, inner} <= set(descendants(os.getpid()))
        process.communicate("\n")
    assert process.pid not in set(descendants(os.getpid()))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1"])
def test_the_address_of_a_listening_socket_is_found(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as server:
        server.bind((address, 0))
        server.listen()
        assert address.removeprefix("::ffff:") in listening({os.getpid()})
