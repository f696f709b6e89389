"""A process remembers for a while, and no more than it has room for."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.cache.memory import MemoryCache


@dataclass
class Clock:
    """Time that passes when it is told to."""

    now_s: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


async def test_a_value_is_forgotten_after_its_time() -> None:
    clock = Clock()
    cache = MemoryCache(max_bytes=100, ttl_s=10, clock=clock)
    await cache.put("a", b"1")
    clock.now_s = 9.9
    assert await cache.get("a") == b"1"
    clock.now_s = 10
    assert await cache.get("a") is None


async def test_the_value_not_used_for_longest_goes_first() -> None:
    cache = MemoryCache(max_bytes=9, ttl_s=10)
    for key in "abc":
        await cache.put(key, b"12")
    await cache.get("a")
    await cache.put("d", b"12")
    assert [await cache.get(key) for key in "abcd"] == [b"12", None, b"12", b"12"]


async def test_a_value_too_large_takes_nothing_with_it_but_the_one_it_replaces() -> None:
    cache = MemoryCache(max_bytes=9, ttl_s=10)
    await cache.put("a", b"1")
    await cache.put("b", b"1")
    await cache.put("a", b"0123456789")
    assert (await cache.get("a"), await cache.get("b")) == (None, b"1")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.binary(max_size=12))))
async def test_it_never_holds_more_than_it_may(puts: list[tuple[str, bytes]]) -> None:
    cache = MemoryCache(max_bytes=20, ttl_s=10)
    for key, value in puts:
        await cache.put(key, value)
        held = [await cache.get(name) for name in "abcdef"]
        assert sum(1 + len(one) for one in held if one is not None) <= 20
