"""Runs commands one after the other in one process, so that a test pays no start for each.

Run as `python -m tests.support.command_loop`: a JSON line for each command on stdin, with its
arguments, environment, folder and the files for its output; the exit code as a line on stdout.
`serving.CommandLine` is the other side.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from proxy.cli import main


def _run(command: dict[str, Any]) -> int:
    """Run one command as `python -m proxy` would."""
    os.environ.clear()  # noqa: TID251 - it stands in for a process's own
    os.environ.update(command["env"])  # noqa: TID251
    os.chdir(command["cwd"])
    sys.argv = ["python -m proxy", *command["args"]]
    try:
        main()
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    return 0


def _redirected(command: dict[str, Any]) -> int:
    """Run one command with file descriptors 1 and 2 going to its own files."""
    kept = [os.dup(1), os.dup(2)]
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        with Path(command[name]).open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    try:
        return _run(command)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for descriptor, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, descriptor)
            os.close(copy)


def _serve() -> None:
    for line in sys.stdin:
        sys.stdout.write(f"{_redirected(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
