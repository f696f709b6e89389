"""What the reader chose in the composer: a model, a tool, a quotation, tags; and what that means.

ChatKit's composer tools are the site's own static configuration; these are the ids that are
understood here, and `/chatkit/config` hands them out.
"""

from dataclasses import dataclass
from typing import Any

from proxy.api.chatkit.user_input import InputTag, UserInput
from proxy.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class ComposerChoice:
    """A tool of the composer: how the book is consulted for one question."""

    tool_id: str
    label: str
    icon: str
    rag: dict[str, Any]
    """Options of the retrieval."""


CHOICES = (
    ComposerChoice("selected_only", "Only the selection", "document", {"scope": "selection"}),
    ComposerChoice("this_page", "Only this page", "page-blank", {"scope": "page"}),
    ComposerChoice("this_chapter", "Only this chapter", "book-open", {"scope": "chapter"}),
    ComposerChoice("whole_book", "The whole book", "book-closed", {"scope": "book"}),
    ComposerChoice("no_book", "Without the book", "globe", {"enabled": False}),
)
_BY_ID = {choice.tool_id: choice for choice in CHOICES}


def rag_of(said: UserInput) -> dict[str, Any]:
    """Return what the reader's choices say of the retrieval, by the names of its options.

    Raises:
        InvalidRequest: a tool that is not ours, or one for a selection where there is none.
    """
    options: dict[str, Any] = {}
    if quoted := (said.quoted_text or "").strip():
        options["selected_text"] = quoted
    if page := _page(said):
        options["page_url"] = page
    tool = said.inference_options.tool_choice
    if tool is None:
        return options
    choice = _BY_ID.get(tool.id)
    if choice is None:
        known = ", ".join(_BY_ID)
        raise InvalidRequest(
            f"The composer's tool is not known here; known are {known}.",
            param="inference_options.tool_choice",
        )
    if choice.rag.get("scope") == "selection" and not quoted:
        raise InvalidRequest("Select the text first that your question is about.")
    return options | choice.rag


def _page(said: UserInput) -> str | None:
    """Return the page of the first tag that names one."""
    for part in said.content:
        if isinstance(part, InputTag):
            for name in ("href", "url"):
                if isinstance(page := part.data.get(name), str) and page.strip():
                    return page.strip()
    return None
