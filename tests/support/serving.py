"""Starts the program under test for real: its server, its command line, an app in this process.

`BookProxy` and `run_cli` are processes of their own, with a clean environment and a folder of their
own; `serve_app` (from `in_process.py`) is uvicorn in the running event loop, for tests that need
speed.
"""

import asyncio
import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.environment import UNHURRIED, clean_environment
from tests.support.in_process import ServedApp, serve_app
from tests.support.waiting import LONG_ENOUGH_S

__all__ = ["BookProxy", "ServedApp", "free_port", "run_cli", "serve_app"]

REPOSITORY = Path(__file__).parents[2]
_POLL_S = 0.02
_GIVEN: set[int] = set()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on.

    Taken from below the range that outgoing connections are given (32768 and up on Linux), so that
    none of the many in a test run takes it before the server does; none is returned twice, to
    whichever of pytest's processes.
    """
    environment = os.environ  # noqa: TID251 - pytest's, no setting
    processes = int(environment.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ours = int(environment.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = 20_000 + secrets.randbelow(12_000 // processes) * processes + ours
        if port in _GIVEN:
            continue
        _GIVEN.add(port)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class BookProxy:
    """A server process: `python -m proxy serve`.

    A context manager, and an asynchronous one for tests whose event loop must go on meanwhile
    (because a fake runs in it). Leaving it terminates the server. `limits` {}: the product's own.
    """

    def __init__(
        self,
        env: Mapping[str, str] | None = None,
        *,
        args: tuple[str, ...] = (),
        data_dir: Path | None = None,
        limits: Mapping[str, str] = UNHURRIED,
        command: tuple[str, ...] = ("-m", "proxy", "serve"),
        stop_limit_s: float = LONG_ENOUGH_S,
    ) -> None:
        self._env = {**limits, **(env or {})}
        self._args = args
        self._command = command
        self._stop_limit_s = stop_limit_s
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._data_dir = data_dir
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """Its working directory, made by the first start and removed at the end."""
        assert self._home is not None, "the server was not started"
        return Path(self._home.name)

    @property
    def data_dir(self) -> Path:
        """Its PROXY_DATA_DIR."""
        return self._data_dir or self.home / "data"

    @property
    def url(self) -> str:
        """Root of the server, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def v1(self) -> str:
        """The `base_url` for OpenAI clients."""
        return f"{self.url}/v1"

    @property
    def stdout(self) -> str:
        """What it has printed so far."""
        return (self.home / "stdout").read_text(errors="replace")

    @property
    def stderr(self) -> str:
        """What it has printed on stderr so far."""
        return (self.home / "stderr").read_text(errors="replace")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._running().pid

    def start(self) -> None:
        """Start it, or start it again; returns when `GET /health` answers 200.

        Raises:
            AssertionError: it ended, or did not answer in time; the message has what it printed.
        """
        self._home = self._home or tempfile.TemporaryDirectory(prefix="book-proxy-")
        address = ("--host", "127.0.0.1", "--port", str(self.port))
        given = {"PROXY_DATA_DIR": str(self.data_dir), "PYTHONPATH": str(REPOSITORY), **self._env}
        # Files, not pipes: nobody has to read them for the server to go on.
        with (self.home / "stdout").open("wb") as out, (self.home / "stderr").open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, *self._command, *address, *self._args],
                env=clean_environment(given),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        deadline_s = time.monotonic() + LONG_ENOUGH_S
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                state = f"exit code {self._process.poll()}"
                self.terminate()
                raise AssertionError(
                    f"the server did not start ({state})\n{self.stdout}\n{self.stderr}"
                )
            time.sleep(_POLL_S)  # the one wait that nothing can announce: another program's start

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._running().send_signal(number)

    def kill(self) -> None:
        """End it at once (SIGKILL), without giving it a chance to clean up."""
        self._running().kill()
        self._running().wait()

    def wait(self, timeout_s: float = LONG_ENOUGH_S) -> int:
        """Wait for its end and return the exit code, minus the signal's number if one killed it.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        return self._running().wait(timeout_s)

    def terminate(self) -> int:
        """Ask it to end (SIGTERM), make it end if it does not, and return the exit code."""
        process = self._running()
        process.terminate()
        try:
            return process.wait(self._stop_limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "the server was not started"
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            self.terminate()
        if self._home is not None:
            self._home.cleanup()

    def __enter__(self) -> Self:
        """Start it."""
        try:
            self.start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._stop()

    async def __aenter__(self) -> Self:
        """Start it while the event loop goes on."""
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it while the event loop goes on."""
        await asyncio.to_thread(self._stop)


def run_cli(
    *args: str,
    env: Mapping[str, str] | None = None,
    input_text: str | None = None,
    cwd: Path | None = None,
    timeout_s: float = LONG_ENOUGH_S,
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m proxy ARGS` to its end, in an empty folder if none is given.

    It blocks: with a fake in the running event loop, call it by `asyncio.to_thread`.

    Raises:
        subprocess.TimeoutExpired: it did not end.
    """
    with tempfile.TemporaryDirectory(prefix="book-proxy-") as folder:
        given = {
            "PROXY_DATA_DIR": str(Path(folder) / "data"),
            "PYTHONPATH": str(REPOSITORY),
            **UNHURRIED,
            **(env or {}),
        }
        return subprocess.run(
            [sys.executable, "-m", "proxy", *args],
            env=clean_environment(given),
            cwd=cwd or folder,
            input=input_text or "",
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
