"""What authors send to /api/insights."""

from typing import Annotated

from pydantic import Field

from proxy.protocol.rag_options import RagOptions
from proxy.protocol.wire import Wire
from proxy.settings import SearchMode

MAX_QUESTION_CHARS = 8_000


class RetrievalRequest(Wire):
    """A question to search the books for, and how."""

    question: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_CHARS)]
    rag: RagOptions = RagOptions()
    mode: SearchMode | None = None
    """How every book is searched; None: as the settings say."""
