"""Tools to declarations, `tool_choice` to the calling config."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from proxy.adapters.gemini.tool_names import ToolNames
from proxy.adapters.gemini.tools import tool_config, tools_to_gemini
from proxy.errors import InvalidRequest
from proxy.protocol.tools import NamedChoice, Tool, ToolChoice

TOOL: TypeAdapter[Tool] = TypeAdapter(Tool)
STRING = {"type": "string"}


def function(name: str = "search", **fields: Any) -> Tool:
    return TOOL.validate_python({"type": "function", "function": {"name": name, **fields}})


def custom(**fields: Any) -> Tool:
    return TOOL.validate_python({"type": "custom", "custom": {"name": "sql", **fields}})


def declared(*tools: Tool) -> list[dict[str, Any]]:
    """Return the declarations of the one entry there is."""
    [entry] = tools_to_gemini(list(tools), ToolNames())
    return entry["functionDeclarations"]


def test_a_function_is_declared_with_json_schema() -> None:
    parameters = {
        "type": "object",
        "properties": {"q": {"type": "string", "title": "Q"}},
        "required": ["q"],
    }
    assert declared(function(description="Finds.", parameters=parameters)) == [
        {
            "name": "search",
            "description": "Finds.",
            "parametersJsonSchema": {
                "type": "object",
                "properties": {"q": STRING},
                "required": ["q"],
            },
        }
    ]


@pytest.mark.parametrize("description", [None, ""])
def test_a_function_without_a_description_is_described_by_its_name(description: str | None) -> None:
    assert declared(function(description=description))[0]["description"] == "search"


@pytest.mark.parametrize("parameters", [None, {}, {"type": "object", "properties": {}}])
def test_a_function_without_parameters_declares_none(parameters: dict[str, Any] | None) -> None:
    assert "parametersJsonSchema" not in declared(function(parameters=parameters))[0]


def test_names_that_gemini_does_not_take_are_aliased() -> None:
    names = ToolNames()
    [entry] = tools_to_gemini([function("2fa"), function("_2fa")], names)
    assert [d["name"] for d in entry["functionDeclarations"]] == ["_2fa", "_2fa_2"]
    assert names.original("_2fa") == "2fa"


def test_an_error_names_the_tool() -> None:
    outside = {"type": "object", "properties": {"a": {"$ref": "https://x.example/"}}}
    with pytest.raises(InvalidRequest) as refused:
        declared(function("one"), function("two", parameters=outside))
    assert refused.value.param == "tools[1].function.parameters"
    assert refused.value.code == "invalid_json_schema"


def test_equal_schemas_are_cleaned_alike_and_errors_still_name_their_own_tool() -> None:
    same = {"type": "object", "properties": {"a": {"const": 1}}}
    first, second = declared(function("one", parameters=same), function("two", parameters=same))
    assert first["parametersJsonSchema"] == second["parametersJsonSchema"]
    outside = {"type": "object", "properties": {"a": {"$ref": "other.json"}}}
    for place in (0, 1):
        tools = [function(f"f{i}") for i in range(place)]
        with pytest.raises(InvalidRequest) as refused:
            declared(*tools, function("bad", parameters=outside))
        assert refused.value.param == f"tools[{place}].function.parameters"


@pytest.mark.parametrize(
    "property_schema",
    [{"type": "integer", "maximum": 10**30}, {"type": "string", "description": "x" * 10_000}],
)
def test_schemas_that_are_not_remembered_are_cleaned_too(property_schema: dict[str, Any]) -> None:
    parameters = {"type": "object", "properties": {"a": {**property_schema, "default": 1}}}
    [declaration] = declared(function(parameters=parameters))
    assert "default" not in declaration["parametersJsonSchema"]["properties"]["a"]


def test_all_tools_together_are_bounded() -> None:
    """Five hundred tools of a thousand schemas each would hold the event loop for seconds."""

    def parameters(tool: int) -> dict[str, Any]:
        some = {f"a{tool}_{i}": STRING for i in range(90)}
        inner = {f"p{i}": {"type": "object", "properties": some} for i in range(40)}
        return {"type": "object", "properties": inner}

    with pytest.raises(InvalidRequest, match="all schemas of the request"):
        declared(*(function(f"f{i}", parameters=parameters(i)) for i in range(20)))


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({}, "sql"),
        ({"description": "Runs SQL."}, "Runs SQL."),
        ({"format": {"type": "text"}}, "sql"),
        (
            {
                "description": "Runs SQL.",
                "format": {
                    "type": "grammar",
                    "grammar": {"definition": "start: WORD", "syntax": "lark"},
                },
            },
            "Runs SQL.\n\nThe input follows this grammar (lark):\nstart: WORD",
        ),
        (
            {"format": {"type": "grammar", "definition": "[a-z]+", "syntax": "regex"}},
            "sql\n\nThe input follows this grammar (regex):\n[a-z]+",
        ),
        (
            {"format": {"grammar": {"definition": "x"}}},
            "sql\n\nThe input follows this grammar:\nx",
        ),
        ({"format": {"grammar": "x"}}, "sql\n\nThe input follows this grammar:\nx"),
    ],
)
def test_a_custom_tool_takes_one_text(fields: dict[str, Any], description: str) -> None:
    assert declared(custom(**fields)) == [
        {
            "name": "sql",
            "description": description,
            "parametersJsonSchema": {
                "type": "object",
                "properties": {"input": STRING},
                "required": ["input"],
            },
        }
    ]


def named(**choice: Any) -> ToolChoice:
    return NamedChoice.model_validate(choice).choice()


ALLOWED: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "search"}},
    {"type": "custom", "custom": {"name": "sql"}},
]


@pytest.mark.parametrize(
    ("choice", "mode", "allowed"),
    [
        (ToolChoice("auto"), "AUTO", None),
        (ToolChoice("none"), "NONE", None),
        (ToolChoice("required"), "ANY", None),
        (ToolChoice("validated"), "VALIDATED", None),
        (named(type="function", function={"name": "search"}), "ANY", ["search"]),
        (named(type="function", function={"name": "1st"}), "ANY", ["_1st"]),
        (named(type="custom", custom={"name": "sql"}), "ANY", ["sql"]),
        (named(type="function", name="search"), "ANY", ["search"]),
        (
            named(type="allowed_tools", allowed_tools={"mode": "auto", "tools": ALLOWED}),
            "VALIDATED",
            ["search", "sql"],
        ),
        (
            named(type="allowed_tools", allowed_tools={"mode": "required", "tools": ALLOWED}),
            "ANY",
            ["search", "sql"],
        ),
    ],
)
def test_each_form_of_tool_choice(choice: ToolChoice, mode: str, allowed: list[str] | None) -> None:
    tools = [function(), function("1st"), custom()]
    expected: dict[str, Any] = {"mode": mode}
    if allowed:
        expected["allowedFunctionNames"] = allowed
    assert tool_config(choice, tools, ToolNames()) == {"functionCallingConfig": expected}


@pytest.mark.parametrize(
    ("choice", "mode"), [("auto", "VALIDATED"), ("none", "NONE"), ("required", "ANY")]
)
def test_a_strict_tool_has_its_arguments_validated(choice: Any, mode: str) -> None:
    tools = [function(strict=False), function("f", strict=True), custom()]
    assert tool_config(ToolChoice(choice), tools, ToolNames()) == {
        "functionCallingConfig": {"mode": mode}
    }
