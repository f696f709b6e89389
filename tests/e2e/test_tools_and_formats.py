"""Tools, structured output, choices, thoughts: through OpenAI's client, in JSON and in streams."""

import json
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel

from tests.support.chat import MODES, Mode, question
from tests.support.chat_events import as_message, chunks_in, folded
from tests.support.gemini_events import text_event, thought_event
from tests.support.gemini_replies import Answer, Text
from tests.support.gemini_server import FakeGemini
from tests.support.openai_types import extras_of
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

QUESTION = "When does the Quillon pump start by itself?"
WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": WEATHER},
    {"type": "custom", "custom": {"name": "shell"}},
]
SIGNATURE = "c2lnbmF0dXJl"


def called(*calls: dict[str, Any], signature: str | None = SIGNATURE) -> Answer:
    parts: list[dict[str, Any]] = [{"functionCall": call} for call in calls]
    if signature:
        parts[0]["thoughtSignature"] = signature
    candidate = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP"}
    return Answer([{"candidates": [candidate], "usageMetadata": {"promptTokenCount": 9}}])


PARIS = {"name": "get_weather", "args": {"city": "Paris"}, "id": "paris"}
OSLO = {"name": "get_weather", "args": {"city": "Oslo"}, "id": "oslo"}


async def asked(server: BookProxy, mode: Mode, **fields: Any) -> tuple[dict[str, Any], Any]:
    """Return the completion, checked field by field, and its headers."""
    body = {"model": "gpt-4o", "messages": question(QUESTION), **fields}
    if mode == "stream":
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    async with httpx.AsyncClient(base_url=server.v1, timeout=LONG_ENOUGH_S) as client:
        reply = await client.post("/chat/completions", json=body)
    assert reply.status_code == 200, reply.text
    if mode == "json":
        assert extras_of(ChatCompletion, reply.json()) == set()
        return reply.json(), reply.headers
    assert reply.content.endswith(b"data: [DONE]\n\n")
    chunks = chunks_in(reply.content.removesuffix(b"data: [DONE]\n\n"))
    if '"custom"' not in reply.text:  # the package has no type for custom calls in a stream
        assert [extras_of(ChatCompletionChunk, chunk) for chunk in chunks] == [set()] * len(chunks)
    whole = folded(chunks)
    return {**whole, "choices": [as_message(one) for one in whole["choices"]]}, reply.headers


