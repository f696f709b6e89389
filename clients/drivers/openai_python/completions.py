"""Checks of chat completions: whole, streamed, with sources, structured, with tools."""

import json
from importlib.metadata import version

from asking import GAUGE_TOOL, Pump, ReadGauge, ask, client
from checks import (
    BOOK_ANSWER,
    GAUGES,
    MODEL,
    NO_PASSAGE,
    PICTURE,
    PICTURE_ANSWER,
    PICTURE_QUESTION,
    PUMP_QUESTION,
    THOUGHT,
    TWO_TOOLS_QUESTION,
    check,
    check_tool_loop,
    read_gauge,
)
from openai import AsyncOpenAI, pydantic_function_tool


@check("chat")
def _() -> str:
    completion = client.chat.completions.create(model=MODEL, messages=ask)
    choice = completion.choices[0]
    assert choice.message.content == BOOK_ANSWER, choice.message.content
    assert choice.finish_reason == "stop"
    assert completion.model == MODEL
    usage = completion.usage
    assert usage is not None
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    return f"`create`, openai {version('openai')}"


@check("chat, asynchronous")
async def _() -> str:
    async with AsyncOpenAI(max_retries=0) as aclient:
        completion = await aclient.chat.completions.create(model=MODEL, messages=ask)
        assert completion.choices[0].message.content == BOOK_ANSWER
        stream = await aclient.chat.completions.create(model=MODEL, messages=ask, stream=True)
        texts = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
        assert "".join(texts) == BOOK_ANSWER
    return "`AsyncOpenAI`, whole and streamed"


@check("sources")
def _() -> str:
    message = client.chat.completions.create(model=MODEL, messages=ask).choices[0].message
    (annotation,) = message.annotations or ()
    citation = annotation.url_citation
    marker = (message.content or "")[citation.start_index : citation.end_index]
    assert marker == "[1]", marker
    assert citation.url.startswith("https://pumps.example/docs/starting#"), citation.url
    passages = message.context["citations"]
    assert any("brass lever" in passage["content"] for passage in passages)
    return "`message.annotations`, `message.context`"


@check("retrieval options")
def _() -> str:
    completion = client.chat.completions.create(
        model=MODEL, messages=ask, extra_body={"rag": {"enabled": False}}
    )
    assert completion.choices[0].message.content == NO_PASSAGE
    return '`extra_body={"rag": …}`'


@check("reasoning")
def _() -> str:
    completion = client.chat.completions.create(model=MODEL, messages=ask, reasoning_effort="low")
    message = completion.choices[0].message
    assert message.content == BOOK_ANSWER
    assert message.reasoning_content == THOUGHT, message
    return "`reasoning_effort`; the thoughts are in `message.reasoning_content`"


@check("stream")
def _() -> str:
    stream = client.chat.completions.create(
        model=MODEL, messages=ask, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    texts = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(texts) == BOOK_ANSWER
    assert sum(1 for text in texts if text) > 1, "it came in one piece"
    finishes = [c.finish_reason for chunk in chunks for c in chunk.choices if c.finish_reason]
    assert finishes == ["stop"], finishes
    assert [chunk.usage is not None for chunk in chunks].count(True) == 1
    assert chunks[-1].usage is not None
    return "`stream=True` with usage"


@check("stream, helper")
def _() -> str:
    with client.chat.completions.stream(model=MODEL, messages=ask) as stream:
        kinds = [event.type for event in stream]
        message = stream.get_final_completion().choices[0].message
    assert "content.delta" in kinds
    assert kinds[-1] == "content.done", kinds[-1]
    assert message.role == "assistant"
    assert message.content == BOOK_ANSWER
    assert message.annotations, "the helper lost the sources"
    return "`.stream()` and its final completion"


@check("structured output")
def _() -> str:
    completion = client.chat.completions.parse(
        model=MODEL, messages=[{"role": "user", "content": PUMP_QUESTION}], response_format=Pump
    )
    pump = completion.choices[0].message.parsed
    assert pump is not None
    assert pump.valves[0].number == 3
    return "`parse` with a pydantic model"


@check("structured output, streamed")
def _() -> str:
    question = [{"role": "user", "content": PUMP_QUESTION}]
    with client.chat.completions.stream(
        model=MODEL, messages=question, response_format=Pump
    ) as stream:
        pump = stream.get_final_completion().choices[0].message.parsed
    assert pump is not None
    assert pump.name
    return "`.stream()` with a pydantic model"


@check("JSON mode")
def _() -> str:
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Describe the Quillon pump as JSON."}],
        response_format={"type": "json_object"},
    )
    assert isinstance(json.loads(completion.choices[0].message.content or ""), dict)
    return "`response_format: json_object`"


@check("pictures")
def _() -> str:
    parts = [
        {"type": "text", "text": PICTURE_QUESTION},
        {"type": "image_url", "image_url": {"url": PICTURE}},
    ]
    completion = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": parts}]
    )
    assert completion.choices[0].message.content == PICTURE_ANSWER
    return "`image_url` with a data URL"


def _tool_loop(question: str) -> tuple[int, str]:
    messages = [{"role": "user", "content": question}]
    first = client.chat.completions.create(model=MODEL, messages=messages, tools=[GAUGE_TOOL])
    choice = first.choices[0]
    assert choice.finish_reason == "tool_calls", choice.finish_reason
    calls = choice.message.tool_calls or []
    messages.append(choice.message)
    for call in calls:
        result = read_gauge(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    last = client.chat.completions.create(model=MODEL, messages=messages, tools=[GAUGE_TOOL])
    assert last.choices[0].finish_reason == "stop"
    return len(calls), last.choices[0].message.content or ""


check_tool_loop(_tool_loop, "a loop by hand")


@check("tools, streamed")
def _() -> str:
    tool = pydantic_function_tool(ReadGauge, name="read_gauge")
    messages = [{"role": "user", "content": TWO_TOOLS_QUESTION}]
    with client.chat.completions.stream(model=MODEL, messages=messages, tools=[tool]) as stream:
        choice = stream.get_final_completion().choices[0]
    assert choice.finish_reason == "tool_calls"
    cities = [call.function.parsed_arguments.city for call in choice.message.tool_calls or ()]
    assert cities == ["Lahore", "Karachi"], cities
    messages.append(choice.message.to_dict())
    for call in choice.message.tool_calls or ():
        result = read_gauge(call.function.parsed_arguments.city)
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    with client.chat.completions.stream(model=MODEL, messages=messages, tools=[tool]) as stream:
        answer = stream.get_final_completion().choices[0].message.content
    assert all(reading in answer for reading in GAUGES.values()), answer
    return "`.stream()` with `pydantic_function_tool`"
