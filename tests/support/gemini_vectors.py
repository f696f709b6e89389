"""Embeddings without a model: texts that share words point the same way.

Pure; the fake Gemini's default answer to embedding requests. Two properties of the real ones are
kept because code has to cope with them: unrelated texts are not orthogonal (all vectors share a
direction), and gemini-embedding-001 is of unit length at 3072 dimensions only.
"""

import hashlib
import math
import re

import numpy as np
from numpy.typing import NDArray

FULL_DIMENSIONS = 3072
TRUNCATED_NORM = 0.58
"""Length of gemini-embedding-001's vectors below 3072; 0.57–0.59 were recorded at 768."""
UNRELATED_SIMILARITY = 0.5
"""Cosine of two texts without a word in common."""
_PLACES_PER_WORD = 8


def _weight(word: str) -> float:
    """Return how much a word says: long ones are the rare ones, and there is no corpus to count."""
    return max(0.1, len(word) - 3.0)


def bag_of_words(text: str, dimensions: int) -> NDArray[np.float64]:
    """Return the unit vector of a text, shape (dimensions,).

    The order of words does not count, nor do capitals.
    """
    own = np.zeros(dimensions)
    words = re.findall(r"\w+", text.lower()) or [text]
    for word in words:
        places = np.frombuffer(hashlib.blake2b(word.encode()).digest(), dtype="<u4")
        chosen = places[:_PLACES_PER_WORD]
        np.add.at(own, chosen % dimensions, np.where(chosen >> 31, 1.0, -1.0) * _weight(word))
    length = float(np.linalg.norm(own))
    if length:
        own /= length
    shared = np.full(dimensions, 1 / math.sqrt(dimensions))
    mixed = math.sqrt(UNRELATED_SIMILARITY) * shared + math.sqrt(1 - UNRELATED_SIMILARITY) * own
    return mixed / np.linalg.norm(mixed)


def embedding(text: str, *, model: str, dimensions: int) -> list[float]:
    """Return what `model` would answer for a text; see the module for lengths."""
    vector = bag_of_words(text, dimensions)
    is_whole = dimensions == FULL_DIMENSIONS or not model.endswith("-001")
    return (vector if is_whole else vector * TRUNCATED_NORM).tolist()
