"""What runs the stages of an ingest: this machine, or many."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Protocol, TypeVar

BatchT = TypeVar("BatchT")
ResultT = TypeVar("ResultT")


class Engine(Protocol):
    """Runs pure functions over batches; which machine does what, and when, is its own business."""

    def run(
        self,
        batches: Sequence[BatchT],
        stage: Callable[[BatchT], Sequence[ResultT]],
        make_next: Callable[[], Callable[[ResultT], ResultT]] | None = None,
    ) -> AsyncGenerator[ResultT]:
        """Yield what `stage` makes of the batches, in their order, each result once.

        `make_next` is called once per worker, for what is costly to make (a model); the function
        it returns is called with every result before that is yielded. Memory is bounded however
        many results there are. Everything given can be pickled, and makes the same again: the work
        of a worker that is lost is done anew.

        A function that raises ends the run: it is a defect, and reported as the engine can.

        Raises:
            UpstreamUnreachable: there is nothing to run it on.
            UpstreamFailed: a function raised elsewhere, or lost its worker again and again.
        """
        ...
