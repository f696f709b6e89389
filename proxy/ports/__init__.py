"""What the core asks of the outside world; each port has two real implementations.

The docstrings are the contract and `tests/contract` holds every implementation to it.
"""

from proxy.ports.answering import Cache, ChatGenerator, Grounding, ImageFetcher, Reranker
from proxy.ports.batches import BatchAnswer, BatchEmbedder, BatchLedger, BatchLost
from proxy.ports.books import BookIndex, EditionDraft, IndexWriter
from proxy.ports.contexts import ContextAuthor, ContextStore
from proxy.ports.engines import Engine
from proxy.ports.sites import FetchedPage, SiteContent, SiteReader
from proxy.ports.vectors import Embedder, Embeddings, FloatMatrix, TextRole, VectorJournal

__all__ = [
    "BatchAnswer",
    "BatchEmbedder",
    "BatchLedger",
    "BatchLost",
    "BookIndex",
    "Cache",
    "ChatGenerator",
    "ContextAuthor",
    "ContextStore",
    "EditionDraft",
    "Embedder",
    "Embeddings",
    "Engine",
    "FetchedPage",
    "FloatMatrix",
    "Grounding",
    "ImageFetcher",
    "IndexWriter",
    "Reranker",
    "SiteContent",
    "SiteReader",
    "TextRole",
    "VectorJournal",
]
