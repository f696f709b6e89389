"""The command line without its start: one process that runs command after command.

Where the start itself matters (`python -m proxy`, exit by signal), `serving.run_cli` begins a
process for a single command.
"""

import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.environment import UNHURRIED, clean_environment
from tests.support.serving import REPOSITORY
from tests.support.waiting import LONG_ENOUGH_S


class CommandLine:
    """A context manager; call it with the arguments of `book-proxy`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __call__(
        self, *args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run one command to its end, in an empty folder if none is given.

        Raises:
            AssertionError: it did not end, or ended the process.
        """
        assert self._process is not None, "not started"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory(prefix="book-proxy-") as folder:
            out, err = Path(folder) / "stdout", Path(folder) / "stderr"
            home = Path(folder) / "home"
            home.mkdir()
            given = {"PROXY_DATA_DIR": str(home / "data"), **UNHURRIED, **(env or {})}
            command = {
                "args": args,
                "env": clean_environment(given),
                "cwd": str(cwd or home),
                "stdout": str(out),
                "stderr": str(err),
            }
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
            ready, _, _ = select.select([self._process.stdout], [], [], LONG_ENOUGH_S)
            said = self._process.stdout.readline() if ready else ""
            assert said, f"{args} did not end\n{err.read_text(errors='replace')}"
            return subprocess.CompletedProcess(args, int(said), out.read_text(), err.read_text())

    def __enter__(self) -> Self:
        """Start the process."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.command_loop"],
            env=clean_environment({"PYTHONPATH": str(REPOSITORY)}),
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        assert self._process is not None
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(LONG_ENOUGH_S)
            except subprocess.TimeoutExpired:
                process.kill()
