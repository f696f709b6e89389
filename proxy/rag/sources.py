"""What a passage is called and where it can be read."""

from dataclasses import dataclass

from proxy.corpus import Chunk


@dataclass(slots=True)
class SourceLinks:
    """Where a passage can be read."""

    base_url: str
    """Where this proxy is reached, without trailing slash."""

    def url(self, chunk: Chunk) -> str:
        """Return the page of the passage: the book's own site, or ours where it has none."""
        if chunk.is_selection:  # it is nowhere but on the page the reader has open
            return chunk.url or ""
        return chunk.url or f"{self.base_url}/v1/sources/{chunk.chunk_id}"


def title_of(chunk: Chunk) -> str:
    """Return a title that names the place: the headings from the page down; never empty."""
    return " › ".join(chunk.heading_path) or chunk.title or chunk.document_id
