"""The application: lifespan, middleware in order, routes."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

import proxy
from proxy.api import errors
from proxy.api.auth import Authenticator
from proxy.api.hot_path import HotPath
from proxy.api.middleware import CrossOrigin, ErrorBoundary, LoopbackGuard, RequestContext
from proxy.api.openapi import ERROR_RESPONSES, DocumentedAPI
from proxy.api.router import router
from proxy.bootstrap.serving import open_state
from proxy.errors import StoreUnavailable
from proxy.settings import Settings, load_settings
from proxy.state import AppState
from proxy.telemetry.logs import configure_logs
from proxy.telemetry.metrics import CIRCUITS, MAX_OPEN_ANSWERS, OPEN_ANSWERS, TASKS
from proxy.telemetry.scraping import measured_loop_lag, served_metrics

_EXPOSED_HEADERS = (
    "x-request-id",
    "x-rag-status",
    "x-rag-reason",
    "x-upstream-model",
    "x-cache",
    "x-persisted",
    "x-ignored-params",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "www-authenticate",
    "x-anonymous-id",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
    "x-ratelimit-policy",
)


def create_app_from_environment() -> FastAPI:
    """Return the application of one of several workers; it opens its own state."""
    settings = load_settings()
    configure_logs(settings.server.log_level, settings.server.log_format)
    return create_app(settings)


def create_app(settings: Settings, state: AppState | None = None) -> FastAPI:
    """Return the application; `state` None: its lifespan opens what it needs."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        async with AsyncExitStack() as stack:
            opened = state
            if opened is None:
                opening = open_state(settings, runs_jobs=True)
                opened = await stack.enter_async_context(opening)
                await open_store(opened)
            authenticator = Authenticator(
                settings,
                opened.local_token,
                opened.recognition,
                opened.anonymous_ids,
                has_stored_keys=opened.has_stored_keys,
            )
            await stack.enter_async_context(measured_loop_lag())
            if (port := settings.telemetry.metrics_port) is not None:
                host = settings.telemetry.metrics_host
                await stack.enter_async_context(served_metrics(host, port))
            _show(opened)
            _calm_garbage_collector()
            yield {"proxy": opened, "authenticator": authenticator, "tracing": opened.tracing}

    app = _Application(
        title="book-proxy",
        description="An OpenAI-compatible proxy that grounds answers in a book.",
        version=proxy.__version__,
        lifespan=lifespan,
        middleware=_middleware(settings),
        docs_url="/docs" if settings.server.docs_enabled else None,
        openapi_url="/openapi.json" if settings.server.docs_enabled else None,
        redoc_url=None,
        responses=ERROR_RESPONSES,
        redirect_slashes=False,  # a redirect is no answer that an API client can use
        # Asks OpenTelemetry three times a request whether it is there: 14 % of a relayed answer.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    errors.register(app)
    app.include_router(router)
    return app


def _show(state: AppState) -> None:
    """Let the metrics read what only the state knows."""
    admission, loop = state.admission, asyncio.get_running_loop()
    OPEN_ANSWERS.read = lambda: [((), admission.open)]
    MAX_OPEN_ANSWERS.read = lambda: [((), admission.limit)]
    TASKS.read = lambda: [((), len(asyncio.all_tasks(loop)))]
    CIRCUITS.read = lambda: [
        ((upstream.name, model), 1.0 if circuit.state == "open" else 0.5)
        for upstream in state.upstreams
        for model, circuit in upstream.circuits()
    ]


_STORE_LIMIT_S = 2.0


async def open_store(state: AppState) -> None:
    """Open the store before anybody asks, so that no reader waits for it.

    Before the lifespan, too: what is imported later, the garbage collector walks for ever. One that
    is away is tried again when it is needed; `/ready` tells of it.
    """
    with contextlib.suppress(StoreUnavailable, TimeoutError):
        async with asyncio.timeout(_STORE_LIMIT_S):
            await state.store()


class _Application(DocumentedAPI):
    """FastAPI with our middleware around its own, so that `HotPath` is reached sooner."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; FastAPI's own entrance asks for telemetry we have switched off."""
        if scope["type"] == "http" and self.middleware_stack is not None:
            scope["app"] = self
            await self.middleware_stack(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Return the layers around the router."""
        ours, self.user_middleware = self.user_middleware, []
        stack = super().build_middleware_stack()
        if isinstance(stack, ServerErrorMiddleware):  # `ErrorBoundary` answers, in the envelope
            stack = stack.app
        for layer in reversed(ours):
            stack = layer.cls(stack, *layer.args, **layer.kwargs)
        return stack


_GC_THRESHOLDS = (20_000, 20, 50)
"""Python's 700 objects are two requests of ours."""


def _calm_garbage_collector() -> None:
    """Take all that was made until now out of the garbage collector's sight, and have it look less.

    A full collection walks every module, model and schema there is: 75 ms of standstill now and
    then, and a fifth of a relayed answer's CPU (`make bench`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def _middleware(settings: Settings) -> list[Middleware]:
    """Return the layers, outermost first."""
    server = settings.server
    layers = [Middleware(RequestContext)]
    if settings.telemetry.otlp_endpoint is not None:
        from proxy.api.traced import TracedRequests  # noqa: PLC0415 - while there are traces

        layers.append(Middleware(TracedRequests))
    layers.append(
        Middleware(
            CrossOrigin,
            allow_origins=server.allowed_origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["*"],
            expose_headers=_EXPOSED_HEADERS,
            max_age=600,
        ),
    )
    layers.append(Middleware(ErrorBoundary))
    if not settings.has_auth and not server.allow_anonymous:
        layers.append(Middleware(LoopbackGuard, allowed_origins=server.allowed_origins))
    layers.append(Middleware(HotPath))
    return layers
