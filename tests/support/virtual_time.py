"""An event loop in which an hour passes in a moment: where nothing is to be done, time jumps.

A test marked `virtual_time` runs in one, its fakes with it: limits are as long as the product's
own, no pause of the machine counts, and what has passed on the loop's clock is exact. Threads and
other processes live in real time, so a test that waits for one does not belong here.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")

_ON_ITS_WAY_S = 0.05
"""What was written to a loopback socket may take a moment to arrive, of real time."""


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            return super().select()
        if not ready and timeout:
            # The loop's own wake-up socket is always there.
            if len(self.get_map()) > 1:
                ready = super().select(_ON_ITS_WAY_S)
            if not ready:
                self.now_s += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Starts at zero; see above."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the seconds that have passed, or were jumped over."""
        return self._jumping.now_s


def run_in_virtual_time(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a coroutine that waits for nothing but time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
