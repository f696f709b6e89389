"""The headers of a request, found without a walk.

Starlette walks and decodes the whole list for every name, and a request is asked for a dozen.
"""

from collections.abc import Callable, Mapping
from operator import methodcaller
from typing import Any

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import Scope

_KEY = "book_proxy.headers"
_text = methodcaller("decode", "latin-1")


class RequestHeaders(Headers):
    """Starlette's `Headers` with a dictionary behind `get` and `in`; the first value counts.

    Both want names in lower case.
    """

    get: Callable[..., Any]

    def __init__(self, scope: Scope) -> None:
        raw: list[tuple[bytes, bytes]] = scope["headers"]
        super().__init__(raw=raw)
        names, values = zip(*reversed(raw), strict=True) if raw else ((), ())
        self._first = dict(zip(map(_text, names), map(_text, values), strict=True))
        self.get = self._first.get
        self._has_repeated = len(self._first) < len(raw)

    def __getitem__(self, key: str) -> str:
        """Return the first value of a header."""
        return self._first[key.lower()]

    def __contains__(self, key: object) -> bool:
        """Whether a header is there."""
        return key in self._first

    def getlist(self, key: str) -> list[str]:
        """Return all values of a header."""
        if self._has_repeated:
            return super().getlist(key)
        return [self._first[key]] if key in self._first else []

    def starting_with(self, prefix: str) -> Mapping[str, str]:
        """Return the headers whose names begin with `prefix`, with their first values."""
        return {name: self._first[name] for name in self._first if name.startswith(prefix)}


def headers_of(scope: Scope) -> RequestHeaders:
    """Return the headers of the request that `scope` stands for."""
    headers: RequestHeaders | None = scope.get(_KEY)
    if headers is None:
        headers = scope[_KEY] = RequestHeaders(scope)
    return headers


class HotRequest(Request):
    """A request that shares its headers with the middleware."""

    @property
    def headers(self) -> RequestHeaders:
        """Return the headers."""
        return headers_of(self.scope)
