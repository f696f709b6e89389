"""OpenAI's tools and `tool_choice` to Gemini's declarations and calling config.

Sent as JSON Schema (`parametersJsonSchema`), never in the OpenAPI dialect, which refuses every
keyword it does not know.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import orjson

from proxy.adapters.gemini.schema.limits import Budget
from proxy.adapters.gemini.schema.whole import cleaned_parameters
from proxy.adapters.gemini.tool_names import ToolNames
from proxy.protocol.tools import CustomDefinition, CustomTool, Tool, ToolChoice

_CUSTOM_INPUT = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}
_MODES = {"none": "NONE", "auto": "AUTO", "required": "ANY", "validated": "VALIDATED"}
_MAX_REMEMBERED_BYTES = 8_192


def tools_to_gemini(tools: list[Tool], names: ToolNames) -> list[dict[str, Any]]:
    """Return Gemini's `tools`, one entry with every declaration; not to be changed in place.

    Raises:
        InvalidRequest: a schema cannot be sent; `param` names the tool.
    """
    budget = Budget()
    declarations = [
        _declaration(tool, names, f"tools[{i}]", budget) for i, tool in enumerate(tools)
    ]
    return [{"functionDeclarations": declarations}]


def tool_config(choice: ToolChoice, tools: list[Tool], names: ToolNames) -> dict[str, Any]:
    """Return Gemini's `toolConfig`; only to be sent with declarations.

    A strict tool makes AUTO into VALIDATED: arguments then keep to the schema.
    """
    is_strict = any(not isinstance(t, CustomTool) and t.function.strict for t in tools)
    mode = "VALIDATED" if choice.mode == "auto" and is_strict else _MODES[choice.mode]
    config: dict[str, Any] = {"mode": mode}
    if choice.names:
        config["allowedFunctionNames"] = [names.upstream(name) for name in choice.names]
    return {"functionCallingConfig": config}


def _declaration(tool: Tool, names: ToolNames, where: str, budget: Budget) -> dict[str, Any]:
    if isinstance(tool, CustomTool):
        return {
            "name": names.upstream(tool.custom.name),
            "description": _custom_description(tool.custom),
            "parametersJsonSchema": _CUSTOM_INPUT,
        }
    function = tool.function
    declaration: dict[str, Any] = {
        "name": names.upstream(function.name),
        "description": function.description or function.name,
    }
    if function.parameters:
        where = f"{where}.function.parameters"
        if (parameters := _cleaned(function.parameters, where, budget)) is not None:
            declaration["parametersJsonSchema"] = parameters
    return declaration


def _custom_description(custom: CustomDefinition) -> str:
    """Return the description, the grammar behind it: Gemini cannot be held to one."""
    description = custom.description or custom.name
    given = custom.format or {}
    grammar: Any = given.get("grammar", given)
    if isinstance(grammar, dict):  # /v1/responses writes definition and syntax beside the type
        details = cast("dict[str, Any]", grammar)
        if not (definition := details.get("definition")):
            return description
        syntax = f" ({details['syntax']})" if details.get("syntax") else ""
        return f"{description}\n\nThe input follows this grammar{syntax}:\n{definition}"
    return f"{description}\n\nThe input follows this grammar:\n{grammar}"


@dataclass(frozen=True, slots=True)
class _Parameters:
    """A schema to clean; equal to every other of the same JSON."""

    json: bytes
    schema: dict[str, Any] = field(compare=False)
    where: str = field(compare=False)
    budget: Budget = field(compare=False)


def _cleaned(schema: dict[str, Any], where: str, budget: Budget) -> dict[str, Any] | None:
    """Clean a schema, or find it cleaned: agents send the same tools with every step."""
    try:
        as_json = orjson.dumps(schema)
    except TypeError:  # integers of more than 64 bits: JSON, but not orjson's
        return cleaned_parameters(schema, where, budget)
    if len(as_json) > _MAX_REMEMBERED_BYTES:
        return cleaned_parameters(schema, where, budget)
    return _remembered(_Parameters(as_json, schema, where, budget))


@lru_cache(maxsize=256)
def _remembered(parameters: _Parameters) -> dict[str, Any] | None:
    return cleaned_parameters(parameters.schema, parameters.where, parameters.budget)
