"""What the reader selected on the page, as the passage that answers.

Alone it is all there is: nothing is retrieved, and nothing else is in the prompt. With a wider
`scope` it is the first passage, and what the book has in that scope stands behind it.
"""

import re
from dataclasses import replace

from proxy.corpus import SELECTION_ID, Chunk, Passage
from proxy.errors import InvalidRequest
from proxy.protocol.rag_options import RagOptions
from proxy.rag.budget import fitting
from proxy.rag.turn import Retrieved

_TITLE = "Selected text"
_SAFE_URL = re.compile(r"https?://|/(?!/)")


def selected_passage(options: RagOptions) -> Passage | None:
    """Return what was selected, None where nothing was.

    Raises:
        InvalidRequest: the scope is the selection and there is none.
    """
    if options.selected_text is None:
        if options.scope == "selection":
            raise InvalidRequest(
                "The scope 'selection' needs a 'selected_text'.", param="rag.selected_text"
            )
        return None
    url = options.page_url
    chunk = Chunk(
        chunk_id=SELECTION_ID,
        book="",
        document_id="",
        title=_TITLE,
        heading_path=(_TITLE,),
        anchor="",
        url=url if url and _SAFE_URL.match(url) else None,
        position=0,
        text=options.selected_text,
    )
    return Passage(chunk, score=1.0)


def is_alone(options: RagOptions) -> bool:
    """Whether what was selected is all that may answer."""
    return options.selected_text is not None and options.scope in (None, "selection")


def alone(query: str, selected: Passage) -> Retrieved:
    """Return what answers where only the selection may."""
    return Retrieved("grounded", query, (selected,), reason="selection", is_selection=True)


def in_front(selected: Passage, found: Retrieved, max_context_tokens: int) -> Retrieved:
    """Return what was found behind what was selected, within the budget of one prompt."""
    passages = fitting((selected, *found.passages), max_context_tokens)
    return replace(found, status="grounded", passages=tuple(passages), nearby=())
