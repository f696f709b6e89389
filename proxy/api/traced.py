"""The span of a request, around everything that is done for it; there while traces are."""

from opentelemetry.trace import SpanKind, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy.api.headers import headers_of
from proxy.api.middleware import STATUS, route_of
from proxy.telemetry.requests import current_request
from proxy.telemetry.tracing import Tracing, failed

_CONTEXT = TraceContextTextMapPropagator()
_QUIET_PATHS = frozenset({"/health", "/ready", "/metrics"})


class TracedRequests:
    """Begins a span for every request, within the caller's trace where it names one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        tracing: Tracing | None = scope.get("state", {}).get("tracing")
        if tracing is None or scope["type"] != "http" or scope["path"] in _QUIET_PATHS:
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        carrier = {name: headers.get(name, "") for name in ("traceparent", "tracestate")}
        span = tracing.tracer.start_span(
            scope["method"], context=_CONTEXT.extract(carrier), kind=SpanKind.SERVER
        )
        try:
            with use_span(span, record_exception=False, set_status_on_exception=False):
                await self._app(scope, receive, send)
        finally:
            status, route, record = scope.get(STATUS, 0), route_of(scope), current_request()
            span.update_name(f"{scope['method']} {route}")
            span.set_attributes(
                {
                    "http.request.method": scope["method"],
                    "http.route": route,
                    "http.response.status_code": status,
                    "book_proxy.request_id": record.request_id,
                    "book_proxy.rag_status": record.rag_status,
                    "book_proxy.rag_reason": record.rag_reason,
                }
            )
            if record.failure or status >= 500:
                failed(span, record.failure or str(status))
            span.end()
