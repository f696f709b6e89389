"""Drives `langchain-openai`: chat model, tools, structured output, embeddings of both kinds.

LangChain cuts texts into tokens with tiktoken, which fetches its vocabularies from its makers' site
unless they are in its cache; llama-index-core ships them in that form, which is why it is locked
here.
"""

import os
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from checks import (
    BOOK_ANSWER,
    BOOK_QUESTION,
    GAUGES,
    MODEL,
    NO_PASSAGE,
    PICTURE,
    PICTURE_ANSWER,
    PICTURE_QUESTION,
    PUMP_QUESTION,
    TWO_TOOLS_QUESTION,
    check,
    check_tool_loop,
    read_gauge,
    run,
)
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, Field

_vocabularies = find_spec("llama_index.core")
assert _vocabularies is not None
assert _vocabularies.origin is not None
os.environ["TIKTOKEN_CACHE_DIR"] = str(
    Path(_vocabularies.origin).parent / "_static" / "tiktoken_cache"
)
chat = ChatOpenAI(model=MODEL, max_retries=0, stream_usage=True)
gauge = tool(read_gauge)


class Pump(BaseModel):
    """What is known of a pump."""

    name: str = Field(description="Its name.")
    valves: int


@check("chat")
def _() -> str:
    message = chat.invoke(BOOK_QUESTION)
    assert message.content == BOOK_ANSWER, message.content
    assert message.usage_metadata is not None
    assert message.response_metadata["finish_reason"] == "stop"
    return f"`ChatOpenAI.invoke`, openai {version('openai')}"


@check("chat, asynchronous")
async def _() -> str:
    message = await chat.ainvoke(BOOK_QUESTION)
    assert message.content == BOOK_ANSWER, message.content
    return "`ainvoke`"


@check("stream")
def _() -> str:
    whole = AIMessageChunk(content="")
    pieces = 0
    for chunk in chat.stream(BOOK_QUESTION):
        pieces += bool(chunk.content)
        whole += chunk
    assert whole.content == BOOK_ANSWER, whole.content
    assert pieces > 1, "it came in one piece"
    counted = whole.usage_metadata
    assert counted is not None
    assert counted["output_tokens"] == chat.invoke(BOOK_QUESTION).usage_metadata["output_tokens"]
    return "`stream`, usage counted once"


@check("sources")
def _() -> str:
    message = chat.invoke(BOOK_QUESTION)
    kept = [message.additional_kwargs, message.response_metadata]
    assert any("annotations" in one or "context" in one for one in kept), "annotations are dropped"
    return "annotations"


@check("retrieval options")
def _() -> str:
    message = chat.invoke(BOOK_QUESTION, extra_body={"rag": {"enabled": False}})
    assert message.content == NO_PASSAGE, message.content
    return '`extra_body={"rag": …}`'


@check("pictures")
def _() -> str:
    parts = [
        {"type": "text", "text": PICTURE_QUESTION},
        {"type": "image", "base64": PICTURE.partition(",")[2], "mime_type": "image/png"},
    ]
    answer = chat.invoke([HumanMessage(parts)]).content
    assert answer == PICTURE_ANSWER, answer
    return "an `image` block"


def _results(message: AIMessage) -> list[ToolMessage]:
    calls = message.tool_calls
    return [ToolMessage(gauge.invoke(call["args"]), tool_call_id=call["id"]) for call in calls]


def _loop(question: str) -> tuple[int, str]:
    bound = chat.bind_tools([gauge])
    messages = [HumanMessage(question)]
    message = bound.invoke(messages)
    messages.append(message)
    messages += _results(message)
    return len(message.tool_calls), str(bound.invoke(messages).content)


check_tool_loop(_loop, "`bind_tools`; the signature is dropped by LangChain and known to the proxy")


@check("tools, streamed")
def _() -> str:
    bound = chat.bind_tools([gauge])
    whole = AIMessageChunk(content="")
    for chunk in bound.stream(TWO_TOOLS_QUESTION):
        whole += chunk
    assert [call["args"]["city"] for call in whole.tool_calls] == ["Lahore", "Karachi"]
    return "`stream`"


@check("structured output")
def _() -> str:
    for method in ("json_schema", "function_calling", "json_mode"):
        asked = f"{PUMP_QUESTION} Answer with JSON."
        found = chat.with_structured_output(Pump, method=method, include_raw=True).invoke(asked)
        if method == "json_mode":  # no schema goes out, so the scripted model cannot fill it in
            assert found["raw"].content.startswith("{"), found
        else:
            assert isinstance(found["parsed"], Pump), found
    return "`with_structured_output`: `json_schema`, `function_calling`, `json_mode`"


@check("embeddings")
def _() -> str:
    texts = ["the brass lever", "an open valve"]
    strings = OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False)
    vectors = strings.embed_documents(texts)
    assert len(vectors) == 2
    assert vectors[0] != vectors[1]
    return "with `check_embedding_ctx_length=False`"


@check("embeddings, as tokens")
def _() -> str:
    texts = ["the brass lever", "an open valve"]
    tokens = OpenAIEmbeddings(model="text-embedding-3-small")
    strings = OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False)
    both = zip(tokens.embed_documents(texts), strings.embed_documents(texts), strict=True)
    for one, other in both:
        assert sum(a * b for a, b in zip(one, other, strict=True)) > 0.99, "other vectors"
    return "the default: texts go out as token numbers"


@check("responses")
def _() -> str:
    message = ChatOpenAI(model=MODEL, max_retries=0, use_responses_api=True).invoke(BOOK_QUESTION)
    assert message.text == BOOK_ANSWER, message.text
    (block,) = (one for one in message.content_blocks if one["type"] == "text")
    assert block["annotations"], "no annotations"
    return "`use_responses_api=True`, with sources"


@check("responses, tools")
def _() -> str:
    model = ChatOpenAI(model=MODEL, max_retries=0, use_responses_api=True).bind_tools([gauge])
    messages = [HumanMessage(TWO_TOOLS_QUESTION)]
    message = model.invoke(messages)
    messages.append(message)
    messages += _results(message)
    answer = model.invoke(messages).text
    assert all(reading in answer for reading in GAUGES.values()), answer
    return "`bind_tools`"


run()
