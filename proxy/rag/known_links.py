"""Knows which addresses an answer may link to: those that tell nobody anything new.

They are on the book's own site, or stand word for word in a passage or in the client's messages.
"""

import re
from html import unescape
from urllib.parse import urlsplit

from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.protocol.messages import SystemMessage, UserMessage
from proxy.rag.sources import SourceLinks
from proxy.rag.turn import Retrieved

_CONTROL = re.compile(r"[\x00-\x20\x7f]")


class KnownLinks:
    """Knows the addresses that an answer of one turn may link to."""

    def __init__(
        self, chat: ChatCompletionRequest, retrieved: Retrieved, links: SourceLinks
    ) -> None:
        self._chat = chat
        self._passages = (*retrieved.passages, *retrieved.nearby)
        self._links = links

    def is_known(self, target: str) -> bool:
        """Whether a link's target (as Markdown has it) may be followed without a second look."""
        url = _CONTROL.sub("", unescape(target)).replace("\\", "/")
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            return False
        if not parts.scheme and not parts.netloc:  # on the page that shows the answer
            return not url.startswith("//")
        if parts.scheme not in {"http", "https"} or not host:
            return False
        return host in self._hosts() or any(target in text for text in self._texts())

    def _hosts(self) -> set[str | None]:
        urls = [self._links.base_url, *(self._links.url(p.chunk) for p in self._passages)]
        return {urlsplit(url).hostname for url in urls} - {None}

    def _texts(self) -> list[str]:
        """Return what the book and the client wrote; not what a model answered before."""
        said = (m for m in self._chat.messages if isinstance(m, SystemMessage | UserMessage))
        return [*(p.chunk.text for p in self._passages), *(text_of(m.content) for m in said)]
