"""From what the author named to the files of a book: folders are looked into, sites are read.

Called by `pipeline.py`.
"""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from proxy.corpus import NOWHERE, check_base_url
from proxy.errors import InvalidRequest
from proxy.ingest.loaders.base import SourceFile
from proxy.ingest.loaders.sources import Expansion, expand
from proxy.ingest.report import Progress
from proxy.ports import SiteContent, SiteReader

_READ_AS = {"text/html": ".html", "application/pdf": ".pdf"}


async def gather(
    sources: Sequence[str | Path], sites: SiteReader | None, folder: Path, progress: Progress
) -> Expansion:
    """Return the files that all sources stand for; pages of sites are put in `folder`.

    Raises:
        InvalidRequest: a source is a site, and nobody here reads sites.
    """
    urls = urls_in(sources)
    files = [source for source in sources if source not in urls]
    found = await asyncio.to_thread(expand, files)
    if not urls:
        return found
    if sites is None:
        raise InvalidRequest("Sites are not read here; name files and folders")
    progress.stage("fetch", 0)
    for number, url in enumerate(urls):
        place = folder / str(number)
        place.mkdir()
        found.extend(files_of(await sites.read_site(url, place, advance=progress.advance)))
    return found


def base_url_of(base_url: str | None, sources: Sequence[str | Path]) -> str | None:
    """Return where the book's pages are served: as given, else the site among its sources.

    "" is returned for `NOWHERE`, None where nothing says it.

    Raises:
        InvalidRequest: it is no base URL, or the sources are of several sites.
    """
    if base_url is None:
        return origin_of(urls_in(sources))
    return "" if base_url == NOWHERE else check_base_url(base_url)


def urls_in(sources: Sequence[str | Path]) -> list[str]:
    """Return the sources that are addresses."""
    named = [source for source in sources if isinstance(source, str)]
    return [source for source in named if source.startswith(("http://", "https://"))]


def origin_of(urls: Iterable[str]) -> str | None:
    """Return the scheme and host that the addresses share, None without any.

    Raises:
        InvalidRequest: they are of several sites.
    """
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in urls}
    if len(origins) > 1:
        raise InvalidRequest("A book has one site; ingest the others as books of their own")
    return origins.pop() if origins else None


def files_of(content: SiteContent) -> Expansion:
    """Return the pages of a site as files of a book."""
    files: dict[str, SourceFile] = {}
    for page in content.pages:
        name = unquote(urlsplit(page.url).path).lstrip("/")
        if not name or name.endswith("/"):
            name += "index.html"
        files.setdefault(
            name, SourceFile(page.path, name, shown_as=page.url, reads_as=_READ_AS[page.media_type])
        )
    ordered = sorted(files.values(), key=lambda file: file.document_id)
    return Expansion(ordered, list(content.failed), is_complete=not content.failed)
