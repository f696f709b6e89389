"""What processes under test may know of the machine they run on."""

import os
from collections.abc import Mapping

# Every setting of the proxy begins with one of these, those of the libraries it is made of too.
SETTING_PREFIXES = (
    "ALLOWED_ORIGINS",
    "DATABASE_",
    "DOCS_ENABLED",
    "EMBEDDER",
    "EMBEDDING_",
    "FALLBACK_",
    "GEMINI_",
    "GENERATOR",
    "GOOGLE_",
    "IMAGE_FETCH",
    "JWT_",
    "LOG_",
    "METRICS_",
    "OPENAI_",
    "OTEL_",
    "PROXY_",
    "PUBLIC_BASE_URL",
    "QDRANT_",
    "RATE_LIMIT_",
    "RAY_",
    "REDIS_URL",
)
# Names of services that tests may use; not settings of the proxy.
_FOR_TESTS = frozenset(
    {
        "PROXY_TEST_BOOKS",
        "PROXY_TEST_EXAMPLES",
        "PROXY_TEST_RAY",
        "PROXY_TEST_REQUIRE_BROWSER",
        "QDRANT_TEST_URL",
        "POSTGRES_TEST_URL",
    }
)

# A process needs these to run at all, and those that begin with COVERAGE_ to be measured.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")
_INHERITED_PREFIXES = ("COVERAGE_",)

UNHURRIED = {
    "PROXY_EMBED_TIMEOUT_S": "120",
    "PROXY_FIRST_TOKEN_TIMEOUT_S": "600",
    "PROXY_IDLE_TIMEOUT_S": "600",
    "PROXY_RERANK_TIMEOUT_S": "120",
    "PROXY_REWRITE_TIMEOUT_S": "120",
    "PROXY_SEARCH_TIMEOUT_S": "120",
    "PROXY_UPSTREAM_CONNECT_TIMEOUT_S": "120",
}
"""Limits of a program under test, unless the test is about one: none is reached by a slow machine,
and what ends within a test's patience was not ended by any of them."""

_LOOPBACK = "127.0.0.1,localhost,::1"


def settings_in(environment: Mapping[str, str]) -> set[str]:
    """Return the names in `environment` that would change how the proxy behaves."""
    return {
        name for name in environment if name.startswith(SETTING_PREFIXES) and name not in _FOR_TESTS
    }


def scrub() -> None:
    """Take the developer's own settings out of this process, and loopback out of HTTP proxies."""
    for name in settings_in(os.environ):  # noqa: TID251 - it is what is being cleaned
        del os.environ[name]  # noqa: TID251
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY"), _LOOPBACK)))  # noqa: TID251
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = direct  # noqa: TID251 - both are read


def clean_environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that holds `given` and what any process needs, no more."""
    inherited = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - the one place that passes it on
        if name in _INHERITED or name.startswith(_INHERITED_PREFIXES)
    }
    return {**inherited, "PYTHONUNBUFFERED": "1", "NO_PROXY": _LOOPBACK, **given}
