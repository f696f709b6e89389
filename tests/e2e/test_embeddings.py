"""POST /v1/embeddings as OpenAI's clients use it."""

import math

import openai
import pytest

from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy

TEXTS = ["a pump", "a valve", "a gauge"]
SMALL = "text-embedding-3-small"


def norm(vector: list[float]) -> float:
    return math.sqrt(sum(x * x for x in vector))


async def test_one_text_or_many_in_order_of_unit_length(
    either_client: openai.AsyncOpenAI,
) -> None:
    many = await either_client.embeddings.create(model=SMALL, input=TEXTS)
    assert [item.index for item in many.data] == [0, 1, 2]
    assert many.model == SMALL
    assert many.usage.prompt_tokens == many.usage.total_tokens > 0
    for text, item in zip(TEXTS, many.data, strict=True):
        one = await either_client.embeddings.create(model=SMALL, input=text)
        assert one.data[0].embedding == pytest.approx(item.embedding, abs=1e-5)
        assert norm(item.embedding) == pytest.approx(1, abs=1e-5)


async def test_base64_which_the_client_asks_for_by_itself_equals_floats(
    either_client: openai.AsyncOpenAI,
) -> None:
    by_default = await either_client.embeddings.create(model=SMALL, input=TEXTS)
    floats = await either_client.embeddings.create(
        model=SMALL, input=TEXTS, encoding_format="float"
    )
    for one, other in zip(by_default.data, floats.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-7)
    raw = await either_client.embeddings.with_raw_response.create(
        model=SMALL, input="a pump", encoding_format="base64"
    )
    assert isinstance(raw.http_response.json()["data"][0]["embedding"], str)


@pytest.mark.parametrize(
    ("model", "asked", "size"),
    [
        (SMALL, None, 1536),
        ("text-embedding-3-large", None, 3072),
        ("text-embedding-ada-002", None, 1536),
        ("gemini-embedding-001", None, 3072),
        (SMALL, 256, 256),
        ("gemini-embedding-001", 768, 768),
    ],
)
async def test_the_size_is_what_was_asked_for_or_what_the_name_promises(
    client: openai.AsyncOpenAI,
    threaded_gemini: FakeGemini,
    model: str,
    asked: int | None,
    size: int,
) -> None:
    reply = await client.embeddings.create(
        model=model, input="a pump", dimensions=asked or openai.omit
    )
    assert len(reply.data[0].embedding) == size
    assert norm(reply.data[0].embedding) == pytest.approx(1, abs=1e-5)
    assert threaded_gemini.embedding_requests[-1].model == "gemini-embedding-001"


async def test_the_bundled_model_has_one_size(offline_server: BookProxy) -> None:
    async with openai.AsyncOpenAI(base_url=offline_server.v1, api_key="unused") as client:
        reply = await client.embeddings.create(model=SMALL, input="a pump")
        assert len(reply.data[0].embedding) == 384
        same = await client.embeddings.create(model=SMALL, input="a pump", dimensions=384)
        assert same.data[0].embedding == reply.data[0].embedding
        with pytest.raises(openai.BadRequestError) as refused:
            await client.embeddings.create(model=SMALL, input="a pump", dimensions=512)
        assert refused.value.param == "dimensions"


async def test_tokens_are_texts_as_langchain_sends_them(either_client: openai.AsyncOpenAI) -> None:
    texts = ["hello world", "hello"]
    written = await either_client.embeddings.create(model=SMALL, input=texts)
    tokens = await either_client.embeddings.create(model=SMALL, input=[[15339, 1917], [15339]])
    alone = await either_client.embeddings.create(model=SMALL, input=[15339, 1917])
    for one, other in zip(written.data, tokens.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    assert alone.data[0].embedding == pytest.approx(written.data[0].embedding, abs=1e-6)


async def test_a_text_far_too_long_for_gemini_is_refused(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.embeddings.create(model=SMALL, input=["short", "word " * 4_000])
    assert (refused.value.code, refused.value.param) == ("context_length_exceeded", "input[1]")
    made = await client.embeddings.create(model="gemini-embedding-2", input="word " * 4_000)
    assert len(made.data) == 1


async def test_many_texts_come_back_in_order(client: openai.AsyncOpenAI) -> None:
    texts = [f"text number {i}" for i in range(450)]
    many = await client.embeddings.create(model=SMALL, input=texts, dimensions=128)
    assert [item.index for item in many.data] == list(range(450))
    for i in (0, 99, 100, 449):
        one = await client.embeddings.create(model=SMALL, input=texts[i], dimensions=128)
        assert one.data[0].embedding == pytest.approx(many.data[i].embedding, abs=1e-6)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": [1, "a"]}, "input[1]"),
        ({"input": [[1], "a"]}, "input[1]"),
        ({"input": ["a", [1]]}, "input[1]"),
        ({"input": ["a", None]}, "input[1]"),
        ({"input": [[1, [2]]]}, "input[0][1]"),
        ({"input": [-1]}, "input[0]"),
        ({"input": [[100_256]]}, "input[0]"),
        ({"input": ["x" * 400_000] * 4}, "input"),
        ({"input": None}, "input"),
        ({"input": {"a": 1}}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 100_000}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"model": ""}, "model"),
    ],
    ids=str,
)
async def test_a_wrong_request_is_a_400_that_says_where(
    either_client: openai.AsyncOpenAI, body: dict[str, object], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await either_client.post(
            "/embeddings", cast_to=object, body={"model": SMALL, "input": "a", **body}
        )
    assert refused.value.param == param


async def test_a_chat_model_does_not_embed(either_client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        await either_client.embeddings.create(model="gpt-4o", input="a")
    assert refused.value.code == "model_not_found"
