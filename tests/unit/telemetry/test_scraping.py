"""Metrics have a port of their own, one for each worker, and nothing else is on it."""

import asyncio

import aiohttp
import pytest

from proxy.errors import ConfigurationError
from proxy.telemetry.metrics import LOOP_LAG_SECONDS
from proxy.telemetry.scraping import measured_loop_lag, served_metrics
from tests.support.serving import free_port

HOST = "127.0.0.1"


async def _get(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{HOST}:{port}{path}") as got,
    ):
        return got.status, await got.text()


async def test_metrics_are_served_and_nothing_else() -> None:
    async with served_metrics(HOST, free_port()) as port:
        status, text = await _get(port, "/metrics")
        assert status == 200
        assert "book_proxy_requests_total" in text
        assert (await _get(port, "/"))[0] == 404


async def test_the_second_worker_takes_the_next_port_and_gives_it_back() -> None:
    wanted = free_port()
    async with served_metrics(HOST, wanted) as first:
        async with served_metrics(HOST, wanted) as second:
            assert first == wanted < second
            assert (await _get(second, "/metrics"))[0] == 200
        async with served_metrics(HOST, wanted) as third:
            assert third == second


async def test_an_address_that_cannot_be_had_is_one_clear_line() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot serve metrics on 192\.0\.2\.1"):
        async with served_metrics("192.0.2.1", free_port()):
            pass


async def test_a_loop_that_is_held_up_is_late() -> None:
    late = LOOP_LAG_SECONDS.count()
    async with measured_loop_lag():
        while LOOP_LAG_SECONDS.count() < late + 2:
            waited = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_later(0.05, waited.set_result, None)
            await waited
    assert LOOP_LAG_SECONDS.count() >= late + 2
