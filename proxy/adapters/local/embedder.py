"""The bundled embedding model, all-MiniLM-L6-v2 in int8, run by onnxruntime on the CPU.

Implements `ports.Embedder`. The model reads one text at a time: measured on two cores that is 1.35
times as fast as batches of equal length, and because activations are quantised per run, a batch
would let a text's vector depend on its neighbours. Several texts are read side by side, one thread
each.
"""

import asyncio
import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from proxy.adapters.local.session import Encoder
from proxy.adapters.local.wordpieces import WordpieceCounter, load_tokenizer
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest, UpstreamTimeout
from proxy.ports import Embeddings, FloatMatrix, TextRole
from proxy.queries import FloatVector

WEIGHTS = Path(__file__).with_name("weights")
MODEL = "all-minilm-l6-v2"
DIMENSIONS = 384
MAX_TOKENS = 256
"""The model was trained on texts of this length, special tokens included."""
SPECIAL_TOKENS = 2
"""`[CLS]` and `[SEP]`, which every text gets."""
MAX_CHARS = 32_768
"""Far more than 256 wordpieces of any real text; the rest is not even tokenised."""
RELEVANCE_FLOOR = 0.30
_TEXTS_AT_ONCE = 8
"""In one trip to a thread: a trip for each text leaves the threads idle a tenth of the time."""


class WeightsMissing(FileNotFoundError):
    """The model's files are not where they should be; the message says how to make them."""


class LocalEmbedder:
    """Embeds texts in worker threads; safe to share between tasks and threads.

    Args:
        folder: holds `model.onnx` and `tokenizer.json`, as `tools/bundle_model.py` makes them.
        threads: how many texts are read side by side; None: one per core.

    Raises:
        WeightsMissing: the folder does not hold the model.
    """

    def __init__(self, folder: Path = WEIGHTS, *, threads: int | None = None) -> None:
        files = [folder / "model.onnx", folder / "tokenizer.json"]
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            raise WeightsMissing(
                f"the embedding model is not in {folder} ({', '.join(missing)} missing): "
                "run `make install` (or `make run`), which makes it"
            )
        self._threads = threads or os.cpu_count() or 1
        self._encoder = Encoder(files[0])
        self._tokenizer = load_tokenizer(files[1])
        self._counter = WordpieceCounter(self._tokenizer)
        self._workers = ThreadPoolExecutor(self._threads, thread_name_prefix="embedder")
        # A question of a reader's, whose search has a second or two, waits for no one else's texts.
        self._questions = ThreadPoolExecutor(1, thread_name_prefix="embedder-question")

    @property
    def model(self) -> str:
        """Name of the model, part of the collection's name."""
        return MODEL

    @property
    def dimensions(self) -> int:
        """Size of the vectors: the model has no other."""
        return DIMENSIONS

    @property
    def relevance_floor(self) -> float:
        """Cosine similarity below which a passage has nothing to do with a question."""
        return RELEVANCE_FLOOR

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,  # noqa: ARG002 - there is but this one
    ) -> Embeddings:
        """Return one unit vector per text, in order; equal texts always have equal vectors.

        The event loop is free meanwhile. A long list leaves room for other calls: it never has more
        than a few texts per thread in the queue. The model reads questions and passages alike, but
        a single question has a thread that nothing else is read in.

        Raises:
            InvalidRequest: `dimensions` other than 384.
            UpstreamTimeout: the deadline passed.
        """
        if dimensions not in (None, DIMENSIONS):
            raise InvalidRequest(
                f"{MODEL} makes vectors of {DIMENSIONS} dimensions only.", param="dimensions"
            )
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        # A short list is shared by all threads too.
        size = min(_TEXTS_AT_ONCE, math.ceil(len(texts) / self._threads)) or 1
        parts = [slice(start, start + size) for start in range(0, len(texts), size)]
        waiting = iter(parts)
        workers = self._questions if role == "query" and len(texts) == 1 else self._workers
        try:
            async with asyncio.timeout(deadline.remaining_s()), asyncio.TaskGroup() as group:
                readers = [
                    group.create_task(self._read(texts, waiting, vectors, workers))
                    for _ in range(min(self._threads, len(parts)))
                ]
        except TimeoutError as exc:
            raise UpstreamTimeout("Embedding took longer than the request may.") from exc
        return Embeddings(vectors, sum(reader.result() for reader in readers))

    def count_tokens(self, text: str) -> int:
        """Return the number of wordpieces in `text`, however many; special tokens left out."""
        return self._counter.count(text)

    def close(self) -> None:
        """End the worker threads; embedding is over."""
        self._workers.shutdown()
        self._questions.shutdown()

    async def _read(
        self,
        texts: Sequence[str],
        waiting: Iterator[slice],
        vectors: FloatMatrix,
        workers: ThreadPoolExecutor,
    ) -> int:
        """Embed texts until none is waiting; return the tokens read."""
        loop = asyncio.get_running_loop()
        tokens = 0
        for rows in waiting:
            read = await loop.run_in_executor(workers, self._embed_some, texts[rows], vectors[rows])
            tokens += read
        return tokens

    def _embed_some(self, texts: Sequence[str], vectors: FloatMatrix) -> int:
        """Fill in the vectors of texts, a row each; return the tokens read."""
        tokens = 0
        for row, text in enumerate(texts):
            vectors[row], read = self._embed_one(text)
            tokens += read
        return tokens

    def _embed_one(self, text: str) -> tuple[FloatVector, int]:
        """Return the vector of a text and how many of its wordpieces were read."""
        ids = self._tokenizer.encode(_encodable(text[:MAX_CHARS])).ids
        if len(ids) > MAX_TOKENS:
            ids = [*ids[: MAX_TOKENS - 1], ids[-1]]
        return self._encoder.run(ids), len(ids) - SPECIAL_TOKENS


def _encodable(text: str) -> str:
    """Return the text with lone surrogates, which the tokenizer refuses, as question marks."""
    return text.encode("utf-8", "replace").decode()


@cache
def _bundled_counter() -> WordpieceCounter:
    return WordpieceCounter(load_tokenizer(WEIGHTS / "tokenizer.json"))


def count_tokens(text: str) -> int:
    """Count as the bundled model does, without the model.

    A function, so that it can be sent to where texts are cut; the vocabulary is read there, once.
    """
    return _bundled_counter().count(text)
