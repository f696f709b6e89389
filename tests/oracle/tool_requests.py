"""Tools as they are declared, and what the model must do about them."""

from typing import Any

from google.genai import types

from tests.oracle.case import Case, ask

_Mode = types.FunctionCallingConfigMode
_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Where"}},
    "required": ["city"],
}
_MODES = "the usual mode is said"


def function(name: str = "weather", **fields: Any) -> dict[str, Any]:
    """Return a tool of OpenAI's with one argument."""
    said = {"name": name, "description": "Says it.", "parameters": _SCHEMA, **fields}
    return {"type": "function", "function": {k: v for k, v in said.items() if v is not None}}


def declared(*names: str) -> types.Tool:
    """Return the SDK's tool with the functions that `function` makes."""
    return types.Tool(
        function_declarations=[
            types.FunctionDeclaration(
                name=name, description="Says it.", parameters_json_schema=_SCHEMA
            )
            for name in names or ("weather",)
        ]
    )


def calling(mode: types.FunctionCallingConfigMode, *allowed: str) -> types.ToolConfig:
    """Return the SDK's tool config."""
    return types.ToolConfig(
        function_calling_config=types.FunctionCallingConfig(
            mode=mode, allowed_function_names=list(allowed) or None
        )
    )


def _named(name: str, kind: str = "function") -> dict[str, Any]:
    return {"type": kind, kind: {"name": name}}


def _chosen(name: str, choice: Any, mode: types.FunctionCallingConfigMode, *allowed: str) -> Case:
    return Case(
        name,
        ask(tools=[function("weather"), function("time")], tool_choice=choice),
        "Why?",
        types.GenerateContentConfig(
            tools=[declared("weather", "time")], tool_config=calling(mode, *allowed)
        ),
    )


def _one(name: str, tool: dict[str, Any], same: types.FunctionDeclaration, **options: Any) -> Case:
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[same])])
    return Case(name, ask(tools=[tool], **options), "Why?", config, differs=(_MODES,))


_INPUT = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}
_GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /a+/"}}
_WITHOUT_ARGUMENTS = types.FunctionDeclaration(name="now", description="Says it.")
_LEGACY = {"name": "weather", "description": "Says it.", "parameters": _SCHEMA}

TOOLS = (
    Case(
        "a function",
        ask(tools=[function()]),
        "Why?",
        types.GenerateContentConfig(tools=[declared()]),
        differs=(_MODES,),
    ),
    _one("a function without parameters", function("now", parameters=None), _WITHOUT_ARGUMENTS),
    _one("a function with empty parameters", function("now", parameters={}), _WITHOUT_ARGUMENTS),
    _one(
        "a function without properties",
        function("now", parameters={"type": "object", "properties": {}}),
        _WITHOUT_ARGUMENTS,
    ),
    _one(
        "a function without description",
        function("now", parameters=None, description=None),
        types.FunctionDeclaration(name="now", description="now"),
    ),
    _one(
        "a name that begins with a digit",
        function("3d", parameters=None),
        types.FunctionDeclaration(name="_3d", description="Says it."),
    ),
    _one(
        "a custom tool",
        {"type": "custom", "custom": {"name": "run", "description": "Runs it."}},
        types.FunctionDeclaration(
            name="run", description="Runs it.", parameters_json_schema=_INPUT
        ),
    ),
    _one(
        "a custom tool with a grammar",
        {
            "type": "custom",
            "custom": {"name": "run", "description": "Runs it.", "format": _GRAMMAR},
        },
        types.FunctionDeclaration(
            name="run",
            description="Runs it.\n\nThe input follows this grammar (lark):\nstart: /a+/",
            parameters_json_schema=_INPUT,
        ),
    ),
    Case("no tools", ask(tools=[]), "Why?"),
    Case("no tools and none of them", ask(tool_choice="none"), "Why?"),
    Case(
        "parallel calls forbidden",
        ask(tools=[function()], parallel_tool_calls=False),
        "Why?",
        types.GenerateContentConfig(tools=[declared()]),
        differs=(_MODES,),
    ),
    Case(
        "a strict function",
        ask(tools=[function(strict=True)]),
        "Why?",
        types.GenerateContentConfig(tools=[declared()], tool_config=calling(_Mode.VALIDATED)),
    ),
    Case(
        "a strict function that must be called",
        ask(tools=[function(strict=True)], tool_choice="required"),
        "Why?",
        types.GenerateContentConfig(tools=[declared()], tool_config=calling(_Mode.ANY)),
    ),
    _chosen("auto", "auto", _Mode.AUTO),
    _chosen("none", "none", _Mode.NONE),
    _chosen("required", "required", _Mode.ANY),
    _chosen("validated", "validated", _Mode.VALIDATED),
    _chosen("a named function", _named("time"), _Mode.ANY, "time"),
    _chosen(
        "allowed functions",
        {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [_named("time")]}},
        _Mode.VALIDATED,
        "time",
    ),
    _chosen(
        "allowed functions, one of which must be called",
        {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "required", "tools": [_named("weather"), _named("time")]},
        },
        _Mode.ANY,
        "weather",
        "time",
    ),
    Case(
        "a named custom tool",
        ask(
            tools=[{"type": "custom", "custom": {"name": "run", "description": "Runs it."}}],
            tool_choice=_named("run", "custom"),
        ),
        "Why?",
        types.GenerateContentConfig(
            tools=[
                types.Tool(
                    function_declarations=[
                        types.FunctionDeclaration(
                            name="run", description="Runs it.", parameters_json_schema=_INPUT
                        )
                    ]
                )
            ],
            tool_config=calling(_Mode.ANY, "run"),
        ),
    ),
    Case(
        "legacy functions",
        ask(functions=[_LEGACY]),
        "Why?",
        types.GenerateContentConfig(tools=[declared()]),
        differs=(_MODES,),
    ),
    Case(
        "a named legacy function",
        ask(functions=[_LEGACY], function_call={"name": "weather"}),
        "Why?",
        types.GenerateContentConfig(tools=[declared()], tool_config=calling(_Mode.ANY, "weather")),
    ),
    Case(
        "legacy functions not to be called",
        ask(functions=[_LEGACY], function_call="none"),
        "Why?",
        types.GenerateContentConfig(tools=[declared()], tool_config=calling(_Mode.NONE)),
    ),
)
