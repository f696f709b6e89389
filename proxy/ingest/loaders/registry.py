"""Which loader reads which file: one line per extension."""

from collections.abc import Mapping

from proxy.ingest.loaders import markdown
from proxy.ingest.loaders.base import Loader

LOADERS: Mapping[str, Loader] = {
    ".md": markdown.load,
    ".markdown": markdown.load,
    ".mdx": markdown.load,
}
"""By lower-case extension."""
