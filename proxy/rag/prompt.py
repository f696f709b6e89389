"""Station 3: passages beside the question, rules beside the client's own instructions.

The client's system message is kept and stands first. The rules that follow it never change from
turn to turn, so that the upstream's prompt cache holds; what changes goes into the last user turn.
"""

import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from proxy.corpus import Passage
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import TextPart
from proxy.protocol.messages import AssistantMessage, Message, SystemMessage, UserMessage
from proxy.protocol.rag_options import ReaderLevels
from proxy.rag.markers import without_markers
from proxy.rag.sources import title_of
from proxy.rag.turn import Retrieved

_OUR_TAGS = re.compile(r"<(?=[\s/]*(?:book_passages|book_nearby|passage)\b)", re.IGNORECASE)
_IN_MESSAGE = re.compile(r"messages\[(?P<message>\d+)\](?:\.content\[(?P<part>\d+)\])?(?P<rest>.*)")
_FOLDER = files("proxy.rag").joinpath("templates")
_TEMPLATES = {
    path.name.removesuffix(".md"): path.read_text(encoding="utf-8").strip()
    for path in _FOLDER.iterdir()
    if path.name.endswith(".md")
}
_LEVELS: dict[str, str] = json.loads(
    _FOLDER.joinpath("reader-levels.json").read_text(encoding="utf-8")
)
_MAX_ANSWER_CHARS = 50_000
"""A longer text is no answer of this proxy, and walking over it would hold up others."""
GROUNDED_EFFORT = "low"
"""The answer stands in the passages, so waiting for more thoughts buys little."""


def augmented(
    chat: ChatCompletionRequest, retrieved: Retrieved, reader: ReaderLevels | None = None
) -> ChatCompletionRequest:
    """Return the chat as the model gets it; the client's own where retrieval is off."""
    if retrieved.status == "off":
        return chat
    messages = [chat.messages[i] for i in _kept(chat, retrieved)]
    if block := _block(retrieved):
        at = _last_user_turn(messages)
        messages[:at] = [_without_old_numbers(message) for message in messages[:at]]
        messages[at] = _preceded_by(block, messages[at])
    rules = _rules(retrieved, reader, wants_json=chat.wants_json)
    messages.insert(_place_of_rules(messages), SystemMessage(role="system", content=rules))
    return chat.model_copy(update={"messages": messages})


def enough_effort(chat: ChatCompletionRequest) -> str | None:
    """Return how much thinking a grounded turn needs, None where that is the client's to say.

    Not with a small output limit, which even that might use up: then the adapter asks for the
    least.
    """
    is_ours = not (chat.says_how_to_think or chat.has_small_output_limit)
    return GROUNDED_EFFORT if is_ours else None


def clients_param(param: str, chat: ChatCompletionRequest, retrieved: Retrieved) -> str:
    """Return the path in `chat` of what `augmented` has at the path `param`."""
    path = _IN_MESSAGE.fullmatch(param)
    if path is None or retrieved.status == "off":
        return param
    kept = _kept(chat, retrieved)
    at, part, rest = int(path["message"]), path["part"], path["rest"]
    if at > _place_of_rules([chat.messages[i] for i in kept]):
        at -= 1
    at = kept[at]
    if part is None:
        return f"messages[{at}]{rest}"
    is_behind_block = bool(_block(retrieved)) and at == _last_user_turn(chat.messages)
    return f"messages[{at}].content[{int(part) - is_behind_block}]{rest}"


def _kept(chat: ChatCompletionRequest, retrieved: Retrieved) -> list[int]:
    """Return the places of the messages that stay: beside a selection those of this turn only.

    What was said before goes then, for earlier answers quote passages that nobody selected.
    """
    if not retrieved.is_selection:
        return list(range(len(chat.messages)))
    turn = _last_user_turn(chat.messages)
    return [i for i, m in enumerate(chat.messages) if i >= turn or isinstance(m, SystemMessage)]


def _place_of_rules(messages: Sequence[Message]) -> int:
    return next(
        (i for i, m in enumerate(messages) if not isinstance(m, SystemMessage)), len(messages)
    )


def _rules(retrieved: Retrieved, reader: ReaderLevels | None, *, wants_json: bool) -> str:
    if retrieved.passages and wants_json:
        template = "grounded-json"
    else:
        template = "selection" if retrieved.is_selection else retrieved.status
    rules = _TEMPLATES[template]
    if reader is None:
        return rules
    levels = {"software": reader.software, "hardware": reader.hardware}
    background = "; ".join(f"in {what} {_LEVELS[level]}" for what, level in levels.items() if level)
    if not background:
        return rules
    return f"{rules}\n\n{_TEMPLATES['reader'].replace('{background}', background)}"


def _without_old_numbers(message: Message) -> Message:
    """Return an earlier answer without its markers, which number the passages of another turn."""
    content = message.content
    if not isinstance(message, AssistantMessage) or not isinstance(content, str):
        return message
    if len(content) > _MAX_ANSWER_CHARS:
        return message
    return message.model_copy(update={"content": without_markers(content)})


def _last_user_turn(messages: Sequence[Message]) -> int:
    return max(i for i, message in enumerate(messages) if isinstance(message, UserMessage))


def _preceded_by(block: str, message: Message) -> Message:
    context = TextPart(type="text", text=block)
    content = message.content
    own = [TextPart(type="text", text=content)] if isinstance(content, str) else content or []
    return message.model_copy(update={"content": [context, *own]})


def _block(retrieved: Retrieved) -> str:
    """Return what the last user turn begins with, maybe nothing."""
    if retrieved.passages:
        return passages_block(retrieved.passages)
    return nearby_block(retrieved.nearby) if retrieved.nearby else ""


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


def nearby_block(nearby: Sequence[Passage]) -> str:
    """Return titles, and addresses where there are any, of what the book has nearby."""
    lines = [
        f"- {escape(title_of(p.chunk))}" + (f" ({escape(p.chunk.url)})" if p.chunk.url else "")
        for p in nearby
    ]
    return "\n".join(["<book_nearby>", *lines, "</book_nearby>"])
