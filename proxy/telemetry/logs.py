"""Structured logs: one event a line, to stderr; ids, sizes, times and codes, never contents."""

import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from proxy.telemetry.requests import current_request

log: structlog.stdlib.BoundLogger = structlog.get_logger("proxy")
"""The application's logger: `log.info("event_name", key=value)`."""


def configure_logs(level: str, log_format: str) -> None:
    """Set up the process's logging; libraries' own loggers come out in the same form."""
    shared: list[Processor] = [
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if log_format == "json":
        processors: list[Processor] = [
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ]
        factory: Any = structlog.BytesLoggerFactory(sys.stderr.buffer)
        foreign: list[Processor] = [*processors[-2:-1], structlog.processors.JSONRenderer()]
    else:
        # The default shows the local variables of every frame: prompts, keys.
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        processors, foreign = [*shared, console], [console]
        factory = structlog.PrintLoggerFactory(sys.stderr)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *foreign],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").setLevel(level)


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if request_id := current_request().request_id:
        event["request_id"] = request_id
    return event


def _to_json(event: EventDict, **_: object) -> bytes:
    return orjson.dumps(event, default=str)


def _logger_name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["logger"] = record.name
    return event
