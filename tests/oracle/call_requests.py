"""Calls of earlier turns and their results."""

import base64
from typing import Any

import orjson
from google.genai import types

from tests.oracle.case import MODEL, Case, chat, message, model, user
from tests.oracle.media_requests import PNG, data_url, image
from tests.oracle.tool_requests import declared, function

SKIP = b"skip_thought_signature_validator"
"""What Google documents for calls whose signature is lost."""
_SIGNATURE = b"\xfb\xff a thought"
_TOOLS = types.GenerateContentConfig(tools=[declared("weather", "time")])
_MODES = "the usual mode is said"


def _calls(*calls: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return message("assistant", tool_calls=list(calls), **fields)


def _call(call_id: str, name: str, arguments: str, **fields: Any) -> dict[str, Any]:
    called = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": called, **fields}


def _result(call_id: str, content: Any) -> dict[str, Any]:
    return message("tool", content, tool_call_id=call_id)


def _part(call_id: str, name: str, signature: bytes | None = None, **args: Any) -> types.Part:
    return types.Part(
        function_call=types.FunctionCall(id=call_id, name=name, args=args),
        thought_signature=signature,
    )


def _response(call_id: str, name: str, response: dict[str, Any], **fields: Any) -> types.Part:
    return types.Part(
        function_response=types.FunctionResponse(id=call_id, name=name, response=response, **fields)
    )


def _case(
    name: str,
    messages: list[dict[str, Any]],
    contents: list[types.Content],
    model_name: str = MODEL,
    differs: tuple[str, ...] = (),
) -> Case:
    tools = [function("weather"), function("time")]
    asked = chat(message("user", "Why?"), *messages, tools=tools)
    whole = [user("Why?"), *contents]
    return Case(name, asked, whole, _TOOLS, model_name, (_MODES, *differs))


_ROME, _OSLO = _call("a", "weather", '{"city":"Rome"}'), _call("b", "weather", '{"city":"Oslo"}')
_ROME_PART = _part("a", "weather", SKIP, city="Rome")


def _answered(name: str, content: Any, response: dict[str, Any]) -> Case:
    contents = [model(_ROME_PART), user(_response("a", "weather", response))]
    return _case(name, [_calls(_ROME), _result("a", content)], contents)


_TWO = [
    model(_ROME_PART, _part("b", "weather", city="Oslo")),
    user(_response("a", "weather", {"c": 20}), _response("b", "weather", {"c": 3})),
]
_PICTURE = types.FunctionResponsePart(
    inline_data=types.FunctionResponseBlob(mime_type="image/png", data=PNG)
)

CALLS = (
    _answered("a result that is an object", '{"c": 20, "sky": null}', {"c": 20, "sky": None}),
    _answered("a result that is text", "warm", {"output": "warm"}),
    _answered("a result that is a list", "[1, 2]", {"output": [1, 2]}),
    _answered("a result that is a number", "20", {"output": 20}),
    _answered("a result that is nothing", "", {"output": ""}),
    _answered(
        "a result in parts",
        [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        {"output": "a\nb"},
    ),
    _answered("a result that looks like a pointer", '{"$ref": "x"}', {"output": '{"$ref": "x"}'}),
    _case(
        "parallel calls",
        [_calls(_ROME, _OSLO), _result("a", '{"c":20}'), _result("b", '{"c":3}')],
        _TWO,
    ),
    _case(
        "parallel calls answered in another order",
        [_calls(_ROME, _OSLO), _result("b", '{"c":3}'), _result("a", '{"c":20}')],
        _TWO,
    ),
    _case(
        "a result is missing",
        [_calls(_ROME, _OSLO), _result("b", '{"c":3}'), message("user", "So?")],
        [
            _TWO[0],
            user(
                _response("a", "weather", {"error": "no result was provided"}),
                _response("b", "weather", {"c": 3}),
                "So?",
            ),
        ],
    ),
    _case(
        "a result of no call",
        [_calls(_ROME), _result("zzz", "lost"), _result("a", '{"c":20}')],
        [model(_ROME_PART), user(_response("a", "weather", {"c": 20}))],
    ),
    _case(
        "text beside a call",
        [_calls(_ROME, content="I look."), _result("a", '{"c":20}')],
        [model("I look.", _ROME_PART), user(_response("a", "weather", {"c": 20}))],
    ),
    _case(
        "a call without arguments",
        [_calls(_call("t", "time", "")), _result("t", "noon")],
        [model(_part("t", "time", SKIP)), user(_response("t", "time", {"output": "noon"}))],
    ),
    _case(
        "arguments that are no JSON",
        [_calls(_call("t", "time", "now!")), _result("t", "noon")],
        [
            model(_part("t", "time", SKIP, _raw="now!")),
            user(_response("t", "time", {"output": "noon"})),
        ],
    ),
    _case(
        "two steps of one turn",
        [_calls(_ROME), _result("a", "1"), _calls(_OSLO), _result("b", "2")],
        [
            model(_ROME_PART),
            user(_response("a", "weather", {"output": 1})),
            model(_part("b", "weather", SKIP, city="Oslo")),
            user(_response("b", "weather", {"output": 2})),
        ],
    ),
    _case(
        "a call of an earlier turn needs no signature",
        [_calls(_ROME), _result("a", "1"), message("assistant", "One."), message("user", "So?")],
        [
            model(_part("a", "weather", city="Rome")),
            user(_response("a", "weather", {"output": 1})),
            model("One."),
            user("So?"),
        ],
    ),
    _case(
        "a signature that came back",
        [
            _calls(
                {
                    **_ROME,
                    "extra_content": {
                        "google": {"thought_signature": base64.b64encode(_SIGNATURE).decode()}
                    },
                }
            ),
            _result("a", "1"),
        ],
        [
            model(_part("a", "weather", _SIGNATURE, city="Rome")),
            user(_response("a", "weather", {"output": 1})),
        ],
    ),
    _case(
        "a call to a model without signatures",
        [_calls(_ROME), _result("a", "1")],
        [
            model(_part("a", "weather", city="Rome")),
            user(_response("a", "weather", {"output": 1})),
        ],
        "gemini-2.5-flash",
    ),
    _case(
        "a result with an image",
        [
            _calls(_ROME),
            _result("a", [{"type": "text", "text": "map"}, image(data_url("image/png", PNG))]),
        ],
        [
            model(_ROME_PART),
            user(_response("a", "weather", {"output": "map"}, parts=[_PICTURE])),
        ],
    ),
    _case(
        "a result with an image, to a model that cannot read it there",
        [
            _calls(_ROME),
            _result("a", [{"type": "text", "text": "map"}, image(data_url("image/png", PNG))]),
        ],
        [
            model(_part("a", "weather", city="Rome")),
            user(
                _response("a", "weather", {"output": "map"}),
                types.Part.from_bytes(data=PNG, mime_type="image/png"),
            ),
        ],
        "gemini-2.5-flash",
    ),
    _case(
        "a call of a custom tool",
        [
            _calls({"id": "c", "type": "custom", "custom": {"name": "run", "input": "ls"}}),
            _result("c", "a b"),
        ],
        [
            model(_part("c", "run", SKIP, input="ls")),
            user(_response("c", "run", {"output": "a b"})),
        ],
    ),
    _case(
        "a legacy call",
        [
            message("assistant", function_call={"name": "time", "arguments": '{"city":"Rome"}'}),
            message("function", orjson.dumps({"h": 12}).decode(), name="time"),
        ],
        [
            model(
                types.Part(
                    function_call=types.FunctionCall(name="time", args={"city": "Rome"}),
                    thought_signature=SKIP,
                )
            ),
            user(types.Part.from_function_response(name="time", response={"h": 12})),
        ],
        differs=("a legacy call is given an id",),
    ),
)
