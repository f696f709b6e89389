"""The headers of a request, found without a walk.

Starlette walks and decodes the whole list for every name, and a request is asked for a dozen.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import Scope

_KEY = "book_proxy.headers"


class RequestHeaders(Headers):
    """Starlette's `Headers` with a dictionary behind `get` and `in`; the first value counts.

    Both want names in lower case.
    """

    def __init__(self, scope: Scope) -> None:
        raw: list[tuple[bytes, bytes]] = scope["headers"]
        super().__init__(raw=raw)
        self.first = dict(reversed(raw))
        """The first value of each, as it came; by names in lower case."""
        self._has_repeated = len(self.first) < len(raw)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the first value of a header."""
        value = self.first.get(key.encode())
        return default if value is None else value.decode("latin-1")

    def __contains__(self, key: object) -> bool:
        """Whether a header is there."""
        return isinstance(key, str) and key.encode() in self.first

    def getlist(self, key: str) -> list[str]:
        """Return all values of a header."""
        if self._has_repeated:
            return super().getlist(key)
        value = self.first.get(key.encode())
        return [] if value is None else [value.decode("latin-1")]

    def starting_with(self, prefix: bytes) -> Mapping[str, str]:
        """Return the headers whose names begin with `prefix`, with their first values."""
        names = _starting_with(prefix, tuple(self.first))
        return {name.decode("latin-1"): self.first[name].decode("latin-1") for name in names}


@lru_cache(maxsize=64)
def _starting_with(prefix: bytes, names: tuple[bytes, ...]) -> list[bytes]:
    """Return those of `names`; a client sends the same ones with request after request."""
    return [name for name in names if name.startswith(prefix)]


def headers_of(scope: Scope) -> RequestHeaders:
    """Return the headers of the request that `scope` stands for."""
    try:
        headers: RequestHeaders = scope[_KEY]
    except KeyError:
        headers = scope[_KEY] = RequestHeaders(scope)
    return headers


class HotRequest(Request):
    """A request that shares its headers with the middleware."""

    @property
    def headers(self) -> RequestHeaders:
        """Return the headers."""
        return headers_of(self.scope)
