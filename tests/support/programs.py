"""Small programs in processes of their own, for tests of what is shared between processes."""

import contextlib
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

from tests.support.environment import clean_environment

_REPOSITORY = Path(__file__).parents[2]


@contextlib.contextmanager
def running_program(code: str, *args: str) -> Generator["subprocess.Popen[str]"]:
    """Run Python code that prints `ready` and waits; it is killed in the end, as by kill -9."""
    with subprocess.Popen(
        [sys.executable, "-c", code, *args],
        cwd=_REPOSITORY,
        env=clean_environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()
