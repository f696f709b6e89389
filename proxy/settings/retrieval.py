"""What finding passages needs: a model for vectors, a place for the index, rules for the search."""

from pathlib import Path
from typing import Literal

from pydantic import Field, Json

from proxy.settings.fields import BaseUrl, Group, Key, SearchMode, SearchModes


class EmbeddingSettings(Group):
    """Which model turns text into vectors."""

    embedder: Literal["gemini", "local"] | None = Field(
        None,
        alias="EMBEDDER",
        description="`gemini` or `local` (the bundled model); unset: `gemini` with a key or "
        "Vertex AI, else `local`.",
    )
    dimensions: int = Field(
        768,
        ge=128,
        le=3072,
        alias="EMBEDDING_DIMENSIONS",
        description="Vector size of the index when `EMBEDDER=gemini`.",
    )
    too_long: Literal["refuse", "cut"] = Field(
        "refuse",
        alias="PROXY_EMBEDDING_TOO_LONG",
        description="What `/v1/embeddings` does with a text far beyond what a Gemini model reads: "
        "`refuse` answers 400, `cut` leaves out the rest.",
    )
    texts_per_minute: int = Field(
        3_000,
        ge=0,
        alias="PROXY_EMBED_TEXTS_PER_MINUTE",
        description="How many texts an ingest has Gemini embed in a minute, at most: Google counts "
        "texts, not calls; 0: no limit of ours.",
    )
    contexts_per_minute: int = Field(
        300,
        ge=0,
        alias="PROXY_CONTEXTS_PER_MINUTE",
        description="How many contexts of chunks an ingest has the fast model write in a minute, "
        "at most (`ingest --context llm`); 0: no limit of ours.",
    )
    batch_poll_s: float = Field(
        30.0,
        ge=0.1,
        le=3_600,
        alias="PROXY_EMBED_BATCH_POLL_S",
        description="How often `ingest --batch` asks Gemini whether a batch is over.",
    )
    query_timeout_s: float = Field(
        1.5, gt=0, alias="PROXY_EMBED_TIMEOUT_S", description="Limit for embedding a question."
    )


class QdrantSettings(Group):
    """Where the index is."""

    url: BaseUrl | None = Field(
        None,
        alias="QDRANT_URL",
        description="A Qdrant server; unset: embedded, under `PROXY_DATA_DIR`.",
    )
    api_key: Key | None = Field(None, alias="QDRANT_API_KEY", description="Its API key.")
    collection: str = Field(
        "books",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        alias="QDRANT_COLLECTION",
        description="Prefix of the collections; one collection per embedding model and size.",
    )
    existing_collection: str | None = Field(
        None,
        pattern=r"^[^/?#%\s]{1,255}$",
        alias="QDRANT_EXISTING_COLLECTION",
        description="A collection that another service filled, read as it is and never written "
        "to; needs `QDRANT_URL`.",
    )
    payload_map: Json[dict[str, str]] | None = Field(
        None,
        alias="QDRANT_PAYLOAD_MAP",
        description="JSON from `text`, `title`, `url`, `document`, `section` to that collection's "
        "keys, dots for nesting; unset: the usual keys.",
    )
    vector_name: str | None = Field(
        None, alias="QDRANT_VECTOR_NAME", description="Its dense vector; unset: its only one."
    )
    timeout_s: float = Field(
        0.8, gt=0, alias="PROXY_SEARCH_TIMEOUT_S", description="Limit for one search."
    )


class RagSettings(Group):
    """Retrieval and grounding."""

    search_mode: SearchMode = Field(
        "hybrid",
        alias="PROXY_SEARCH_MODE",
        description="How books are searched: `hybrid` by meaning and by words, their scores added "
        "up; `rrf` by both, their ranks added up; `dense` by meaning; `bm25` by words.",
    )
    book_search_modes: SearchModes = Field(
        default_factory=dict[str, SearchMode],
        alias="PROXY_BOOK_SEARCH_MODES",
        description="Books that are searched otherwise: comma-separated `book=mode`.",
    )
    top_k: int = Field(
        8, ge=1, le=50, alias="PROXY_TOP_K", description="Passages given to the model at most."
    )
    min_score: float | None = Field(
        None,
        ge=-1,
        le=1,
        alias="PROXY_MIN_SCORE",
        description="Score below which a passage is not used; unset: all of them, if the best one "
        "is above the embedding model's own floor.",
    )
    rerank: Literal["none", "llm", "local"] = Field(
        "none",
        alias="PROXY_RERANK",
        description="Who reads the best candidates and puts them in order: `none`, `llm` (the fast "
        "model), `local` (a cross-encoder in `PROXY_RERANK_FOLDER`).",
    )
    rerank_folder: Path | None = Field(
        None,
        alias="PROXY_RERANK_FOLDER",
        description="Folder of a cross-encoder: `model.onnx` and `tokenizer.json`.",
    )
    rerank_timeout_s: float = Field(
        1.5,
        gt=0,
        alias="PROXY_RERANK_TIMEOUT_S",
        description="Limit for reranking; then the order of the search counts.",
    )
    max_context_tokens: int = Field(
        6_000,
        ge=200,
        le=500_000,
        alias="PROXY_MAX_CONTEXT_TOKENS",
        description="Tokens of passages in one prompt at most.",
    )
    rewrite: Literal["auto", "llm", "rules", "off"] = Field(
        "auto",
        alias="PROXY_REWRITE",
        description="How a follow-up that does not stand alone becomes a search query: `llm` asks "
        "the fast model, `rules` puts in what was asked about before, `off` searches for its own "
        "words; `auto` is `llm` with Gemini, else `rules`.",
    )
    rewrite_timeout_s: float = Field(
        1.0,
        gt=0,
        alias="PROXY_REWRITE_TIMEOUT_S",
        description="Limit for the fast model's rewriting; then the rules' query counts.",
    )
    when_unavailable: Literal["degrade", "fail"] = Field(
        "degrade",
        alias="PROXY_RETRIEVAL_POLICY",
        description="When the book cannot be searched: `degrade` answers without it and says so, "
        "`fail` answers 503.",
    )
