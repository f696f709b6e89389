"""The store opens when it is needed, once, and is not knocked at by everybody while it is away."""

import asyncio

import pytest

from proxy.errors import StoreUnavailable
from proxy.store import LazyStore, Store


async def _nothing() -> None:
    return None


class Door:
    """Opens, unless it is stuck; counts."""

    def __init__(self) -> None:
        self.is_stuck = False
        self.opened = 0
        self.closed = 0

    async def open(self) -> Store:
        """Open."""
        self.opened += 1
        await asyncio.sleep(0)
        if self.is_stuck:
            raise StoreUnavailable("away")
        unused = object()
        return Store(*[unused] * 7, check=_nothing, close=self._close)  # type: ignore[arg-type]

    async def _close(self) -> None:
        self.closed += 1


async def test_many_who_need_it_open_it_once_and_it_is_closed_once() -> None:
    door = Door()
    async with LazyStore(door.open) as store:
        assert not store.is_open
        first, *others = await asyncio.gather(*(store() for _ in range(9)))
        assert all(one is first for one in others)
        assert store.is_open
        await store.check()
    assert (door.opened, door.closed) == (1, 1)


async def test_what_was_never_needed_is_never_opened() -> None:
    door = Door()
    async with LazyStore(door.open):
        pass
    assert (door.opened, door.closed) == (0, 0)


async def test_a_failure_stands_for_a_moment() -> None:
    door = Door()
    door.is_stuck = True
    now_s = 0.0
    store = LazyStore(door.open, clock=lambda: now_s)
    for now_s in (0.0, 0.5, 0.9):  # noqa: B007 - the clock reads it
        with pytest.raises(StoreUnavailable):
            await store()
    assert door.opened == 1
    now_s = 1.0
    with pytest.raises(StoreUnavailable):
        await store()
    assert door.opened == 2
