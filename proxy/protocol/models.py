"""The model names a client may use: what each stands for, and the list `/v1/models` gives.

Chat UIs and scripts come with `gpt-4o` and `text-embedding-3-small` written into them; those names
are answered by the configured models. A colon after a name may carry a retrieval option
(`:no-rag`, `:book=ID`); other colons belong to the name (Ollama tags).

An OpenAI-compatible upstream has models of any name: there every name is passed on as it is, but
for OpenAI's own where the upstream is not OpenAI.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from proxy.errors import ModelNotFound

_REMEMBERED_NAMES = 1_024
_PREFIXES = ("models/", "google/", "gemini/")
_FAST = re.compile(r"gpt-[^:]*-(mini|nano)(-[^:]*)?|gpt-3\.5[^:]*|o\d+-mini(-[^:]*)?")
_MAIN = re.compile(r"gpt-[^:]+|gpt-oss:[^:]+|chatgpt-[^:]+|o\d+(-[^:]+)?")
"""OpenAI's names have no colon; what stands behind one is a slip of a suffix."""
_GEMINI = re.compile(r"(gemini|gemma)-[A-Za-z0-9._-]{1,100}")
"""Any such name is passed on, known or not; what else could stand in a URL's path is not."""
_ANY = re.compile(r"[!-~]{1,256}")
"""What fits into a response header."""
_OPEN_WEIGHTS = "gpt-oss"
"""A model that others serve too, and so no alias."""
_SUFFIX = re.compile(r"(?P<name>.+?)(?P<options>(?::no-rag|:book=[A-Za-z0-9._,-]+)+)")

_NO_SUFFIX = re.compile(r".*:[^:/]*=.*", re.DOTALL)
"""No model is called so: an option that is none of ours, or has no value."""

EMBEDDING_ALIASES = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
"""OpenAI's embedding models with the size of vector their users expect."""


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A requested name and what it stands for."""

    requested: str
    """As the client wrote it; answers carry this name."""
    upstream: str
    rag: dict[str, Any] = field(default_factory=dict[str, Any])
    """Retrieval options of the name's suffix."""


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """What is known of a model beyond its name; chat UIs read it from `/v1/models`."""

    title: str | None = None
    context_length: int | None = None
    """Tokens it reads."""
    max_output_tokens: int | None = None
    capabilities: Mapping[str, bool] = field(default_factory=dict[str, bool])
    shutdown_date: str | None = None
    """ISO date of the day on which it is switched off, where that was announced."""

    def as_card(self) -> dict[str, Any]:
        """Return the fields that a model's description gets of it."""
        fields: dict[str, Any] = {
            "name": self.title,
            "context_length": self.context_length,
            "max_completion_tokens": self.max_output_tokens,
            "capabilities": dict(self.capabilities),
            "shutdown_date": self.shutdown_date,
        }
        return {name: value for name, value in fields.items() if value}


def _nothing_known(_model: str) -> ModelDetails:
    return ModelDetails()


def _all_have_an_effect(_model: str) -> frozenset[str]:
    return frozenset()


