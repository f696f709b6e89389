"""Says in a few words who answers; no keys, no passwords."""

from proxy.settings import OpenAISettings, Settings
from proxy.settings.upstreams import GeneratorName


def answered_by(settings: Settings) -> str:
    """Return who answers, and who does when that one fails."""
    first = _words(settings.generator, settings, settings.openai)
    second = settings.fallback.generator
    if second is None:
        return first
    return f"{first}; if that fails, by {_words(second, settings, settings.fallback)}"


def _words(name: GeneratorName, settings: Settings, upstream: OpenAISettings) -> str:
    if name == "gemini":
        return settings.gemini.model
    if name == "openai":
        return f"{upstream.model} at {upstream.host}"
    if settings.generator == "offline":
        return "the built-in offline reader; set GEMINI_API_KEY for Gemini"
    return "the built-in offline reader"
