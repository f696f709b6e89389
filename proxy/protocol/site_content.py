"""What authors send to /api/content as JSON; files come as forms."""

from typing import Annotated, Literal

from pydantic import Field

from proxy.protocol.wire import Wire

MAX_CONTENT_CHARS = 1_500_000
MAX_FIELD_CHARS = 512
"""Of a title, a base URL, the name of an edition."""
MAX_URL_CHARS = 2_048

_Field = Annotated[str, Field(max_length=MAX_FIELD_CHARS)]


class ContentRequest(Wire):
    """The new text of a page."""

    content: Annotated[str, Field(min_length=1, max_length=MAX_CONTENT_CHARS)]


class SiteRequest(Wire):
    """A site whose pages are to go into a book."""

    url: Annotated[str, Field(min_length=1, max_length=MAX_URL_CHARS)]
    """Of a page, of which all below its folder is the site, or of a sitemap."""
    book: _Field
    mode: Literal["add", "replace"] = "add"
    title: _Field | None = None
    base_url: _Field | None = None
    edition: _Field | None = None
