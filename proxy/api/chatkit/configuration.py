"""GET /chatkit/config: the options of a site's panel, so that changing one rebuilds no site."""

from typing import Any

from proxy.api.chatkit.composer import CHOICES
from proxy.api.chatkit.user_input import MAX_TEXT_CHARS
from proxy.caller import Caller
from proxy.protocol.models import ModelCatalog
from proxy.state import AppState


def configuration(state: AppState, caller: Caller) -> dict[str, Any]:
    """Return the options of ChatKit.js that the server knows best."""
    settings = state.settings.chatkit
    allowance = state.gate.allowance(caller)
    return {
        "domainKey": settings.domain_key,
        "greeting": settings.greeting,
        "prompts": [{"label": prompt, "prompt": prompt} for prompt in settings.prompts],
        "models": _models(state.catalog),
        "tools": [
            {"id": choice.tool_id, "label": choice.label, "icon": choice.icon} for choice in CHOICES
        ],
        "clientTools": [tool.name for tool in settings.client_tools],
        "limits": {
            "requestsPerMinute": allowance.requests_per_minute or None,
            "tokensPerMinute": allowance.tokens_per_minute or None,
            "tokensPerDay": allowance.tokens_per_day or None,
            "messageChars": MAX_TEXT_CHARS,
        },
    }


def _models(catalog: ModelCatalog) -> list[dict[str, Any]]:
    """Return the composer's models, the one that answers by default first."""
    names = dict.fromkeys((catalog.main, catalog.fast))
    cards = [catalog.card(name) for name in names]
    return [
        {
            "id": card["id"],
            "label": card.get("name", card["id"]),
            **({"description": card["description"]} if "description" in card else {}),
            "default": card["id"] == catalog.main,
        }
        for card in cards
    ]
