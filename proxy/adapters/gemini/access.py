"""Where Gemini is and how a call says who makes it: the Gemini API with a key, or Vertex AI.

Source: hosts and paths as google-genai 3.3 makes them (`_api_client.py`, `_transformers.py`).
"""

from collections.abc import Mapping
from typing import Protocol

from multidict import CIMultiDict
from yarl import URL

from proxy.adapters.gemini.credentials import BearerHeaders
from proxy.deadline import Deadline
from proxy.settings import GOOGLE_BASE_URL, GeminiSettings

API_VERSION = "v1beta"
VERTEX_API_VERSION = "v1beta1"

_MULTI_REGIONS = frozenset({"us", "eu"})
_COMMON_HEADERS = {
    "content-type": "application/json",
    # Compressed, an event would wait for the ones behind it.
    "accept-encoding": "identity",
}


class Access(Protocol):
    """What a transport needs to know to make a call."""

    @property
    def is_vertex(self) -> bool:
        """Whether it is Vertex AI.

        Its embedding calls are others, and models before Gemini 3 know no ids of function calls.
        """
        ...

    def url(self, model: str, method: str, query: str = "") -> URL:
        """Return the address of a model's method; `query` begins with `?`."""
        ...

    def listing_url(self, query: str) -> URL | None:
        """Return the address of the list of models with their limits, None where there is none."""
        ...

    def resource_url(self, name: str) -> URL | None:
        """Return the address of what is called `name` (`batches/…`), None where there is none."""
        ...

    def headers(self) -> Mapping[str, str] | None:
        """Return all headers of a call, None where `renewed_headers` has to be awaited."""
        ...

    async def renewed_headers(self, deadline: Deadline) -> Mapping[str, str]:
        """Return all headers of a call.

        Raises:
            UpstreamAuthError: no credentials are to be had.
            UpstreamTimeout: they did not come before the deadline.
        """
        ...

    def refused(self) -> None:
        """Note that the upstream did not take the credentials (401)."""
        ...


def access_for(settings: GeminiSettings) -> Access:
    """Return the access that is configured."""
    return VertexAccess(settings) if settings.uses_vertex else KeyAccess(settings)


class KeyAccess:
    """The Gemini API (ai.google.dev) with a key.

    `v1beta` is pinned: the `*-latest` names exist only there.
    """

    is_vertex = False

    def __init__(self, settings: GeminiSettings) -> None:
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        self._base = f"{settings.base_url}/{API_VERSION}"
        self._root = f"{self._base}/models"
        self._headers = CIMultiDict({**_COMMON_HEADERS, "x-goog-api-key": key})

    def url(self, model: str, method: str, query: str = "") -> URL:
        """See `Access.url`."""
        return URL(f"{self._root}/{model}:{method}{query}", encoded=True)

    def listing_url(self, query: str) -> URL | None:
        """See `Access.listing_url`."""
        return URL(f"{self._root}{query}", encoded=True)

    def resource_url(self, name: str) -> URL | None:
        """See `Access.resource_url`."""
        return URL(f"{self._base}/{name}", encoded=True)

    def headers(self) -> Mapping[str, str] | None:
        """Return the same headers every time."""
        return self._headers

    async def renewed_headers(self, deadline: Deadline) -> Mapping[str, str]:  # noqa: ARG002 - a key does not end
        """Return the same headers every time."""
        return self._headers

    def refused(self) -> None:
        """Do nothing: there is but this key."""


class VertexAccess:
    """Vertex AI with a bearer token; `GEMINI_BASE_URL`, where set, replaces its host."""

    is_vertex = True

    def __init__(self, settings: GeminiSettings, bearer: BearerHeaders | None = None) -> None:
        base = settings.base_url
        host = vertex_host(settings.vertex_location) if base == GOOGLE_BASE_URL else base
        self._root = (
            f"{host}/{VERTEX_API_VERSION}/projects/{settings.vertex_project}"
            f"/locations/{settings.vertex_location}/publishers/google/models"
        )
        self._bearer = bearer or BearerHeaders()
        self._made_from: Mapping[str, str] | None = None
        self._headers: Mapping[str, str] = {}

    def url(self, model: str, method: str, query: str = "") -> URL:
        """See `Access.url`."""
        return URL(f"{self._root}/{model}:{method}{query}", encoded=True)

    def listing_url(self, query: str) -> URL | None:  # noqa: ARG002 - see below
        """Return None: Vertex AI's list of models says nothing of their limits."""
        return None

    def resource_url(self, name: str) -> URL | None:  # noqa: ARG002 - see below
        """Return None: Vertex AI's batches are files in Cloud Storage."""
        return None

    def headers(self) -> Mapping[str, str] | None:
        """See `Access.headers`."""
        bearer = self._bearer.current()
        return None if bearer is None else self._with(bearer)

    async def renewed_headers(self, deadline: Deadline) -> Mapping[str, str]:
        """See `Access.renewed_headers`."""
        return self._with(await self._bearer.get(deadline))

    def refused(self) -> None:
        """Have the next call fetch another token."""
        self._bearer.forget()

    def _with(self, bearer: Mapping[str, str]) -> Mapping[str, str]:
        if bearer is not self._made_from:
            self._headers = {**_COMMON_HEADERS, **bearer}
            self._made_from = bearer
        return self._headers


def vertex_host(location: str) -> str:
    """Return the root of Vertex AI for a region, a multi-region (`us`, `eu`) or `global`."""
    if location == "global":
        return "https://aiplatform.googleapis.com"
    if location in _MULTI_REGIONS:
        return f"https://aiplatform.{location}.rep.googleapis.com"
    return f"https://{location}-aiplatform.googleapis.com"
