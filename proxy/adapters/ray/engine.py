"""`ports.Engine` on Ray Data: the first stage in tasks, the second in actors that hold its model.

Ray schedules, holds back who runs ahead, and does anew what a lost worker had. Between the stages
the results are dealt out anew, so that one long document keeps many workers busy.
"""

import asyncio
import contextlib
import functools
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from proxy.adapters.ray.session import check_installed, connect
from proxy.errors import UpstreamFailed

BatchT = TypeVar("BatchT")
ResultT = TypeVar("ResultT")

_ITEM: Final = "item"
_MOST_TASKS: Final = 4_096
_RESULTS_AT_ONCE: Final = 8
"""Per trip to an actor: enough to make the trip cheap, few enough to keep many busy."""
_RETRIES: Final = 3
"""A batch whose worker is lost so often is what loses them."""


class RayEngine:
    """Runs stages on a cluster, or on a Ray of its own; connects when it is first used.

    Args:
        address: of the cluster's head; None: a Ray of this machine's own, which ends with this.
        cpus: how many workers a Ray of its own has; None: one per core.

    Raises:
        ConfigurationError: Ray is not installed.
    """

    def __init__(self, address: str | None = None, *, cpus: int | None = None) -> None:
        check_installed()
        self._address = address
        self._cpus = cpus
        self._ray: Any = None
        # All that is asked of Ray, in order: a thread of its own keeps the event loop free.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ray")
        self._undo = contextlib.ExitStack()

    async def __aenter__(self) -> Self:
        """Return the engine."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End a Ray of its own, or leave the cluster."""
        # Not on the engine's thread: what that waits for ends with Ray.
        await asyncio.shield(asyncio.to_thread(self._undo.close))
        self._thread.shutdown(wait=False)

    async def run(
        self,
        batches: Sequence[BatchT],
        stage: Callable[[BatchT], Sequence[ResultT]],
        make_next: Callable[[], Callable[[ResultT], ResultT]] | None = None,
    ) -> AsyncGenerator[ResultT]:
        """See `ports.Engine.run`."""
        if not batches:
            return
        if self._ray is None:
            self._connect()
        blocks: Iterator[list[ResultT]] = self._blocks(batches, stage, make_next)
        while (block := await self._in_turn(next, blocks, None)) is not None:
            for result in block:
                yield result

    async def _in_turn(self, job: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.wrap_future(self._thread.submit(job, *args))

    def _blocks(
        self,
        batches: Sequence[Any],
        stage: Callable[[Any], Sequence[Any]],
        make_next: Callable[[], Callable[[Any], Any]] | None,
    ) -> Iterator[list[Any]]:
        """Yield results in order, as many at once as arrive together."""
        ray = self._ray
        rows = [{_ITEM: pickle.dumps(batch)} for batch in batches]
        data = ray.data.from_items(rows, override_num_blocks=min(len(rows), _MOST_TASKS))
        with warnings.catch_warnings():  # that some way to bound retries will have another name
            warnings.simplefilter("ignore")
            data = data.flat_map(functools.partial(_results_of, stage), max_retries=_RETRIES)
            if make_next is not None:
                data = data.repartition(target_num_rows_per_block=_RESULTS_AT_ONCE).map(
                    _Worker,
                    fn_constructor_args=(make_next,),
                    compute=ray.data.ActorPoolStrategy(min_size=1),
                    max_task_retries=_RETRIES,
                )
        try:
            for block in data.iter_batches(batch_size=None, batch_format="numpy"):
                yield [pickle.loads(item) for item in block[_ITEM]]  # noqa: S301 - our workers'
        except (ray.exceptions.RayError, ray.data.exceptions.SystemException) as exc:
            raise UpstreamFailed(f"Ray gave up: {_reason(exc)}") from exc

    def _connect(self) -> None:
        """Block until Ray runs: it has to be started where signals arrive, or it outlives them."""
        # Ray prints what it has to say of lost workers; the output is that of the command.
        self._undo.enter_context(contextlib.redirect_stdout(sys.stderr))
        folder = None
        if self._address is None:
            folder = Path(self._undo.enter_context(TemporaryDirectory(prefix="ray-")))
        self._ray = connect(self._address, self._cpus, folder)
        self._undo.callback(self._ray.shutdown)
        _end_in_order()


class _Worker:
    """What an actor does: makes the function once, then calls it with every row."""

    def __init__(self, make_next: Callable[[], Callable[[Any], Any]]) -> None:
        self._work = make_next()

    def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
        return {_ITEM: pickle.dumps(self._work(pickle.loads(row[_ITEM])))}  # noqa: S301 - ours


def _results_of(
    stage: Callable[[Any], Sequence[Any]], row: dict[str, bytes]
) -> list[dict[str, bytes]]:
    return [{_ITEM: pickle.dumps(result)} for result in stage(pickle.loads(row[_ITEM]))]  # noqa: S301 - ours


def _end_in_order() -> None:
    """Let a SIGTERM cancel, as a SIGINT does: Ray's own handler leaves its processes behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))


def _reason(exc: BaseException) -> str:
    """Return in one line what happened: the last of what a worker raised, where one did."""
    raised = str(exc).partition("\n\nThe above exception was the direct cause")[0]
    return (raised.strip() or type(exc).__name__).splitlines()[-1]
