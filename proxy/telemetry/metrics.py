"""Every instrument, in one file: its name, its unit, its labels.

What a request counts on its way is ours (`instruments.py`); what hardly ever happens, or happens in
threads, is prometheus_client's own.
"""

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from proxy.telemetry.instruments import Level, Spread, Tally

REGISTRY = CollectorRegistry()
"""Ours alone, so that a test or a second application in one process adds nothing."""

ProcessCollector(namespace="book_proxy", registry=REGISTRY)
GCCollector(registry=REGISTRY)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_STAGE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

REQUESTS = Tally(
    "book_proxy_requests",
    "Requests answered, by the pattern of their URL and the status.",
    ["route", "method", "status"],
    registry=REGISTRY,
    max_series=500,
)
REQUEST_SECONDS = Spread(
    "book_proxy_request_duration_seconds",
    "From a request to the end of its answer; of a stream, to its last byte.",
    ["route"],
    bounds=_SECONDS,
    registry=REGISTRY,
)
FIRST_TOKEN_SECONDS = Spread(
    "book_proxy_time_to_first_token_seconds",
    "From a request to the first event of a streamed answer.",
    ["model"],
    bounds=_SECONDS,
    registry=REGISTRY,
)
TOKENS = Tally(
    "book_proxy_tokens",
    "Tokens read (`input`) and written (`output`), as the upstream counts them.",
    ["direction", "model"],
    registry=REGISTRY,
)
ANSWERS = Tally(
    "book_proxy_answers",
    "Answers begun, by how the book took part in them: `grounded`, `no-match`, `degraded`, `off`.",
    ["rag_status", "reason"],
    registry=REGISTRY,
)
BROKEN_STREAMS = Tally(
    "book_proxy_broken_streams",
    "Streams that ended in an error event.",
    ["code"],
    registry=REGISTRY,
)
UPSTREAM_SECONDS = Spread(
    "book_proxy_upstream_duration_seconds",
    "A call to an upstream, to its first event or its whole answer.",
    ["upstream", "operation"],
    bounds=_SECONDS,
    registry=REGISTRY,
)
UPSTREAM_ERRORS = Tally(
    "book_proxy_upstream_errors",
    "Calls to an upstream that failed, each attempt.",
    ["upstream", "code"],
    registry=REGISTRY,
)
UPSTREAM_RETRIES = Tally(
    "book_proxy_upstream_retries",
    "Calls made again (`again`), and those that the retry budget forbade (`over-budget`).",
    ["upstream", "outcome"],
    registry=REGISTRY,
)
CIRCUITS_OPENED = Tally(
    "book_proxy_circuit_opened",
    "Times an upstream was left alone for having failed too often.",
    ["upstream", "model"],
    registry=REGISTRY,
)
CIRCUIT_REFUSALS = Tally(
    "book_proxy_circuit_refusals",
    "Calls not made because the upstream is left alone.",
    ["upstream"],
    registry=REGISTRY,
)
CIRCUITS = Level(
    "book_proxy_circuit_state",
    "1: the upstream is left alone; 0.5: one call tries it. A closed circuit is not here.",
    ["upstream", "model"],
    registry=REGISTRY,
)
STAGE_SECONDS = Spread(
    "book_proxy_retrieval_stage_seconds",
    "One stage of a search.",
    ["stage"],
    bounds=_STAGE_SECONDS,
    registry=REGISTRY,
)
CACHE_LOOKUPS = Tally(
    "book_proxy_cache_lookups",
    "Values looked for: vectors of questions, whole answers.",
    ["cache", "outcome"],
    registry=REGISTRY,
)
OPEN_ANSWERS = Level(
    "book_proxy_open_answers",
    "Answers being written right now: streams, JSON and embeddings.",
    registry=REGISTRY,
)
MAX_OPEN_ANSWERS = Level(
    "book_proxy_open_answers_limit",
    "How many there may be (PROXY_MAX_OPEN_GENERATIONS).",
    registry=REGISTRY,
)
REQUESTS_SHED = Tally(
    "book_proxy_requests_shed",
    "Requests answered with 503 because all places were taken.",
    registry=REGISTRY,
)
REQUESTS_REFUSED = Tally(
    "book_proxy_requests_refused",
    "Requests that never became one for the application: too large, too slow, malformed.",
    ["code"],
    registry=REGISTRY,
)
TASKS = Level(
    "book_proxy_tasks",
    "Tasks of the event loop.",
    registry=REGISTRY,
)
LOOP_LAG_SECONDS = Spread(
    "book_proxy_event_loop_lag_seconds",
    "How much later than asked for the event loop wakes somebody.",
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
    registry=REGISTRY,
)

MESSAGES_NOT_SAVED = Counter(
    "book_proxy_messages_not_saved",
    "Messages of conversations that the database did not take.",
    ["message"],
    registry=REGISTRY,
)
LIMITS_IN_PROCESS = Counter(
    "book_proxy_limits_in_process",
    "Requests whose limits were counted in this process because Redis did not answer.",
    registry=REGISTRY,
)
REQUESTS_LIMITED = Counter(
    "book_proxy_requests_limited",
    "Requests answered with 429 by a limit of our own.",
    ["limit"],
    registry=REGISTRY,
)
USAGE_NOT_SAVED = Counter(
    "book_proxy_usage_not_saved",
    "Requests whose usage the database did not take, and that were forgotten.",
    registry=REGISTRY,
)
CACHE_UNAVAILABLE = Counter(
    "book_proxy_cache_unavailable",
    "Values not looked up or not kept because Redis did not answer.",
    registry=REGISTRY,
)
