"""Who says what: instructions, turns, names, and conversations that Gemini would not take."""

from google.genai import types

from tests.oracle.case import Case, OpenAIMessage, ask, chat, message, model, user

_SIGNATURE = b"\xfb\xef\xff a thought"
_SIGNATURE_TEXT = "++//IGEgdGhvdWdodA=="


def _instructed(
    name: str,
    messages: list[OpenAIMessage],
    contents: str | list[types.Content] = "Why?",
    instructions: list[str] | None = None,
) -> Case:
    config = types.GenerateContentConfig(
        system_instruction=[*instructions] if instructions else "Be brief."
    )
    return Case(name, chat(*messages), contents, config, differs=("instructions have no role",))


CONVERSATIONS = (
    Case("one question", ask(), "Why?"),
    Case("every plane of Unicode", ask("Größe 𝄞 😀 \u2028 中"), "Größe 𝄞 😀 \u2028 中"),
    _instructed("a system message", [message("system", "Be brief."), message("user", "Why?")]),
    _instructed(
        "a developer message", [message("developer", "Be brief."), message("user", "Why?")]
    ),
    _instructed(
        "instructions in parts",
        [
            message("system", [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]),
            message("developer", "C"),
            message("user", "Why?"),
        ],
        instructions=["A", "B", "C"],
    ),
    _instructed(
        "instructions in the midst",
        [
            message("user", "Why?"),
            message("assistant", "Because."),
            message("system", "Be brief."),
            message("user", "Go on."),
        ],
        [user("Why?"), model("Because."), user("Go on.")],
    ),
    _instructed(
        "only instructions",
        [message("system", "Be brief.")],
        ".",  # the SDK refuses to send no contents
    ),
    Case(
        "several turns",
        chat(
            message("user", "Why?"),
            message("assistant", "Because."),
            message("user", "And how?"),
            message("assistant", [{"type": "text", "text": "So."}]),
            message("user", "Where?"),
        ),
        [user("Why?"), model("Because."), user("And how?"), model("So."), user("Where?")],
    ),
    Case(
        "text in parts",
        ask([{"type": "text", "text": "Read this."}, {"type": "text", "text": "Why?"}]),
        [user("Read this.", "Why?")],
    ),
    Case(
        "an empty part beside another",
        ask([{"type": "text", "text": ""}, {"type": "text", "text": "Why?"}]),
        [user("Why?")],
    ),
    Case("an empty question", ask(""), [user("")], differs=("nothing is a blank",)),
    Case(
        "two user messages in a row",
        chat(message("user", "Look."), message("user", "Why?")),
        [user("Look.", "Why?")],
    ),
    Case(
        "an assistant message that says nothing",
        chat(message("user", "A"), message("assistant", ""), message("user", "B")),
        [user("A", "B")],
    ),
    Case("one name", chat(message("user", "Why?", name="ada")), "Why?"),
    Case(
        "two names",
        chat(
            message("user", "Why?", name="ada"),
            message("user", "How?", name="bob"),
            message("assistant", "So."),
            message("user", "Ah."),
        ),
        [user("ada: Why?", "bob: How?"), model("So."), user("Ah.")],
    ),
    Case(
        "a refusal as a field",
        chat(
            message("user", "Why?"),
            message("assistant", refusal="I can't."),
            message("user", "So?"),
        ),
        [user("Why?"), model("I can't."), user("So?")],
    ),
    Case(
        "a refusal as a part",
        chat(
            message("user", "Why?"),
            message("assistant", [{"type": "refusal", "refusal": "I can't."}]),
            message("user", "So?"),
        ),
        [user("Why?"), model("I can't."), user("So?")],
    ),
    Case(
        "thoughts that a client sent back",
        chat(
            message("user", "Why?"),
            message("assistant", "Because.", reasoning_content="Hm.", annotations=[]),
            message("user", "So?"),
        ),
        [user("Why?"), model("Because."), user("So?")],
    ),
    Case(
        "the signature of a text",
        chat(
            message("user", "Why?"),
            message(
                "assistant",
                "Because.",
                extra_content={"google": {"thought_signature": _SIGNATURE_TEXT}},
            ),
            message("user", "So?"),
        ),
        [
            user("Why?"),
            model(types.Part(text="Because.", thought_signature=_SIGNATURE)),
            user("So?"),
        ],
    ),
    Case(
        "the assistant speaks first",
        chat(message("assistant", "Hello!"), message("user", "Why?")),
        [model("Hello!"), user("Why?")],
        differs=("a user speaks first",),
    ),
    Case(
        "the assistant speaks last",
        chat(message("user", "Why?"), message("assistant", "Because")),
        [user("Why?"), model("Because")],
        differs=("a user speaks last",),
    ),
    Case(
        "the assistant speaks last to a model that goes on",
        chat(message("user", "Why?"), message("assistant", "Because")),
        [user("Why?"), model("Because")],
        model="gemini-2.5-flash",
    ),
)
