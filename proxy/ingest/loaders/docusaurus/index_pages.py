"""The pages that Docusaurus makes for categories, as files of Markdown that nobody wrote.

Source: https://docusaurus.io/docs/sidebar/items#generated-index-page.
"""

import json
from collections.abc import Iterator

from proxy.ingest.loaders.base import Beside
from proxy.ingest.loaders.docusaurus.site import site_of


def index_pages(beside: Beside) -> Iterator[tuple[str, bytes]]:
    """Yield (document id, text) of the index pages of the book's categories.

    Those of a translated site have the same text until somebody translates it, and are left out.
    """
    site = site_of(beside)
    start = f"{beside.place}/" if beside.place else ""
    for area in site.areas if site else ():
        if area.sidebars is None or area.is_translation or not f"{area.folder}/".startswith(start):
            continue
        below = f"{area.folder}/".removeprefix(start)
        for page in area.sidebars.index_pages:
            matter = f"title: {json.dumps(page.title)}\nslug: {json.dumps(page.slug)}"
            text = f"---\n{matter}\n---\n\n# {page.title}\n\n{page.description}\n"
            yield f"{below}{page.slug.strip('/')}.index.md", text.encode()
