"""Where what we send may differ from what the SDK sends, and why: all of it, in one table.

What `spelled` evens out are two ways to write the same thing, in every comparison. Each of the
`DIFFERENCES` is evened out only for the requests that name it, and there it has to occur.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from tests.oracle import schema_forms as forms

Json = dict[str, Any]

_FREE = frozenset({"args", "response", "responseJsonSchema", "parametersJsonSchema"})
"""Below these the names are the client's."""
_BYTES = frozenset({"data", "thoughtSignature"})
_WORDS_FOR_JSON = re.compile(
    r"Answer with one JSON object(?: that fits this JSON Schema: (?P<schema>.+))?"
    r" and nothing else\."
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What is changed in the bodies before they are compared."""

    why: str
    sides: tuple[Literal["ours", "sdk"], ...]
    change: Callable[[Json], None]
    """Changes the body in place."""


def spelled(body: Json) -> Json:
    """Return a body in one spelling.

    Proto's JSON reads names in camel and in snake case, which the SDK mixes, and base64 in both
    alphabets: the SDK writes the one for URLs, we what the client sent, or the standard one. A
    `generationConfig` that says nothing is written by the SDK and left out by us.
    """
    written: Json = _spelled(body)
    if written.get("generationConfig") == {}:
        del written["generationConfig"]
    return written


def _spelled(body: Any) -> Any:
    if isinstance(body, list):
        return [_spelled(member) for member in cast("list[Any]", body)]
    if not isinstance(body, dict):
        return body
    written: Json = {}
    for key, value in cast("Json", body).items():
        name = _camel(key)
        if name in _BYTES and isinstance(value, str):
            written[name] = value.replace("-", "+").replace("_", "/")
        else:
            written[name] = value if name in _FREE else _spelled(value)
    return written


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _without_instruction_role(body: Json) -> None:
    del body["systemInstruction"]["role"]


def _without_usual_mode(body: Json) -> None:
    if body["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}:
        del body["toolConfig"]


def _without_blank(body: Json) -> None:
    for content in body["contents"]:
        for part in content["parts"]:
            if part == {"text": " "}:
                part["text"] = ""


def _without_first_dot(body: Json) -> None:
    if body["contents"][0] == {"role": "user", "parts": [{"text": "."}]}:
        del body["contents"][0]


def _without_last_word(body: Json) -> None:
    if body["contents"][-1] == {"role": "user", "parts": [{"text": "Continue."}]}:
        del body["contents"][-1]


def _without_ids(body: Json) -> None:
    for content in body["contents"]:
        for part in content["parts"]:
            for kind in ("functionCall", "functionResponse"):
                if kind in part:
                    del part[kind]["id"]


def _without_count(body: Json) -> None:
    del body["generationConfig"]["candidateCount"]
    if not body["generationConfig"]:
        del body["generationConfig"]


def _without_words_for_json(body: Json) -> None:
    [part] = body.pop("systemInstruction")["parts"]
    said = _WORDS_FOR_JSON.fullmatch(part["text"])
    assert said is not None
    config = body.setdefault("generationConfig", {})
    config["responseMimeType"] = "application/json"
    if said["schema"]:
        config["responseJsonSchema"] = json.loads(said["schema"])


DIFFERENCES: Mapping[str, Difference] = {
    "instructions have no role": Difference(
        "Gemini reads no role of the system instruction; the SDK writes `user`, for its parts come "
        "out of the same function as those of a question.",
        ("sdk",),
        _without_instruction_role,
    ),
    "the usual mode is said": Difference(
        "AUTO is what Gemini does without a calling config; we say it, as OpenAI's documents do.",
        ("ours",),
        _without_usual_mode,
    ),
    "nothing is a blank": Difference(
        "Not every model takes a text part without text.", ("ours",), _without_blank
    ),
    "a user speaks first": Difference(
        "A conversation that begins with a call of the model's is refused, so a user's '.' is put "
        "before any turn of the model's that comes first; the SDK sends what it is given.",
        ("ours",),
        _without_first_dot,
    ),
    "a user speaks last": Difference(
        "Newer models refuse to go on with a turn of their own: the user says 'Continue.'",
        ("ours",),
        _without_last_word,
    ),
    "a legacy call is given an id": Difference(
        "A call in OpenAI's legacy form has none; call and result are given the same one.",
        ("ours",),
        _without_ids,
    ),
    "choices are calls side by side": Difference(
        "Newer models refuse more than one candidate: every choice is a call of its own.",
        ("sdk",),
        _without_count,
    ),
    "JSON is asked for in words": Difference(
        "Before Gemini 3 functions and a JSON answer exclude each other (400); the SDK sends both.",
        ("ours",),
        _without_words_for_json,
    ),
    "the order of properties is said": Difference(
        "Gemini 2.0 puts properties in the order of the alphabet unless it is told theirs.",
        ("ours",),
        forms.changed(forms.without_order),
    ),
    "definitions stand where they are used": Difference(
        "Tools of Gemini 2.x do not know `$ref`: only a definition that contains itself stays one.",
        ("sdk",),
        forms.changed(forms.in_place),
    ),
    "a root is no reference": Difference(
        "A schema that is all `$ref` is written out once, and refers to its definition below that.",
        ("sdk",),
        forms.changed(forms.with_open_root),
    ),
    "arguments have no titles": Difference(
        "Titles of arguments repeat their names and cost tokens.",
        ("sdk",),
        forms.changed(forms.without("title")),
    ),
    "a constant is an enumeration of one": Difference(
        "`const` is not among the keywords that Gemini documents.",
        ("sdk",),
        forms.changed(forms.without_constants),
    ),
    "other bounds are said": Difference(
        "Keywords that Gemini does not document go into the description.",
        ("ours", "sdk"),
        forms.changed(
            forms.without("description", "minLength", "maxLength", "pattern", "uniqueItems")
        ),
    ),
    "an exclusive bound of integers is the next integer": Difference(
        "`exclusiveMinimum` and `exclusiveMaximum` are not among the keywords that it documents.",
        ("sdk",),
        forms.changed(forms.with_inclusive_bounds),
    ),
    "defaults are left out": Difference(
        "`default` is not among the keywords that Gemini documents.",
        ("sdk",),
        forms.changed(forms.without("default")),
    ),
    "a union needs no discriminator": Difference(
        "`discriminator` is OpenAPI's; `oneOf` is read as `anyOf`, which all models know.",
        ("sdk",),
        forms.changed(forms.without_discriminators),
    ),
}
