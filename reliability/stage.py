"""What every trial stands on: the proxy with one worker, its upstream, and a look at both."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from prometheus_client.parser import text_string_to_metric_families

from bench.processes import Cores, allow_open_files
from tests.support.environment import clean_environment
from tests.support.serving import BookProxy, free_port, run_cli

ROOT = Path(__file__).parents[1]
_IDLE_S = 25.0
"""Longer than idle connections to the upstream are kept."""
KEY = "a-key-that-opens-nothing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure beside what must hold."""

    what: str
    figure: str
    must: str
    holds: bool

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{'ok  ' if self.holds else 'FAIL'} {self.what:<52} {self.figure:>14}   {self.must}"


class Stage:
    """The proxy and its upstream, running."""

    def __init__(self, server: BookProxy, upstream_port: int, metrics_port: int) -> None:
        self.server = server
        self.upstream_port = upstream_port
        self._metrics_port = metrics_port

    def stats(self) -> dict[str, Any]:
        """Return what the upstream remembers."""
        return json.loads(_get(f"http://127.0.0.1:{self.upstream_port}/stats"))

    def metrics(self) -> dict[str, float]:
        """Return the proxy's metrics, as `name{label=value,…}`."""
        text = _get(f"http://127.0.0.1:{self._metrics_port}/metrics").decode()
        return {
            sample.name
            + "{"
            + ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
            + "}": sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def rss_bytes(self) -> int:
        """Return the memory that the proxy holds."""
        pages = Path(f"/proc/{self.server.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self) -> int:
        """Return how many files and sockets the proxy has open."""
        return len(list(Path(f"/proc/{self.server.pid}/fd").iterdir()))

    def files_left(self, before: int) -> int:
        """Return how many more files are open than `before`, once idle connections are closed."""
        deadline_s = time.monotonic() + _IDLE_S
        while (left := self.open_files() - before) > 0 and time.monotonic() < deadline_s:
            time.sleep(0.5)
        return left

    def read(self, *args: str | float) -> "Readers":
        """Start readers (`load.py`); `outcome_of` has what they saw."""
        argv = [sys.executable, "-m", "reliability.load", "--port", str(self.server.port)]
        # A file, not a pipe: nobody reads while they do.
        seen = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `outcome_of`
        started = subprocess.Popen(
            [*argv, *map(str, args)],
            cwd=ROOT,
            stdout=seen,
            env=clean_environment({"PYTHONPATH": str(ROOT)}),
        )
        return Readers(started, seen)


@dataclass(frozen=True, slots=True)
class Readers:
    """Readers at work."""

    process: "subprocess.Popen[bytes]"
    seen: IO[bytes]


def outcome_of(readers: Readers) -> dict[str, Any]:
    """Return what readers saw, once they are done."""
    if readers.process.wait():
        raise RuntimeError("the readers failed")
    with readers.seen as seen:
        seen.seek(0)
        return json.load(seen)


def lag_p99_s(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """Return an upper bound of the 99th percentile of the event loop's lag between two scrapes."""
    name = "book_proxy_event_loop_lag_seconds_bucket{le="
    grown = {
        float(key.removeprefix(name).rstrip("}")): value - before.get(key, 0.0)
        for key, value in after.items()
        if key.startswith(name)
    }
    total = grown[float("inf")]
    return min(bound for bound, count in grown.items() if count >= 0.99 * total)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@contextmanager
def staged(
    env: Mapping[str, str] | None = None, *, embedding_ms: float = 150.0, book: Path | None = None
) -> Generator[Stage]:
    """Run the proxy and its upstream; with a `book` in the index, if one is given."""
    allow_open_files()
    cores = Cores.split()
    upstream_port, metrics_port = free_port(), free_port()
    given = {
        "GEMINI_API_KEY": KEY,
        "GEMINI_BASE_URL": f"http://127.0.0.1:{upstream_port}",
        "METRICS_PORT": str(metrics_port),
        "LOG_FORMAT": "json",
        "PROXY_REWRITE": "rules",
        **(env or {}),
    }
    upstream = subprocess.Popen(
        [
            sys.executable, "-m", "reliability.upstream",
            "--port", str(upstream_port), "--embedding-ms", str(embedding_ms),
        ],
        cwd=ROOT,
        env=clean_environment({"PYTHONPATH": str(ROOT)}),
    )  # fmt: skip
    os.sched_setaffinity(upstream.pid, cores.harness)
    try:
        _wait_for(upstream_port)
        with BookProxy(given, limits={}) as server:
            os.sched_setaffinity(server.pid, cores.contender)
            if book is not None:
                args = ("ingest", str(book), "--book", "manual")
                done = run_cli(
                    *args, env={**given, "PROXY_DATA_DIR": str(server.data_dir)}, timeout_s=300
                )
                if done.returncode:
                    raise RuntimeError(f"the book could not be ingested: {done.stderr}")
            mine = os.sched_getaffinity(0)
            os.sched_setaffinity(0, cores.harness)  # who is started from here runs there
            try:
                yield Stage(server, upstream_port, metrics_port)
            finally:
                os.sched_setaffinity(0, mine)
    finally:
        upstream.terminate()
        upstream.wait()


def _wait_for(port: int) -> None:
    """Return when somebody listens."""
    deadline_s = time.monotonic() + _IDLE_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > deadline_s:
            raise RuntimeError("the upstream did not start")
        time.sleep(0.05)


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as reply:  # noqa: S310 - loopback
        return reply.read()
