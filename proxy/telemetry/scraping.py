"""`/metrics` on a port of its own, and how late the event loop is.

In the same event loop as what is measured, so that no counter is read while it changes.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from proxy.errors import ConfigurationError
from proxy.telemetry.logs import log
from proxy.telemetry.metrics import LOOP_LAG_SECONDS, REGISTRY

if TYPE_CHECKING:
    from aiohttp.web import AppRunner

_MOST_WORKERS = 64
_LAG_EVERY_S = 0.1


def exposition() -> tuple[bytes, str]:
    """Return the metrics of this process and their media type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST


@asynccontextmanager
async def served_metrics(host: str, port: int) -> AsyncGenerator[int]:
    """Serve the metrics to whoever reaches `port`, or the first free one behind it; yield which.

    Several workers of one server have one port each, and Prometheus asks each of them: the sum of
    what one of them happens to know would be no sum.

    Raises:
        ConfigurationError: none of the ports can be had.
    """
    from aiohttp import web  # noqa: PLC0415 - 60 ms to import, for those who have such a port

    async def metrics(_request: web.Request) -> web.Response:
        body, media_type = exposition()
        return web.Response(body=body, headers={"content-type": media_type})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        taken = await _first_free(runner, host, port)
        log.info("metrics_served", host=host, port=taken)
        yield taken
    finally:
        await runner.cleanup()


async def _first_free(runner: "AppRunner", host: str, port: int) -> int:
    from aiohttp.web import TCPSite  # noqa: PLC0415 - see above

    failure: OSError | None = None
    for candidate in range(port, min(port + _MOST_WORKERS, 65_536)):
        try:
            await TCPSite(runner, host, candidate).start()
        except OSError as exc:
            failure = exc
        else:
            return candidate
    reason = failure.strerror if failure else "no such port"
    raise ConfigurationError(f"cannot serve metrics on {host}:{port}: {reason}")


@asynccontextmanager
async def measured_loop_lag() -> AsyncGenerator[None]:
    """Measure ten times a second how late the event loop wakes somebody."""

    async def measure() -> None:
        while True:
            asked_s = time.perf_counter()
            await asyncio.sleep(_LAG_EVERY_S)
            LOOP_LAG_SECONDS.observe(max(0.0, time.perf_counter() - asked_s - _LAG_EVERY_S))

    measuring = asyncio.create_task(measure())
    try:
        yield
    finally:
        measuring.cancel()
        await asyncio.wait([measuring])
