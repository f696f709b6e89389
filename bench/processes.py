"""The processes of a run: pinned to their cores, started, frozen, thawed, measured and stopped.

Each gets a process group of its own, so that stopping one takes its children along and nothing
else. Linux only: affinity and `/proc` are.
"""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_STOP_S: Final = 10.0
_POLL_S: Final = 0.05
_OPEN_FILES: Final = 8192


class DidNotStart(Exception):
    """A process ended or stayed deaf; the message ends with what it logged last."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Who runs where."""

    contender: frozenset[int]
    harness: frozenset[int]
    """Load generator, upstream and Qdrant."""

    @classmethod
    def split(cls) -> "Cores":
        """Return the first usable core for the contender and one more for the harness.

        With one core only, both share it.
        """
        usable = sorted(os.sched_getaffinity(0))
        return cls(frozenset(usable[:1]), frozenset(usable[1:2] or usable))

    def __str__(self) -> str:
        """Return both as a phrase for the footer."""
        contender = ", ".join(map(str, sorted(self.contender)))
        harness = ", ".join(map(str, sorted(self.harness)))
        return f"contender on core {contender}, everything else on core {harness}"


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A server with its children."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        cores: Collection[int],
        log: Path,
        env: Mapping[str, str],
        cwd: Path,
    ) -> None:
        """Start `argv` on `cores` with exactly `env`, standard output and error going to `log`."""
        self.log = log
        mine = os.sched_getaffinity(0)
        # Set before the start: threads and children inherit it, those of a running process do not.
        os.sched_setaffinity(0, cores)
        try:
            with log.open("wb") as output:
                self._popen = subprocess.Popen(
                    [str(argument) for argument in argv],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(env),
                    cwd=cwd,
                    start_new_session=True,
                )
        finally:
            os.sched_setaffinity(0, mine)
        apply_niceness(self._popen.pid)

    def wait_until_listening(self, port: int, *, timeout_s: float) -> None:
        """Return when `port` accepts connections.

        Raises:
            DidNotStart: the process ended, or the time was up.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            if self._popen.poll() is not None:
                raise DidNotStart(f"exit code {self._popen.returncode}: {self.last_words()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(_POLL_S)
        raise DidNotStart(f"not listening after {timeout_s:.0f} s: {self.last_words()}")

    def last_words(self) -> str:
        """Return the last lines of the log on one line."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " | ".join(line.strip() for line in lines[-3:])[-600:]

    def freeze(self) -> None:
        """Let no process of the group run."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them run again."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the group, by force after 10 s."""
        self.thaw()
        self._signal(signal.SIGTERM)
        try:
            self._popen.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._popen.wait()
        self._signal(signal.SIGKILL)  # children that outlived their parent

    def cpu_s(self) -> float:
        """Return the CPU seconds, user and system, that the group's live processes have used."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                # After the command in parentheses: state, ppid, pgrp, …, utime (12th), stime.
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self._popen.pid:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS_PER_S

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._popen.pid, number)
        except ProcessLookupError:
            return


def busy_s(cores: Collection[int]) -> float:
    """Return the seconds that these cores have been busy, whoever used them, since the start."""
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name.startswith("cpu") and name[3:].isdigit() and int(name[3:]) in cores:
            # user, nice, system, idle, iowait, irq, softirq, steal: all but the two idle ones.
            ticks += sum(map(int, fields[:8])) - int(fields[3]) - int(fields[4])
    return ticks / _TICKS_PER_S


def apply_niceness(pid: int) -> None:
    """Give the session of `pid` the niceness of this process.

    Where Linux groups by session (`sched_autogroup_enabled`), the niceness of a process only counts
    among those of its own session.
    """
    if niceness := os.nice(0):
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(niceness))


def allow_open_files() -> None:
    """Raise the limit of open files for this process and those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
