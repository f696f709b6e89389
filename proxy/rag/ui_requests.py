"""Requests that a chat UI makes for itself: titles, tags, suggestions, completions of the input.

Nobody asks the book with them. They are told by their form, seen in Open WebUI 0.12, LibreChat's
agents, LobeChat, Chatbox, NextChat and HuggingChat: a template with a transcript in a block and a
JSON key to fill, or an order to name *this conversation* that also bounds the answer's length and
forbids anything beside it. Each of these alone is an ordinary question and is looked up.
"""

import re

from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.protocol.messages import SystemMessage, UserMessage

_TASKS = {
    "title_generation": "title",
    "tags_generation": "tags",
    "follow_up_generation": "follow-ups",
    "query_generation": "queries",
    "autocomplete_generation": "autocomplete",
    "emoji_generation": "emoji",
    "image_prompt_generation": "image-prompt",
}
"""`metadata.task` as Open WebUI's pipelines get it."""
_KEYS = {
    "title": "title",
    "tags": "tags",
    "follow_ups": "follow-ups",
    "queries": "queries",
    "text": "autocomplete",
    "prompt": "image-prompt",
}
"""Of the JSON object that a template asks for."""

_HEAD_CHARS, _TAIL_CHARS = 1_500, 500
"""An order stands before or behind its transcript."""
_MAX_SYSTEM_CHARS = 4_000
"""A UI's own instructions are short."""
_MAX_SMALL_OUTPUT = 16

_BLOCK = "<chat_history>"
_TEMPLATE = re.compile(r"\s*#{1,6} ")
_KEY = re.compile(r'\{\s*"(title|tags|follow_ups|queries|text|prompt)"\s*:')
_MARKS = ("title", "titling", "naming", "name th", "emoji", "标题", "主题", "命名", "名称")
"""Without one of these nothing is looked at closer: finding them costs a microsecond."""

_CHAT = r"(conversation|chat|dialogue|discussion|thread|first message)"
_NAMING = re.compile(
    rf"\btitles?\b.{{0,60}}?\b(for|of|summari[sz]\w+|captur\w+|nam(es|ing)|describ\w+|represent\w+)"
    rf"\b.{{0,60}}?\b{_CHAT}\b"
    rf"|\b(analy[sz]e|summari[sz]e|read|based on|given)\b.{{0,40}}?\b{_CHAT}\b.{{0,120}}?\btitle\b"
    rf"|\b{_CHAT}\s+(titles?|titling|naming|name)\b"
    rf"|\bnam(e|ing)\s+(the|this|our|a)?\s*{_CHAT}"
    r"|(对话|会话|聊天|这句话).{0,40}?(标题|主题|命名|名称)"
    r"|(标题|主题|命名|名称).{0,40}?(对话|会话|聊天)",
    re.DOTALL,
)
_FEW = r"(1[0-5]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten)"
_BOUND = re.compile(
    rf"\b({_FEW}\s*([-–—]|to)\s*)?{_FEW}[-\s]+words?\b|\b[1-9]?\d[-\s]+(characters?|chars?)\b"
    r"|[\d一二三四五六七八九十]+\s*个?(字|词)",
)
"""A title's length; what bounds an answer is longer."""
_NOTHING_ELSE = re.compile(
    r"\b(only|solely|just)\b.{0,40}?\b(titles?|name|topic)\b"
    r"|\b(no|not|without|avoid|omit|never)\b.{0,60}?"
    r"\b(punctuation|quot(es?|ation)|explanations?|lead-in|prefix(es)?)\b"
    r"|(不要|不需要|无需|不含|不带).{0,12}?(标点|解释|引号|多余)|只(需|返回|输出|回答)",
    re.DOTALL,
)
_TRANSCRIPT = re.compile(
    r"^\W{0,4}(user|human|assistant|ai|用户)\b\W{0,4}[:\uff1a]|```", re.MULTILINE
)
_THIS_CHAT = re.compile(
    r"\b(our|this|the (above|current))\s+(conversation|chat|dialogue|discussion)\b"
    r"|上述|以上|这句话|本次",
)
_EMOJI = re.compile(r"\b(fitting|appropriate|suitable|single|one)\s+emoji\b")
_EMOJI_ALONE = re.compile(
    r"\b(output|return|respond|reply|answer)\s+(with\s+)?(only|just)\s+"
    r"((a|an|one|the|single)\s+)*emoji\b(?!\s+(per|in|at|for)\b)",
)


def is_ui_request(chat: ChatCompletionRequest) -> str | None:
    """Return what a chat UI wants to have for itself, None for a question of a person.

    It is one of `title`, `tags`, `follow-ups`, `queries`, `autocomplete`, `emoji`, `image-prompt`.
    """
    if (task := (chat.metadata or {}).get("task")) in _TASKS:
        return _TASKS[task]
    asked = _last_user_text(chat)
    if _BLOCK in asked and (kind := _template(asked)):
        return kind
    told, asked = _system_text(chat).lower(), _ends_of(asked).lower()
    if not any(mark in asked or mark in told for mark in _MARKS):
        return None
    if _is_title_order(told, asked):
        return "title"
    return "emoji" if _is_emoji_order(chat, told, asked) else None


def _template(text: str) -> str | None:
    """Return what a filled-in template asks for: a heading, a key to fill, a transcript."""
    head, _, rest = text.partition(_BLOCK)
    keys = _KEY.findall(head)
    if not keys or "</chat_history>" not in rest or not _TEMPLATE.match(head):
        return None
    return _KEYS[keys[0]]


def _is_title_order(told: str, asked: str) -> bool:
    """Whether instructions, or the last message, order a name for the conversation."""
    if _orders_title(told):
        return True
    # A transcript comes with it, or it is the conversation that it stands in.
    return _orders_title(asked) and bool(_TRANSCRIPT.search(asked) or _THIS_CHAT.search(asked))


def _orders_title(text: str) -> bool:
    return bool(_BOUND.search(text) and _NOTHING_ELSE.search(text) and _NAMING.search(text))


def _is_emoji_order(chat: ChatCompletionRequest, told: str, asked: str) -> bool:
    """Whether one emoji is all that is wanted."""
    limit = chat.output_limit
    if limit is not None and limit <= _MAX_SMALL_OUTPUT:
        return bool(_EMOJI.search(asked))
    return bool(_EMOJI_ALONE.search(told))


def _last_user_text(chat: ChatCompletionRequest) -> str:
    for message in reversed(chat.messages):
        if isinstance(message, UserMessage):
            return text_of(message.content)
    return ""


def _system_text(chat: ChatCompletionRequest) -> str:
    """Return the instructions where they are one short message, as a UI's own are."""
    found = [m for m in chat.messages if isinstance(m, SystemMessage)]
    text = text_of(found[0].content) if len(found) == 1 else ""
    return text if len(text) <= _MAX_SYSTEM_CHARS else ""


def _ends_of(text: str) -> str:
    if len(text) <= _HEAD_CHARS + _TAIL_CHARS:
        return text
    return f"{text[:_HEAD_CHARS]}\n{text[-_TAIL_CHARS:]}"
