"""Runs an ONNX model: the border to onnxruntime, whose Python names have no types.

Called by `embedder.py`.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from pathlib import Path

import numpy as np
import onnxruntime

from proxy.queries import FloatVector

_ERRORS_ONLY = 3
"""onnxruntime's severity; on warnings it writes to stderr about missing GPUs."""


class Encoder:
    """The sentence encoder; its `run` may be called from several threads at once."""

    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        # Texts are read side by side instead, and idle threads of the session would spin.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(model, options, providers=providers)

    def run(self, token_ids: list[int]) -> FloatVector:
        """Return the unit vector of one text."""
        output = self._session.run(None, {"input_ids": np.array([token_ids], np.int64)})
        return np.asarray(output[0], np.float32)[0]
