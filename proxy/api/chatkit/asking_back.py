"""The model asks the reader back: a call whose result is what the reader chooses or writes.

ChatKit calls it structured input.
"""

from typing import Any

from proxy.api.chatkit.requests import StructuredAnswers
from proxy.dialogue.calls import arguments_of
from proxy.store import Message

ASK_READER = "ask_reader"
_QUESTION_ID = "answer"
_MAX_OPTIONS = 8
DECLARATION: dict[str, Any] = {
    "name": ASK_READER,
    "description": (
        "Ask the reader one short question back, when the answer depends on something that only "
        "the reader knows. Offer the likely answers."
    ),
    "parameters": {
        "type": "object",
        "properties": {
            "question": {"type": "string"},
            "options": {"type": "array", "items": {"type": "string"}},
            "multiple": {"type": "boolean", "description": "Whether several may be chosen."},
        },
        "required": ["question"],
    },
}


def asks_back(call: Message) -> bool:
    """Whether a call is a question to the reader."""
    return call.details["name"] == ASK_READER


def structured_input(call: Message) -> dict[str, Any]:
    """Return the part of the item that says what is asked, and what was answered."""
    arguments = arguments_of(call)
    options: list[Any] = arguments.get("options") or []
    asked: dict[str, Any] = {"id": _QUESTION_ID, "question": str(arguments.get("question", ""))}
    if options:
        asked |= {
            "type": "multiple_choice",
            "options": [{"value": str(option)} for option in options[:_MAX_OPTIONS]],
            "multiple": bool(arguments.get("multiple")),
        }
    else:
        asked |= {"type": "freeform"}
    if call.status == "pending":
        return {"type": "structured_input", "status": "pending", "inputs": [asked]}
    result = call.details["result"]
    asked["answer"] = {"values": result["answer"], "skipped": result["skipped"]}
    status = "skipped" if result["skipped"] else "answered"
    return {"type": "structured_input", "status": status, "inputs": [asked]}


def result_of(given: StructuredAnswers) -> dict[str, Any]:
    """Return what the model is told that the reader answered."""
    answer = given.answers.get(_QUESTION_ID)
    is_skipped = given.status == "skipped" or answer is None or answer.skipped
    values = [] if answer is None or is_skipped else answer.values
    return {"answer": values, "skipped": is_skipped}
