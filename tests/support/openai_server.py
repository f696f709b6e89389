"""A fake OpenAI-compatible upstream on a real loopback socket, with the quirks of many.

Unscripted it streams a short answer as OpenAI does. `Chunks` and `Completion` say otherwise; faults
(`Reset`, `Close`, `Stall`, `After`, `Body`) are those of `gemini_replies.py`::

    fake.reply(Chunks([say("It "), say("says so."), finish("stop"), Reset()]))
"""

import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from proxy.adapters.openai_compat.client import open_client
from proxy.adapters.openai_compat.generator import OpenAIGenerator
from proxy.settings import OpenAISettings
from tests.support.fake_upstream import FakeUpstream
from tests.support.gemini_replies import SSE_HEADERS, Body, Reply, Waitable, json_body
from tests.support.gemini_requests import RecordedRequest
from tests.support.http_wire import Wire
from tests.support.waiting import LONG_ENOUGH_S

KEY = "sk-key-of-the-server"
MODEL = "llama3.2:3b"
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
ANSWER = "The lever starts the pump."

Chunk = Mapping[str, Any]
ChunkItem = Chunk | bytes | Waitable | Reply


def say(text: str | None, index: int = 0, **delta: Any) -> dict[str, Any]:
    """Return a chunk with a piece of text, and whatever else its delta has."""
    choice = {"index": index, "delta": {"content": text, **delta}, "finish_reason": None}
    return {"object": "chat.completion.chunk", "choices": [choice]}


def finish(reason: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    """Return the chunk that ends a choice."""
    choice: dict[str, Any] = {"index": index, "delta": {}, "finish_reason": reason}
    return {"object": "chat.completion.chunk", "choices": [choice], **fields}


def usage(**counts: Any) -> dict[str, Any]:
    """Return the chunk that counts the tokens."""
    return {"object": "chat.completion.chunk", "choices": [], "usage": counts or USAGE}


@dataclass(frozen=True, slots=True)
class Chunks:
    """Answer with a stream of chunks; `[DONE]` at its end unless it is not `done`."""

    items: Iterable[ChunkItem]
    done: bool = True

    async def play(self, wire: Wire, request: RecordedRequest) -> None:
        """Send it."""
        await wire.start(200, SSE_HEADERS, length_bytes=None)
        for item in self.items:
            if isinstance(item, Reply):
                await item.play(wire, request)
            elif isinstance(item, Waitable):
                await wire.unless_gone(item.wait())
            else:
                written = item if isinstance(item, bytes) else orjson.dumps(dict(item))
                data = written if isinstance(item, bytes) else b"data: " + written + b"\n\n"
                await wire.write(data)
        if self.done:
            await wire.write(b"data: [DONE]\n\n")
        await wire.finish()


def completion(
    text: str | None = ANSWER, reason: str = "stop", *, choices: int = 1, **message: Any
) -> Body:
    """Return a whole answer, the same for every choice."""
    made = [
        {
            "index": index,
            "message": {"role": "assistant", "content": text, **message},
            "finish_reason": reason,
        }
        for index in range(choices)
    ]
    return json_body({"object": "chat.completion", "choices": made, "usage": USAGE})


def error(
    status: int,
    message: str = "private words",
    headers: Mapping[str, str] | None = None,
    **fields: Any,
) -> Body:
    """Return a refusal in OpenAI's envelope."""
    body = orjson.dumps({"error": {"message": message, "type": "api_error", **fields}})
    return Body(body, status, {"content-type": "application/json", **(headers or {})})


class FakeOpenAI(FakeUpstream):
    """An OpenAI-compatible API as far as a proxy uses it."""

    def __init__(self) -> None:
        super().__init__()
        self._replies = deque[Reply]()
        self.refuse_key = False
        """Whether every request is answered with 401."""

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL wants."""
        return f"{self.url}/v1"

    def reply(self, *replies: Reply) -> None:
        """Answer the next chats with these, one each, then as usual again."""
        self._replies.extend(replies)

    def reset(self) -> None:
        """Forget the script and all that has happened; connections stay open."""
        self._replies.clear()
        self.refuse_key = False
        self.journal.clear()

    @property
    def chats(self) -> list[Any]:
        """The bodies of the chats, oldest first."""
        return [one.json for one in self.requests if one.path == "/v1/chat/completions"]

    def choose(self, request: RecordedRequest) -> Reply:
        """Return what a request is answered with."""
        if self.refuse_key:
            return error(401)
        if request.path == "/v1/models":
            return json_body({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
        if request.path != "/v1/chat/completions":
            return error(404, "no such route")
        if self._replies:
            return self._replies.popleft()
        choices: int = request.json.get("n") or 1
        if not request.json.get("stream"):
            return completion(choices=choices)
        words = [say(f"{word} ") for word in ANSWER.split()]
        chunks = [
            {**chunk, "choices": [{**chunk["choices"][0], "index": index}]}
            for index in range(choices)
            for chunk in (say("", role="assistant"), *words, finish("stop"))
        ]
        return Chunks([*chunks, usage()])


def openai_settings(base_url: str, **settings: Any) -> OpenAISettings:
    """Return settings for an upstream; names are those of the environment."""
    given = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": base_url,
        "OPENAI_MODEL": MODEL,
        "PROXY_UPSTREAM_CONNECT_TIMEOUT_S": LONG_ENOUGH_S,
    }
    return OpenAISettings.model_validate({**given, **settings})


@contextlib.asynccontextmanager
async def open_generator(fake: FakeOpenAI, **settings: Any) -> AsyncGenerator[OpenAIGenerator]:
    """Open a generator whose upstream is the fake; `settings` None leaves one out."""
    chosen = openai_settings(fake.base_url, **settings)
    async with open_client(chosen) as client:
        yield OpenAIGenerator(client, chosen)