def _no_others() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class ModelCatalog:
    """The configured models."""

    main: str
    fast: str
    embedding: str
    native_embedding_dimensions: int
    """Size of the vectors `/v1/embeddings` returns when neither request nor name says one."""
    answers_offline: bool
    """Every chat name, `gemini-*` included, is answered by the offline reader."""
    embeds_locally: bool
    """Every embedding name is answered by the bundled model, at its own size."""
    created_unix_s: int
    details: Callable[[str], ModelDetails] = _nothing_known
    """By the upstream name of a model that answers."""
    embedding_details: Callable[[str], ModelDetails] = _nothing_known
    """By the upstream name of a model that embeds."""
    params_without_effect: Callable[[str], frozenset[str]] = _all_have_an_effect
    """By the upstream name of a model that answers: parameters it ignores, or would refuse."""
    others: Callable[[], Sequence[str]] = _no_others
    """Further models the upstream has, to choose from."""
    passes_any_name: bool = False
    """The upstream is OpenAI-compatible: what is not known here may be known there."""
    is_openai_itself: bool = False
    """OpenAI's own names are no aliases then, but models of the upstream."""

    def resolve_chat(self, name: str) -> ResolvedModel:
        """Return what a chat model's name stands for.

        Raises:
            ModelNotFound: neither a Gemini model, nor configured, nor an alias.
        """
        base, rag = split_suffix(name)
        if _NO_SUFFIX.fullmatch(base):
            raise _unknown(name)
        if self.passes_any_name:
            return ResolvedModel(name, self._on_another_upstream(base), rag)
        bare = _without_prefix(base)
        if bare in {self.main, self.fast}:
            return ResolvedModel(name, bare, rag)
        if _FAST.fullmatch(bare):
            return ResolvedModel(name, self.fast, rag)
        if _MAIN.fullmatch(bare):
            return ResolvedModel(name, self.main, rag)
        if _GEMINI.fullmatch(bare) and "embedding" not in bare:
            return ResolvedModel(name, self.main if self.answers_offline else bare, rag)
        raise _unknown(name)

    def _on_another_upstream(self, name: str) -> str:
        """Return the upstream name: there is no telling which names it knows."""
        if not _ANY.fullmatch(name):
            raise _unknown(name)
        if self.is_openai_itself or name in {self.main, self.fast} or _OPEN_WEIGHTS in name:
            return name
        if _FAST.fullmatch(name):
            return self.fast
        return self.main if _MAIN.fullmatch(name) else name

    def resolve_embedding(self, name: str) -> tuple[str, int | None]:
        """Return the upstream model and the vector size its name promises (None: the model's own).

        Raises:
            ModelNotFound: not an embedding model.
        """
        bare = _without_prefix(name)
        is_gemini = bool(_GEMINI.fullmatch(bare)) and "embedding" in bare
        if bare != self.embedding and bare not in EMBEDDING_ALIASES and not is_gemini:
            raise _unknown(name)
        if self.embeds_locally:
            return self.embedding, None
        if bare in EMBEDDING_ALIASES:
            return self.embedding, EMBEDDING_ALIASES[bare]
        return bare, None

    def card(self, name: str) -> dict[str, Any]:
        """Return OpenAI's description of one model.

        Raises:
            ModelNotFound: no such model.
        """
        try:
            self.resolve_embedding(name)
        except ModelNotFound:
            self.resolve_chat(name)
            return self._card(name, answers=True)
        return self._card(name, answers=False)

    def longest_embedding_input(self, model: str) -> int | None:
        """Return how many tokens an embedding model reads of a text, None where that is not known.

        `model` is an upstream name.
        """
        return None if self.embeds_locally else self.embedding_details(model).context_length

    def listing(self, book_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return every model to choose from, the main one and its variants per book first."""
        chat = [self.main, *(f"{self.main}:book={book}" for book in book_ids)]
        chat.append(f"{self.main}:no-rag")
        if self.fast != self.main:
            chat.append(self.fast)
        chat += [name for name in self.others() if name not in chat and _GEMINI.fullmatch(name)]
        cards = [self._card(name, answers=True) for name in chat]
        return [*cards, self._card(self.embedding, answers=False)]

    def _card(self, name: str, *, answers: bool) -> dict[str, Any]:
        is_local = self.answers_offline if answers else self.embeds_locally
        owner = "upstream" if answers and self.passes_any_name else "google"
        card: dict[str, Any] = {
            "id": name,
            "object": "model",
            "created": self.created_unix_s,
            "owned_by": "book-proxy" if is_local else owner,
        }
        if not is_local:
            known = (
                self.details(self.resolve_chat(name).upstream)
                if answers
                else self.embedding_details(self.resolve_embedding(name)[0])
            )
            card |= known.as_card()
        if answers and is_local:
            card["description"] = (
                "The built-in offline reader: it quotes the book and writes nothing of its own. "
                "Set GEMINI_API_KEY to be answered by Gemini."
            )
        return card


def split_suffix(name: str) -> tuple[str, dict[str, Any]]:
    """Return the name without its retrieval suffixes, and the options those stand for."""
    match = _SUFFIX.fullmatch(name) if ":" in name else None
    if match is None:
        return name, {}
    given = match["options"].split(":")[1:]
    options: dict[str, Any] = {}
    if "no-rag" in given:
        options["enabled"] = False
    if books := [option.removeprefix("book=") for option in given if option != "no-rag"]:
        options["books"] = ",".join(books)
    return match["name"], options


@lru_cache(maxsize=_REMEMBERED_NAMES)
def _without_prefix(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _unknown(name: str) -> ModelNotFound:
    suffixes = " Of suffixes only ':book=ID' and ':no-rag' are known." if ":" in name else ""
    return ModelNotFound(
        f"The model '{name[:100]}' does not exist here, or not for this; GET /v1/models lists those"
        f" that do.{suffixes}",
        param="model",
    )
