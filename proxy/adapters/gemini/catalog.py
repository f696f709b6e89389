"""What the upstream says of its own models, asked for in the background and never waited for.

Until it has answered, and for names it does not know, the built-in table (`profiles.py`) stands.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

from proxy.adapters.gemini.profiles import (
    NEWEST,
    Profile,
    embedding_profile_of,
    profile_of,
    shutdown_date_of,
)
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.protocol.chat_request import PENALTIES, SAMPLING
from proxy.protocol.models import ModelDetails
from proxy.telemetry.logs import log

_ASK_TIMEOUT_S = 20.0
_FRESH_S = 24 * 3_600.0
_RETRY_S = 600.0
_MAX_PAGES = 20
"""A list that never ends is a fault."""
_SPEAKING = ("-tts", "-audio", "-live")
"""Parts of the names of models that answer in sound, which a chat cannot show."""


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as the upstream lists it."""

    name: str
    title: str | None
    input_token_limit: int | None
    output_token_limit: int | None
    answers: bool
    """Whether it has generateContent."""
    thinks: bool


class UpstreamModels:
    """The upstream's list of models, as old as `kept_fresh` lets it get.

    Args:
        transport: how it is asked.
        fresh_s: seconds until an answer is asked for again.
        retry_s: the same after a failure.
    """

    def __init__(
        self, transport: GeminiTransport, *, fresh_s: float = _FRESH_S, retry_s: float = _RETRY_S
    ) -> None:
        self._transport = transport
        self._fresh_s = fresh_s
        self._retry_s = retry_s
        self._listed: Mapping[str, ListedModel] = {}
        self._profiles: Mapping[str, Profile] = {}
        self._has_failed = False

    def names(self) -> Sequence[str]:
        """Return the models that can be chatted with, in the upstream's order.

        There are none before it has answered.
        """
        return [
            model.name
            for model in self._listed.values()
            if model.answers and not any(part in model.name for part in _SPEAKING)
        ]

    def profile_of(self, model: str) -> Profile:
        """Return the capabilities of a model, its limits as the upstream says them."""
        return self._profiles.get(model) or profile_of(model)

    def details(self, model: str) -> ModelDetails:
        """Return what a client is told of a model that answers."""
        listed, profile = self._listed.get(model), self.profile_of(model)
        return ModelDetails(
            title=listed.title if listed else None,
            context_length=profile.input_token_limit,
            max_output_tokens=profile.output_token_limit,
            capabilities={
                "completion_chat": True,
                "function_calling": profile.has_tools,
                "image_output": profile.makes_images,
                "reasoning": profile.thinks,
                "structured_output": True,
                "vision": True,
            },
            shutdown_date=shutdown_date_of(model),
        )

    def params_without_effect(self, model: str) -> frozenset[str]:
        """Return which parameters of a chat make no difference to a model that answers."""
        profile = self.profile_of(model)
        return (frozenset[str]() if profile.honours_sampling else SAMPLING) | (
            frozenset[str]() if profile.accepts_penalties else PENALTIES
        )

    def embedding_details(self, model: str) -> ModelDetails:
        """Return what a client is told of a model that embeds."""
        listed = self._listed.get(model)
        limit = listed.input_token_limit if listed else None
        return ModelDetails(
            title=listed.title if listed else None,
            context_length=limit or embedding_profile_of(model).input_token_limit,
            capabilities={"embeddings": True},
            shutdown_date=shutdown_date_of(model),
        )

    async def refresh(self, deadline: Deadline) -> None:
        """Ask for the whole list; keep the one before where that fails.

        Raises:
            ProxyError: it failed.
        """
        listed: dict[str, ListedModel] = {}
        token = ""
        for _ in range(_MAX_PAGES):
            page = await self._transport.model_page(token, deadline)
            if page is None:
                return
            listed.update((model.name, model) for model in models_in(page))
            token = page.get("nextPageToken") or ""
            if not isinstance(token, str) or not token:
                break
        self._profiles = {name: _refined(model) for name, model in listed.items()}
        self._listed = listed

    @asynccontextmanager
    async def kept_fresh(self) -> AsyncGenerator[None]:
        """Ask now, and again and again, beside what happens within; entering waits for nothing."""
        task = asyncio.create_task(self._keep_fresh())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _keep_fresh(self) -> None:
        while True:
            try:
                await self.refresh(Deadline.after(_ASK_TIMEOUT_S))
                wait_s = self._fresh_s
            except ProxyError as exc:
                if not self._has_failed:
                    log.info("model_list_unavailable", code=exc.code)
                self._has_failed = True
                wait_s = self._retry_s
            await asyncio.sleep(wait_s)


def models_in(page: Mapping[str, Any]) -> list[ListedModel]:
    """Return the models of one page; what cannot be read is left out."""
    found = page.get("models")
    entries = cast("list[Any]", found) if isinstance(found, list) else []
    return [model for entry in entries if (model := _model(entry)) is not None]


def _model(entry: Any) -> ListedModel | None:
    if not isinstance(entry, dict):
        return None
    fields = cast("dict[str, Any]", entry)
    name, title = fields.get("name"), fields.get("displayName")
    methods = fields.get("supportedGenerationMethods")
    if not isinstance(name, str):
        return None
    return ListedModel(
        name=name.removeprefix("models/"),
        title=title if isinstance(title, str) and title else None,
        input_token_limit=_limit(fields.get("inputTokenLimit")),
        output_token_limit=_limit(fields.get("outputTokenLimit")),
        answers=isinstance(methods, list) and "generateContent" in methods,
        thinks=fields.get("thinking") is True,
    )


def _limit(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _refined(model: ListedModel) -> Profile:
    """Return what the table says of a model, corrected.

    Whether it thinks at all is believed where the table has no entry of its own for it: sent to a
    model that does not, a thinking level is an error.
    """
    known = profile_of(model.name)
    if known is NEWEST and not model.thinks:
        known = replace(known, levels=(), default_level=None)
    return replace(
        known,
        input_token_limit=model.input_token_limit or known.input_token_limit,
        output_token_limit=model.output_token_limit or known.output_token_limit,
    )
