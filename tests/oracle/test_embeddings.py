"""What we send to embed texts is what google-genai sends, one vector for every text.

All that differs, each with a test below:

* One text goes to embedContent; the SDK makes a batch of one of it.
* More than a hundred texts go in several calls; the SDK sends one, which Gemini refuses.
* Strings in a list are one content of several parts for the SDK, and one vector, where the model is
  not gemini-embedding-001: every text has to be wrapped by hand. We wrap them.
* For a list of strings the SDK writes a role beside each; Gemini embeds no roles.
* An empty text is sent as a blank, for a part without text is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from google.genai import types
from google.genai.errors import ClientError

from proxy.adapters.gemini.embedder import GeminiEmbedder
from proxy.ports import TextRole
from tests.oracle.differences import spelled
from tests.oracle.sdk import IGNORED_WARNING, open_sdk
from tests.support.gemini_client import open_transport
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import ample_time

pytestmark = pytest.mark.filterwarnings(IGNORED_WARNING)

OLDER, NEWER = "gemini-embedding-001", "gemini-embedding-2"


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as we are asked to embed them and as the SDK's user writes them."""

    name: str
    model: str
    role: TextRole
    given: Sequence[str]
    worded: Sequence[str]
    """With the prefixes of Google's documentation, for models without task types."""
    task: str | None = None
    dimensions: int = 768

    def __str__(self) -> str:
        """Name it in a test's id."""
        return self.name


_TWO = ("Größe 😀", "b")
SEVERAL = (
    Texts("001 query", OLDER, "query", _TWO, _TWO, "RETRIEVAL_QUERY"),
    Texts("001 document", OLDER, "document", _TWO, _TWO, "RETRIEVAL_DOCUMENT"),
    Texts("001 unspecified", OLDER, "unspecified", _TWO, _TWO),
    Texts("001 whole", OLDER, "query", _TWO, _TWO, "RETRIEVAL_QUERY", 3_072),
    Texts("001 a hundred", OLDER, "document", ["t"] * 100, ["t"] * 100, "RETRIEVAL_DOCUMENT"),
    Texts(
        "2 query",
        NEWER,
        "query",
        _TWO,
        [f"task: search result | query: {text}" for text in _TWO],
    ),
    Texts("2 document", NEWER, "document", _TWO, [f"title: none | text: {text}" for text in _TWO]),
    Texts("2 unspecified", NEWER, "unspecified", _TWO, _TWO),
    Texts("2 small", NEWER, "unspecified", _TWO, _TWO, dimensions=128),
    Texts("2 an empty text", NEWER, "unspecified", ("", "b"), (" ", "b")),
)


async def sent_by_us(fake: FakeGemini, texts: Texts) -> list[RecordedRequest]:
    """Return the calls, in the order of their texts."""
    seen = len(fake.requests)
    async with open_transport(fake) as transport:
        embedder = GeminiEmbedder(transport, model=texts.model, dimensions=texts.dimensions)
        made = await embedder.embed(texts.given, role=texts.role, deadline=ample_time())
    assert made.vectors.shape == (len(texts.given), texts.dimensions)
    return fake.requests[seen:]


async def sent_by_sdk(fake: FakeGemini, texts: Texts, contents: Any) -> RecordedRequest:
    config = types.EmbedContentConfig(task_type=texts.task, output_dimensionality=texts.dimensions)
    async with open_sdk(fake) as sdk:
        await sdk.embed(texts.model, contents, config)
    return fake.requests[-1]


def wrapped(texts: Sequence[str]) -> list[types.Content]:
    """Return every text as a content of its own."""
    return [types.Content(parts=[types.Part(text=text)]) for text in texts]


@pytest.mark.parametrize("texts", SEVERAL, ids=str)
async def test_we_send_what_the_sdk_sends(fake_gemini: FakeGemini, texts: Texts) -> None:
    [ours] = await sent_by_us(fake_gemini, texts)
    sdk = await sent_by_sdk(fake_gemini, texts, wrapped(texts.worded))
    assert (ours.method, ours.path, ours.query) == (sdk.method, sdk.path, sdk.query)
    assert spelled(ours.json) == spelled(sdk.json)


@pytest.mark.parametrize("model", [OLDER, NEWER])
async def test_a_text_alone_is_the_one_of_the_sdks_batch(
    fake_gemini: FakeGemini, model: str
) -> None:
    texts = Texts("alone", model, "unspecified", ["a"], ["a"])
    [ours] = await sent_by_us(fake_gemini, texts)
    sdk = await sent_by_sdk(fake_gemini, texts, wrapped(texts.worded))
    assert (ours.operation, sdk.operation) == ("embedContent", "batchEmbedContents")
    assert spelled(sdk.json) == {"requests": [spelled(ours.json)]}


async def test_more_than_a_hundred_texts_are_the_sdks_one_batch_in_pieces(
    fake_gemini: FakeGemini,
) -> None:
    given = [f"text {i}" for i in range(250)]
    texts = Texts("many", OLDER, "document", given, given, "RETRIEVAL_DOCUMENT")
    calls = await sent_by_us(fake_gemini, texts)
    with pytest.raises(ClientError, match="At most 100 requests can be in one batch"):
        await sent_by_sdk(fake_gemini, texts, wrapped(given))
    assert [len(call.embeds) for call in sorted(calls, key=first_text)] == [100, 100, 50]
    ours = [single for call in sorted(calls, key=first_text) for single in call.embeds]
    assert ours == fake_gemini.requests[-1].embeds


def first_text(call: RecordedRequest) -> int:
    """Return the number in a call's first text: calls side by side come in any order."""
    return int(call.embedded_texts[0].removeprefix("text "))


async def test_plain_strings_are_one_vector_for_the_sdk_and_several_for_us(
    fake_gemini: FakeGemini,
) -> None:
    texts = Texts("trap", NEWER, "unspecified", ["a", "b"], ["a", "b"])
    [ours] = await sent_by_us(fake_gemini, texts)
    sdk = await sent_by_sdk(fake_gemini, texts, ["a", "b"])
    assert [len(single["content"]["parts"]) for single in sdk.embeds] == [2]
    assert [len(single["content"]["parts"]) for single in ours.embeds] == [1, 1]


async def test_plain_strings_are_several_vectors_for_the_sdk_with_the_older_model(
    fake_gemini: FakeGemini,
) -> None:
    texts = Texts("no trap", OLDER, "unspecified", ["a", "b"], ["a", "b"])
    [ours] = await sent_by_us(fake_gemini, texts)
    sdk = await sent_by_sdk(fake_gemini, texts, ["a", "b"])
    for single in sdk.embeds:
        assert single["content"].pop("role") == "user"  # Gemini embeds no roles
    assert ours.embeds == sdk.embeds