@pytest.mark.parametrize("mode", MODES)
async def test_a_round_of_calls_goes_there_and_back(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(called(PARIS, OSLO))
    made, headers = await asked(gemini_server, mode, tools=TOOLS)
    assert headers["x-rag-status"] == "grounded"
    (choice,) = made["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    calls = choice["message"]["tool_calls"]
    assert [(call["type"], call["function"]["name"]) for call in calls] == [
        ("function", "get_weather")
    ] * 2
    assert [json.loads(call["function"]["arguments"])["city"] for call in calls] == [
        "Paris",
        "Oslo",
    ]
    extra = {"google": {"thought_signature": SIGNATURE}}
    assert [call.get("extra_content") for call in calls] == [extra, None]

    # The next turn: the client has lost the signature, and the results come in another order.
    kept = [{k: v for k, v in call.items() if k != "extra_content"} for call in calls]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": f"{i} degrees"}
        for i, call in reversed(list(enumerate(kept)))
    ]
    history = [*question(QUESTION), {"role": "assistant", "tool_calls": kept}, *results]
    threaded_gemini.reply(Text("It is 0 and 1."))
    answered, headers = await asked(gemini_server, mode, messages=history, tools=TOOLS)
    assert (headers["x-rag-status"], headers["x-rag-reason"]) == ("off", "tool-result")
    assert answered["choices"][0]["message"]["content"] == "It is 0 and 1."
    assert "context" not in answered["choices"][0]["message"]
    sent = threaded_gemini.generating_requests[-1].json["contents"]
    assert [content["role"] for content in sent] == ["user", "model", "user"]
    assert sent[1]["parts"][0]["thoughtSignature"] == SIGNATURE
    responses = [part["functionResponse"]["response"] for part in sent[2]["parts"]]
    assert responses == [{"output": "0 degrees"}, {"output": "1 degrees"}]
    assert "book_passages" not in threaded_gemini.generating_requests[-1].all_text


async def test_a_texts_signature_goes_there_and_back_and_is_not_streamed(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    signed = text_event("It is so.", finish="STOP")
    signed["candidates"][0]["content"]["parts"][0]["thoughtSignature"] = SIGNATURE
    threaded_gemini.reply(Answer([signed]), Answer([signed]))
    streamed, _ = await asked(gemini_server, "stream")
    assert "extra_content" not in streamed["choices"][0]["message"]
    made, _ = await asked(gemini_server, "json")
    message = made["choices"][0]["message"]
    assert message["extra_content"] == {"google": {"thought_signature": SIGNATURE}}
    history = [*question(QUESTION), message, *question("Why?")]
    await asked(gemini_server, "json", messages=history)
    sent = threaded_gemini.generating_requests[-1].json["contents"]
    assert sent[1]["parts"] == [{"text": "It is so.", "thoughtSignature": SIGNATURE}]


@pytest.mark.parametrize("mode", MODES)
async def test_other_kinds_of_calls_have_their_own_form(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(called({"name": "shell", "args": {"input": "ls -l"}}))
    made, _ = await asked(gemini_server, mode, tools=TOOLS)
    (call,) = made["choices"][0]["message"]["tool_calls"]
    assert (call["type"], call["custom"]) == ("custom", {"name": "shell", "input": "ls -l"})

    threaded_gemini.reply(called(PARIS, OSLO))
    made, _ = await asked(gemini_server, mode, functions=[WEATHER])
    assert made["choices"][0]["finish_reason"] == "function_call"
    assert made["choices"][0]["message"]["function_call"] == {
        "name": "get_weather",
        "arguments": '{"city":"Paris"}',
    }

    threaded_gemini.reply(called(PARIS, OSLO))
    made, _ = await asked(gemini_server, mode, tools=TOOLS, parallel_tool_calls=False)
    assert len(made["choices"][0]["message"]["tool_calls"]) == 1


class Pump(BaseModel):
    """What the client wants to have."""

    bar: int
    notes: list[int]


JSON_FORMATS: list[dict[str, Any]] = [
    {"type": "json_object"},
    {"type": "json_schema", "json_schema": {"name": "P", "schema": Pump.model_json_schema()}},
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", JSON_FORMATS, ids=["object", "schema"])
async def test_json_is_not_touched_and_its_sources_are_in_the_context_alone(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, mode: Mode, form: dict[str, Any]
) -> None:
    said = '{"bar": 2, "notes": [1], "x": "see [1] and [99]"}'
    threaded_gemini.reply(Text(said))
    rag = {"append_sources": True}
    made, headers = await asked(gemini_server, mode, response_format=form, rag=rag)
    assert headers["x-rag-status"] == "grounded"
    message = made["choices"][0]["message"]
    assert message["content"] == said
    assert message["annotations"] == []
    assert message["context"]["citations"]
    sent = threaded_gemini.generating_requests[-1].json["generationConfig"]
    assert sent["responseMimeType"] == "application/json"
    assert ("responseJsonSchema" in sent) == (form["type"] == "json_schema")


async def test_the_packages_own_parsing_works(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Text('{"bar": 2, "notes": [1]}'))
    parsed = await client.chat.completions.parse(
        model="gpt-4o", messages=question(QUESTION), response_format=Pump
    )
    assert parsed.choices[0].message.parsed == Pump(bar=2, notes=[1])


async def test_the_packages_own_stream_works(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(called(PARIS, OSLO))
    asking = client.chat.completions.stream(
        model="gpt-4o",
        messages=question(QUESTION),
        tools=[TOOLS[0]],  # pyright: ignore[reportArgumentType] - plain JSON
    )
    async with asking as stream:
        final = await stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert calls is not None
    assert [call.function.arguments for call in calls] == ['{"city":"Paris"}', '{"city":"Oslo"}']
    assert final.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("mode", MODES)
async def test_three_choices_come_side_by_side_and_pay_for_one_prompt(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    counted = {"promptTokenCount": 10, "candidatesTokenCount": 2, "thoughtsTokenCount": 1}
    texts = ["one [1].", "two [1].", "three [1]."]
    threaded_gemini.reply(
        *(Answer([{**text_event(t, finish="STOP"), "usageMetadata": counted}]) for t in texts)
    )
    made, _ = await asked(gemini_server, mode, n=3)
    assert [choice["index"] for choice in made["choices"]] == [0, 1, 2]
    assert {choice["message"]["content"] for choice in made["choices"]} == set(texts)
    assert [choice["finish_reason"] for choice in made["choices"]] == ["stop"] * 3
    assert all(choice["message"]["annotations"] for choice in made["choices"])
    assert (made["usage"]["prompt_tokens"], made["usage"]["completion_tokens"]) == (10, 9)
    assert len(threaded_gemini.generating_requests) == 3


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"reasoning_effort": "low"}, True),
        ({"reasoning": {"effort": "low"}}, True),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning": {"effort": "low", "exclude": True}}, False),
        ({}, False),
    ],
)
async def test_thoughts_are_shown_where_they_were_asked_for(
    gemini_server: BookProxy,
    threaded_gemini: FakeGemini,
    mode: Mode,
    fields: dict[str, Any],
    *,
    shown: bool,
) -> None:
    event = text_event("So.", finish="STOP")
    thought = thought_event("hm")["candidates"][0]["content"]["parts"]
    event["candidates"][0]["content"]["parts"] = (
        thought + event["candidates"][0]["content"]["parts"]
    )
    threaded_gemini.reply(Answer([event]))
    made, _ = await asked(gemini_server, mode, **fields)
    message = made["choices"][0]["message"]
    assert message["content"] == "So."
    assert message.get("reasoning_content") == ("hm" if shown else None)
    (sent,) = threaded_gemini.generating_requests
    config = sent.json["generationConfig"]["thinkingConfig"]
    assert config == {"thinkingLevel": "LOW", **({"includeThoughts": True} if shown else {})}


@pytest.mark.parametrize("mode", MODES)
async def test_an_image_comes_as_a_data_url(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    event = text_event("Here: ", finish="STOP")
    image = {"inlineData": {"mimeType": "image/png", "data": "AA=="}}
    event["candidates"][0]["content"]["parts"].append(image)
    threaded_gemini.reply(Answer([event]))
    made, _ = await asked(gemini_server, mode, modalities=["text", "image"])
    url = {"url": "data:image/png;base64,AA=="}
    assert made["choices"][0]["message"]["images"] == [{"type": "image_url", "image_url": url}]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": [TOOLS[0]], "tool_choice": "required"}, "tool_choice"),
        ({"response_format": JSON_FORMATS[1]}, "response_format"),
    ],
)
async def test_the_offline_reader_refuses_what_it_cannot_do(
    offline_server: BookProxy, mode: Mode, fields: dict[str, Any], param: str
) -> None:
    body = {
        "model": "gpt-4o",
        "messages": question(QUESTION),
        "stream": mode == "stream",
        **fields,
    }
    async with httpx.AsyncClient(base_url=offline_server.v1, timeout=LONG_ENOUGH_S) as client:
        reply = await client.post("/chat/completions", json=body)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == param
    assert reply.json()["error"]["code"] == "unsupported_parameter"


GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        (
            "/chat/completions",
            {
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": QUESTION},
                            {"type": "image_url", "image_url": {"url": GIF}},
                        ],
                    },
                ]
            },
            "messages[1].content[1].image_url.url",
        ),
        (
            "/responses",
            {
                "instructions": "Be brief.",
                "input": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "input_text", "text": QUESTION},
                            {"type": "input_image", "image_url": GIF},
                        ],
                    }
                ],
            },
            "input[0].content[1].image_url",
        ),
    ],
)
@pytest.mark.parametrize("mode", MODES)
async def test_what_is_refused_is_named_where_the_client_put_it_passages_or_not(
    gemini_server: BookProxy, mode: Mode, path: str, body: dict[str, Any], param: str
) -> None:
    asked_for = {"model": "gpt-4o", "stream": mode == "stream", **body}
    async with httpx.AsyncClient(base_url=gemini_server.v1, timeout=LONG_ENOUGH_S) as client:
        for model in ("gpt-4o", "gpt-4o:no-rag"):
            reply = await client.post(path, json={**asked_for, "model": model})
            assert reply.status_code == 400
            assert reply.json()["error"]["param"] == param
