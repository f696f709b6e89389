"""Every instrument, in one file."""

from prometheus_client import CollectorRegistry, Counter

REGISTRY = CollectorRegistry()
"""Ours alone, so that a test or a second application in one process adds nothing."""

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
