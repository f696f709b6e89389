"""The settings of what an operator sees: metrics and traces."""

from typing import Annotated
from urllib.parse import unquote

from pydantic import AfterValidator, Field, SecretStr

from proxy.settings.fields import BaseUrl, Group


def _pairs(value: SecretStr) -> SecretStr:
    if not all("=" in pair for pair in value.get_secret_value().split(",")):
        raise ValueError("headers are comma-separated `name=value`")
    return value


class TelemetrySettings(Group):
    """Metrics and traces."""

    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        alias="METRICS_PORT",
        description="A port of its own for `/metrics`, without keys; worker N of several takes "
        "the N-th from here. Unset: `/metrics` for admins only.",
    )
    metrics_host: str = Field(
        "127.0.0.1",
        alias="METRICS_HOST",
        description="Address that port listens on; keep it private.",
    )
    otlp_endpoint: BaseUrl | None = Field(
        None,
        alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="Root of an OpenTelemetry collector that takes OTLP over HTTP, often port "
        "4318; unset: no traces.",
    )
    otlp_headers: Annotated[SecretStr, AfterValidator(_pairs)] | None = Field(
        None,
        alias="OTEL_EXPORTER_OTLP_HEADERS",
        description="Comma-separated `name=value` headers for it, such as its key.",
    )
    service_name: str = Field(
        "book-proxy", alias="OTEL_SERVICE_NAME", description="Name of this service in traces."
    )
    sampled_share: float = Field(
        1.0,
        ge=0,
        le=1,
        alias="OTEL_TRACES_SAMPLER_ARG",
        description="Share of requests that are traced, where the caller has not decided.",
    )
    traces_contents: bool = Field(
        False,
        alias="OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        description="Put questions and answers into traces. They are then where your traces are.",
    )

    @property
    def otlp_header_pairs(self) -> dict[str, str]:
        """Return the headers for the collector."""
        if self.otlp_headers is None:
            return {}
        pairs = (pair.partition("=") for pair in self.otlp_headers.get_secret_value().split(","))
        return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}
