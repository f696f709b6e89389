"""What the fake Gemini was sent: a request with its connection, taken apart as Gemini would.

Read by tests (`fake.requests`) and by replies, which may depend on it.
"""

import re
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from tests.support.http_wire import HttpRequest

EMBEDDING_OPERATIONS = frozenset({"embedContent", "batchEmbedContents", "predict"})
GENERATING_OPERATIONS = frozenset({"generateContent", "streamGenerateContent"})

# Both forms: /v1beta/models/M:op and Vertex AI's /v1beta1/projects/…/publishers/google/models/M:op.
_PATH = re.compile(
    r"/(?P<version>v\d\w*)/(?:projects/.+/)?models(?:/(?P<model>[^/:]+)(?::(?P<operation>\w+))?)?"
)


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request to the fake Gemini."""

    number: int
    """From 1, over all connections."""
    connection_id: int
    method: str
    path: str
    """Percent-decoded, without query."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    json: Any
    """The parsed body; None where there is none or it is not JSON."""
    received_s: float
    """When the whole request had arrived, on the monotonic clock."""

    @classmethod
    def of(
        cls, request: HttpRequest, *, number: int, connection_id: int, received_s: float
    ) -> "RecordedRequest":
        """Return what there is to know about a request."""
        target = urlsplit(request.target)
        try:
            parsed = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            parsed = None
        return cls(
            number=number,
            connection_id=connection_id,
            method=request.method,
            path=unquote(target.path),
            query=dict(parse_qsl(target.query)),
            headers=request.headers,
            body=request.body,
            json=parsed,
            received_s=received_s,
        )

    def __str__(self) -> str:
        """Say which one it is, for messages of failed tests."""
        return (
            f"request {self.number} on connection {self.connection_id}: {self.method} {self.path}"
        )

    def _in_path(self, group: str) -> str:
        match = _PATH.fullmatch(self.path)
        return (match[group] or "") if match else ""

    @property
    def _fields(self) -> dict[str, Any]:
        is_object = isinstance(self.json, dict)
        return self.json if is_object else {}

    @property
    def _contents(self) -> list[dict[str, Any]]:
        return self._fields.get("contents") or []

    @property
    def api_version(self) -> str:
        """`v1beta` of /v1beta/models/…; "" for a path that is not Gemini's."""
        return self._in_path("version")

    @property
    def model(self) -> str:
        """Name of the model in the path, without `models/`; "" where there is none."""
        return self._in_path("model")

    @property
    def operation(self) -> str:
        """`streamGenerateContent`, …, `listModels`, `getModel`; "" for an unknown path."""
        if not self.api_version:
            return ""
        if operation := self._in_path("operation"):
            return operation
        return "getModel" if self.model else "listModels"

    @property
    def api_key(self) -> str:
        """The key from header or query, or the bearer token; "" for none."""
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        return self.headers.get("x-goog-api-key") or self.query.get("key") or bearer

    @property
    def is_sse(self) -> bool:
        """Whether the answer is to be server-sent events."""
        return self.operation == "streamGenerateContent" and self.query.get("alt") == "sse"

    @property
    def system_text(self) -> str:
        """The system instruction's parts, joined by line breaks."""
        return _text_of(self._fields.get("systemInstruction"))

    @property
    def last_user_text(self) -> str:
        """The text of the last user content, parts joined by line breaks."""
        users = [content for content in self._contents if content.get("role", "user") == "user"]
        return _text_of(users[-1]) if users else ""

    @property
    def all_text(self) -> str:
        """System instruction and contents in one text."""
        return "\n".join((self.system_text, *map(_text_of, self._contents)))

    @property
    def is_vertex(self) -> bool:
        """Whether the path is one of Vertex AI's."""
        return "/projects/" in self.path

    @property
    def embeds(self) -> list[dict[str, Any]]:
        """The single embedding requests, in order, whether they came alone or in a batch.

        All in the Gemini API's form, Vertex AI's two forms included.
        """
        body = self._fields
        if self.operation == "embedContent":
            return [{**body, **body.get("embedContentConfig", {})}]
        if self.operation == "predict":
            return [
                {"content": {"parts": [{"text": one["content"]}]}, **body.get("parameters", {})}
                for one in cast("list[dict[str, Any]]", body.get("instances") or [])
            ]
        return list(body.get("requests") or [])

    @property
    def embedded_texts(self) -> list[str]:
        """The texts to be embedded, in order."""
        return [_text_of(single.get("content")) for single in self.embeds]


def _text_of(content: dict[str, Any] | None) -> str:
    parts: list[dict[str, Any]] = (content or {}).get("parts") or []
    return "\n".join(part["text"] for part in parts if "text" in part)
