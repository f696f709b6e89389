"""What authors send to /api/content as JSON; files come as forms."""

from typing import Annotated

from pydantic import Field

from proxy.protocol.wire import Wire

MAX_CONTENT_CHARS = 1_500_000


class ContentRequest(Wire):
    """The new text of a page."""

    content: Annotated[str, Field(min_length=1, max_length=MAX_CONTENT_CHARS)]
