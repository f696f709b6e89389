"""Station 3: passages beside the question, rules beside the client's own instructions.

The client's system message is kept and stands first. The rules that follow it never change from
turn to turn, so that the upstream's prompt cache holds; what changes goes into the last user turn.
"""

import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

from proxy.corpus import Passage
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import TextPart
from proxy.protocol.messages import Message, SystemMessage, UserMessage
from proxy.rag.turn import Retrieved

_OUR_TAGS = re.compile(r"<(?=[\s/]*(?:book_passages|passage)\b)", re.IGNORECASE)
_IN_MESSAGE = re.compile(r"messages\[(?P<message>\d+)\](?:\.content\[(?P<part>\d+)\])?(?P<rest>.*)")
_TEMPLATES = {
    path.name.removesuffix(".md"): path.read_text(encoding="utf-8").strip()
    for path in files("proxy.rag").joinpath("templates").iterdir()
    if path.name.endswith(".md")
}
GROUNDED_EFFORT = "low"
"""Thinking a grounded turn asks for: the answer stands in the passages, so waiting buys little.
Not with a small output limit, which even that might use up: then the adapter asks for the least."""


def augmented(chat: ChatCompletionRequest, retrieved: Retrieved) -> ChatCompletionRequest:
    """Return the chat as the model gets it; the client's own where retrieval is off."""
    if retrieved.status == "off":
        return chat
    messages = list(chat.messages)
    if retrieved.passages:
        at = _last_user_turn(messages)
        messages[at] = _with_passages(messages[at], retrieved.passages)
    template = "grounded-json" if retrieved.passages and chat.wants_json else retrieved.status
    rules = SystemMessage(role="system", content=_TEMPLATES[template])
    messages.insert(_place_of_rules(messages), rules)
    update: dict[str, Any] = {"messages": messages}
    if not (chat.says_how_to_think or chat.has_small_output_limit):
        update["reasoning"] = {"effort": GROUNDED_EFFORT, "exclude": True}
    return chat.model_copy(update=update)


def clients_param(param: str, chat: ChatCompletionRequest, retrieved: Retrieved) -> str:
    """Return the path in `chat` of what `augmented` has at the path `param`."""
    path = _IN_MESSAGE.fullmatch(param)
    if path is None or retrieved.status == "off":
        return param
    at, part, rest = int(path["message"]), path["part"], path["rest"]
    if at > _place_of_rules(chat.messages):
        at -= 1
    if part is None:
        return f"messages[{at}]{rest}"
    is_behind_passages = bool(retrieved.passages) and at == _last_user_turn(chat.messages)
    return f"messages[{at}].content[{int(part) - is_behind_passages}]{rest}"


def _place_of_rules(messages: Sequence[Message]) -> int:
    return next(
        (i for i, m in enumerate(messages) if not isinstance(m, SystemMessage)), len(messages)
    )


def _last_user_turn(messages: Sequence[Message]) -> int:
    return max(i for i, message in enumerate(messages) if isinstance(message, UserMessage))


def _with_passages(message: Message, passages: Sequence[Passage]) -> Message:
    context = TextPart(type="text", text=passages_block(passages))
    content = message.content
    own = [TextPart(type="text", text=content)] if isinstance(content, str) else content or []
    return message.model_copy(update={"content": [context, *own]})


def passages_block(passages: Sequence[Passage]) -> str:
    """Return the numbered passages as the model reads them.

    A passage cannot close or open our own tags: their `<` is written as an entity.
    """
    blocks = [
        f'<passage number="{n}" from="{escape(" › ".join(p.chunk.heading_path))}">\n'
        f"{_OUR_TAGS.sub('&lt;', p.chunk.text)}\n</passage>"
        for n, p in enumerate(passages, start=1)
    ]
    return "\n".join(["<book_passages>", *blocks, "</book_passages>"])
