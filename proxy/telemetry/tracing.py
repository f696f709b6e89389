"""OpenTelemetry traces, by the semantic conventions for generative AI; off unless configured.

While they are off, nothing of this is in the path of a request: who traces stands around what is
traced, and is put there by `bootstrap`. The SDK is imported only then.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import proxy
from proxy.settings import TelemetrySettings
from proxy.telemetry import stages

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_EXPORT_TIMEOUT_S = 5.0
_MAX_QUEUED_SPANS = 4_096
_MAX_CONTENT_CHARS = 50_000
Attributes = Mapping[str, str | int | float | bool | list[str]]


@dataclass(frozen=True, slots=True)
class Tracing:
    """What spans are made with."""

    tracer: "Tracer"
    has_contents: bool
    """Whether questions and answers are written into spans."""

    def client_span(self, operation: str, model: str, attributes: Attributes) -> "Span":
        """Begin the span of a call of a model; end it."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - imported long since

        return self.tracer.start_span(
            f"{operation} {model}",
            kind=SpanKind.CLIENT,
            attributes={
                "gen_ai.operation.name": operation,
                "gen_ai.request.model": model,
                **attributes,
            },
        )

    def stage(self, stage: str, took_s: float) -> None:
        """Make the span of a stage of a search, which has just ended."""
        ended_ns = time.time_ns()
        span = self.tracer.start_span(
            f"retrieval.{stage}",
            start_time=ended_ns - int(took_s * 1e9),
            attributes={"gen_ai.operation.name": "retrieval", "book_proxy.stage": stage},
        )
        span.end(ended_ns)


def failed(span: "Span", code: str) -> None:
    """Note that what a span stands for failed; a code, for messages may quote anything."""
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 - imported long since

    span.set_status(StatusCode.ERROR, code)
    span.set_attribute("error.type", code)


def message(role: str, text: str) -> str:
    """Return one message as the conventions write messages: a JSON list."""
    part = {"type": "text", "content": text[:_MAX_CONTENT_CHARS]}
    return json.dumps([{"role": role, "parts": [part]}], ensure_ascii=False)


@asynccontextmanager
async def opened_tracing(settings: TelemetrySettings) -> AsyncGenerator[Tracing | None]:
    """Send spans to the collector that is configured; None where there is none.

    A collector that is away costs spans and nothing else: the queue is bounded, and sent by a
    thread.
    """
    if settings.otlp_endpoint is None:
        yield None
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import (  # noqa: PLC0415
        ParentBased,
        TraceIdRatioBased,
    )

    resource = Resource.create(
        {"service.name": settings.service_name, "service.version": proxy.__version__}
    )
    provider = TracerProvider(
        resource=resource,
        sampler=ParentBased(TraceIdRatioBased(settings.sampled_share)),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(
        endpoint=f"{settings.otlp_endpoint}/v1/traces",
        headers=settings.otlp_header_pairs,
        timeout=_EXPORT_TIMEOUT_S,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=_MAX_QUEUED_SPANS))
    tracing = Tracing(
        provider.get_tracer("book-proxy", proxy.__version__), settings.traces_contents
    )
    stages.listen(tracing.stage)
    try:
        yield tracing
    finally:
        stages.listen(None)
        await asyncio.to_thread(provider.shutdown)
