"""`ports.Engine` in threads of this process: a batch at a time, so that memory stays flat."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeVar

BatchT = TypeVar("BatchT")
ResultT = TypeVar("ResultT")


class OneMachine:
    """Runs stages here, one after the other; what a function raises is raised as it is."""

    async def run(
        self,
        batches: Sequence[BatchT],
        stage: Callable[[BatchT], Sequence[ResultT]],
        make_next: Callable[[], Callable[[ResultT], ResultT]] | None = None,
    ) -> AsyncGenerator[ResultT]:
        """See `ports.Engine.run`."""
        if not batches:
            return
        work_on = await asyncio.to_thread(make_next) if make_next else None
        for batch in batches:
            for result in await asyncio.to_thread(stage, batch):
                yield result if work_on is None else await asyncio.to_thread(work_on, result)
