"""Stages for engines to run: some raise, some kill the worker that runs them.

In a module of their own because they are sent to workers, which import them.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

Result = tuple[int, int, str]
"""Number of the batch, number within it, and what was done to it."""


def three(batch: int) -> list[Result]:
    """Return three results of a batch, of each fourth none."""
    return [] if batch % 4 == 3 else [(batch, n, "cut") for n in range(3)]


def kill_once(marker: Path) -> None:
    """Kill this process with SIGKILL, unless that was done before."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def three_and_one_death(marker: Path, batch: int) -> list[Result]:
    """Return three results of a batch; the worker of the fifth is lost, once."""
    if batch == 5:
        kill_once(marker)
    return three(batch)


def three_or_broken(batch: int) -> list[Result]:
    """Return three results of a batch, but fail at the fifth."""
    if batch == 5:
        raise ValueError("the fifth is broken")
    return three(batch)


def three_or_dead(batch: int) -> list[Result]:
    """Return three results of a batch; the fifth kills whoever takes it."""
    if batch == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return three(batch)


class Stamping:
    """Made once per worker: writes its name behind results."""

    def __init__(self, folder: Path, *, dies: bool = False) -> None:
        """Leave a file in `folder` for each worker."""
        self._folder = folder
        self._dies = dies
        (folder / str(os.getpid())).touch()

    def __call__(self, result: Result) -> Result:
        """Stamp a result."""
        if self._dies and result[:2] == (6, 1):
            kill_once(self._folder / "death")
        return (*result[:2], f"{result[2]} and stamped")


Make = Callable[[], Callable[[Result], Result]]
