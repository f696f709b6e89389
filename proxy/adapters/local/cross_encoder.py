"""`ports.Reranker` by a cross-encoder that the user has put into a folder, run by onnxruntime.

Most cross-encoders are published with the two files needed: `model.onnx`, which takes the word
pieces of a question and a text and gives one score, and `tokenizer.json`.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (onnxruntime and tokenizers have no types)

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from proxy.deadline import Deadline
from proxy.errors import ConfigurationError, UpstreamTimeout

MAX_TOKENS = 512
"""Of question and text together; what is longer is cut."""
_ERRORS_ONLY = 3


class CrossEncoder:
    """Scores texts one by one in a worker thread.

    Raises:
        ConfigurationError: the folder does not hold the two files, or they cannot be used.
    """

    def __init__(self, folder: Path, *, limit_s: float) -> None:
        self._limit_s = limit_s
        files = [folder / "model.onnx", folder / "tokenizer.json"]
        if missing := [file.name for file in files if not file.is_file()]:
            raise ConfigurationError(f"PROXY_RERANK_FOLDER: no {missing[0]} in {folder}")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        providers = ["CPUExecutionProvider"]
        try:
            self._session: Any = onnxruntime.InferenceSession(
                files[0], options, providers=providers
            )
            self._tokenizer = Tokenizer.from_file(str(files[1]))
        except Exception as exc:  # both libraries raise bare exceptions of their own
            raise ConfigurationError(f"PROXY_RERANK_FOLDER: {folder} cannot be used") from exc
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
        self._tokenizer.no_padding()
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="reranker")

    async def order(
        self, question: str, texts: Sequence[str], *, deadline: Deadline
    ) -> Sequence[int]:
        """See `ports.Reranker.order`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(deadline.within(self._limit_s)):
                scores = [
                    await loop.run_in_executor(self._worker, self._score, question, text)
                    for text in texts
                ]
        except TimeoutError as exc:
            raise UpstreamTimeout(f"Reranking took over {self._limit_s:.2g} seconds.") from exc
        return sorted(range(len(texts)), key=lambda n: -scores[n])

    def close(self) -> None:
        """End the worker thread; reranking is over."""
        self._worker.shutdown()

    def _score(self, question: str, text: str) -> float:
        encoded = self._tokenizer.encode(question, text)
        columns = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        given = {
            name: np.array([column], np.int64)
            for name, column in columns.items()
            if name in self._inputs
        }
        (output, *_) = self._session.run(None, given)
        # One score, or one for "no" and one for "yes".
        return float(np.asarray(output, np.float64).reshape(-1)[-1])
