"""What every `ports.Engine` does; `tests/contract` and `tests/ray` run it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from proxy.ports import Engine
from tests.support.engine_stages import Result, Stamping, three

BATCHES: Sequence[int] = range(20)


def expected(done: str) -> list[Result]:
    """Return the results of `three` in order."""
    return [(batch, n, done) for batch in BATCHES if batch % 4 != 3 for n in range(3)]


def workers_of(folder: Path) -> list[Path]:
    """Return what `Stamping` left of each worker."""
    return list(folder.iterdir())


async def check_results_come_in_order_each_once(engine: Engine) -> None:
    """Run one stage."""
    assert [result async for result in engine.run(BATCHES, three)] == expected("cut")


async def check_what_is_made_once_sees_every_result(engine: Engine, folder: Path) -> None:
    """Run two stages; the second is made once per worker."""
    made = partial(Stamping, folder)
    results = [result async for result in engine.run(BATCHES, three, made)]
    assert results == expected("cut and stamped")
    assert 1 <= len(workers_of(folder)) <= 3


async def check_nothing_comes_of_nothing(engine: Engine, folder: Path) -> None:
    """Run stages over nothing: no worker is made."""
    none: list[int] = []
    assert [r async for r in engine.run(none, three, partial(Stamping, folder))] == []
    assert workers_of(folder) == []


async def check_a_run_can_be_left_and_another_begun(engine: Engine) -> None:
    """Leave a run after its first result."""
    left = engine.run(BATCHES, three)
    assert await anext(left) == (0, 0, "cut")
    await left.aclose()
    assert [result async for result in engine.run([1], three)] == [(1, n, "cut") for n in range(3)]
