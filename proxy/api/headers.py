"""The headers of a request, decoded once.

Starlette walks and decodes the whole list for every name, and a request is asked for a dozen.
"""

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import Scope

_KEY = "book_proxy.headers"


class RequestHeaders(Headers):
    """Starlette's `Headers` with a dictionary behind `get` and `in`; the first value counts."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(raw=scope["headers"])
        self._first: dict[str, str] = {}
        for name, value in scope["headers"]:
            self._first.setdefault(name.decode("latin-1"), value.decode("latin-1"))

    def __getitem__(self, key: str) -> str:
        """Return the first value of a header."""
        return self._first[key.lower()]

    def __contains__(self, key: object) -> bool:
        """Whether a header is there."""
        return isinstance(key, str) and key.lower() in self._first

    def items(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """Return every header once, with its first value."""
        return list(self._first.items())


def headers_of(scope: Scope) -> RequestHeaders:
    """Return the headers of the request that `scope` stands for."""
    headers: RequestHeaders | None = scope.get(_KEY)
    if headers is None:
        headers = scope[_KEY] = RequestHeaders(scope)
    return headers


class HotRequest(Request):
    """A request that shares its headers with the middleware."""

    @property
    def headers(self) -> Headers:
        """Return the headers, decoded once."""
        return headers_of(self.scope)
