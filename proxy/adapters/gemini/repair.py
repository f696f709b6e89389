"""What may be sent a second time, and how changed, after Gemini refused or failed a request.

Only before anything of the answer was used, and once: whatever is left out here is something the
client cannot miss (a penalty, a bound in a schema), and the alternative is no answer at all.
"""

from collections.abc import Callable
from typing import Any

from proxy.adapters.gemini.schema.whole import simplified
from proxy.adapters.gemini.signatures import SKIP_SIGNATURE
from proxy.errors import ProxyError

Body = dict[str, Any]

_PENALTIES = frozenset({"presencePenalty", "frequencyPenalty"})
_THINKING = frozenset({"thinkingConfig"})
_REPEATED = frozenset({"upstream_malformed_tool_call", "upstream_no_content"})


def is_worth_repeating(failure: ProxyError) -> bool:
    """Whether the very same request may go well: the model stumbled over its own answer."""
    return failure.code in _REPEATED


def repaired(body: Body, failure: ProxyError) -> Body | None:
    """Return the request without what was refused, None where nothing can be done."""
    repair = _REPAIRS.get(failure.code)
    return repair(body, failure) if repair else None


def _without_what_was_refused(body: Body, failure: ProxyError) -> Body | None:
    """Leave out the thinking config where the refusal speaks of thinking, else the penalties."""
    refused = _THINKING if "thinking" in failure.message.lower() else _PENALTIES
    config: Body = body.get("generationConfig") or {}
    kept = {k: v for k, v in config.items() if k not in refused}
    return {**body, "generationConfig": kept} if kept != config else None


def _with_skip_signatures(body: Body, _failure: ProxyError) -> Body:
    return {**body, "contents": [_signed(content) for content in body["contents"]]}


def _signed(content: Body) -> Body:
    is_first = True
    parts: list[Body] = []
    for part in content["parts"]:
        changed = part
        if "functionCall" in part and is_first:
            changed = {**part, "thoughtSignature": SKIP_SIGNATURE}
            is_first = False
        parts.append(changed)
    return {**content, "parts": parts}


def _with_simple_schemas(body: Body, _failure: ProxyError) -> Body | None:
    config = dict(body.get("generationConfig") or {})
    if "responseJsonSchema" in config:
        config["responseJsonSchema"] = simplified(config["responseJsonSchema"])
    tools = [
        {"functionDeclarations": [_simple(d) for d in tool.get("functionDeclarations", ())]}
        for tool in body.get("tools", ())
    ]
    changed = {**body, "generationConfig": config} if config else dict(body)
    if tools:
        changed["tools"] = tools
    return changed if changed != body else None


def _simple(declaration: Body) -> Body:
    if "parametersJsonSchema" not in declaration:
        return declaration
    return {
        **declaration,
        "parametersJsonSchema": simplified(declaration["parametersJsonSchema"]),
    }


_REPAIRS: dict[str, Callable[[Body, ProxyError], Body | None]] = {
    "unsupported_parameter": _without_what_was_refused,
    "missing_thought_signature": _with_skip_signatures,
    "invalid_json_schema": _with_simple_schemas,
    "invalid_function_parameters": _with_simple_schemas,
}
