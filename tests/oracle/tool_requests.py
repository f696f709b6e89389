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


def _tooled(
    name: str, options: dict[str, Any], tool: types.Tool, config: types.ToolConfig | None = None
) -> Case:
    same = types.GenerateContentConfig(tools=[tool], tool_config=config)
    return Case(name, ask(**options), "Why?", same, differs=() if config else (_MODES,))


def _weather(name: str, options: dict[str, Any], config: types.ToolConfig | None = None) -> Case:
    return _tooled(name, options, declared(), config)


def _chosen(name: str, choice: Any, mode: types.FunctionCallingConfigMode, *allowed: str) -> Case:
    options = {"tools": [function("weather"), function("time")], "tool_choice": choice}
    return _tooled(name, options, declared("weather", "time"), calling(mode, *allowed))


def _one(name: str, tool: dict[str, Any], same: types.FunctionDeclaration) -> Case:
    return _tooled(name, {"tools": [tool]}, types.Tool(function_declarations=[same]))


_INPUT = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}
_GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /a+/"}}
_CUSTOM = {"type": "custom", "custom": {"name": "run", "description": "Runs it."}}
_RUN = types.FunctionDeclaration(name="run", description="Runs it.", parameters_json_schema=_INPUT)
_WITHOUT_ARGUMENTS = types.FunctionDeclaration(name="now", description="Says it.")
_LEGACY = {"name": "weather", "description": "Says it.", "parameters": _SCHEMA}

TOOLS = (
    _weather("a function", {"tools": [function()]}),
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
    _one("a custom tool", _CUSTOM, _RUN),
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
    _weather("parallel calls forbidden", {"tools": [function()], "parallel_tool_calls": False}),
    _weather("a strict function", {"tools": [function(strict=True)]}, calling(_Mode.VALIDATED)),
    _weather(
        "a strict function that must be called",
        {"tools": [function(strict=True)], "tool_choice": "required"},
        calling(_Mode.ANY),
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
    _tooled(
        "a named custom tool",
        {"tools": [_CUSTOM], "tool_choice": _named("run", "custom")},
        types.Tool(function_declarations=[_RUN]),
        calling(_Mode.ANY, "run"),
    ),
    _weather("legacy functions", {"functions": [_LEGACY]}),
    _weather(
        "a named legacy function",
        {"functions": [_LEGACY], "function_call": {"name": "weather"}},
        calling(_Mode.ANY, "weather"),
    ),
    _weather(
        "legacy functions not to be called",
        {"functions": [_LEGACY], "function_call": "none"},
        calling(_Mode.NONE),
    ),
)
