"""Everything beside messages, tools and formats: sampling, limits, thinking, safety, tiers."""

from typing import Any

from google.genai import types

from tests.oracle.case import MODEL, Case, ask

_Level = types.ThinkingLevel
_HIGH_ONLY = [
    {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"},
    {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "threshold": "OFF"},
]
_HIGH_ONLY_TYPED = [
    types.SafetySetting(
        category=types.HarmCategory.HARM_CATEGORY_HARASSMENT,
        threshold=types.HarmBlockThreshold.BLOCK_ONLY_HIGH,
    ),
    types.SafetySetting(
        category=types.HarmCategory.HARM_CATEGORY_DANGEROUS_CONTENT,
        threshold=types.HarmBlockThreshold.OFF,
    ),
]


def _option(name: str, given: dict[str, Any], model: str = MODEL, **config: Any) -> Case:
    same = types.GenerateContentConfig(**config) if config else None
    return Case(name, ask(**given), "Why?", same, model)


def _thinks(name: str, given: dict[str, Any], model: str = MODEL, **thinking: Any) -> Case:
    return _option(name, given, model, thinking_config=types.ThinkingConfig(**thinking))


def _effort(effort: str, model: str, **thinking: Any) -> Case:
    if effort != "none":
        thinking["include_thoughts"] = True
    return _thinks(f"effort {effort} of {model}", {"reasoning_effort": effort}, model, **thinking)


def _small_limit(name: str, model: str, **thinking: Any) -> Case:
    least = types.ThinkingConfig(**thinking)
    return _option(name, {"max_tokens": 100}, model, max_output_tokens=100, thinking_config=least)


_SAMPLING = (
    _option("temperature", {"temperature": 0.2}, temperature=0.2),
    _option("temperature 0", {"temperature": 0}, temperature=0.0),
    _option("top_p", {"top_p": 0.9}, top_p=0.9),
    _option("top_p 0, which Gemini has not", {"top_p": 0}, top_p=0.001),
    _option("top_k", {"top_k": 40}, top_k=40),
    _option("a seed", {"seed": 42}, seed=42),
    _option("a seed of 64 bits", {"seed": 2**40 + 7}, seed=7),
    _option("a seed below zero", {"seed": -1}, seed=2**31 - 1),
    _option("one stop sequence", {"stop": "END"}, stop_sequences=["END"]),
    _option("stop sequences", {"stop": ["a", "", "b"]}, stop_sequences=["a", "b"]),
    _option("a penalty of nothing", {"presence_penalty": 0, "frequency_penalty": 0}),
    _option("a penalty for a model that refuses them", {"presence_penalty": 1}),
    _option(
        "penalties for a model that has them",
        {"presence_penalty": 0.5, "frequency_penalty": -0.5},
        "gemini-2.0-flash",
        presence_penalty=0.5,
        frequency_penalty=-0.5,
    ),
    _option(
        "an image wanted",
        {"modalities": ["text", "image"]},
        "gemini-3.1-flash-image",
        response_modalities=["TEXT", "IMAGE"],
    ),
)
_CHOICES = (
    Case(
        "two choices",
        ask(n=2),
        "Why?",
        types.GenerateContentConfig(candidate_count=2),
        differs=("choices are calls side by side",),
    ),
)
_LIMITS = (
    _option("max_completion_tokens", {"max_completion_tokens": 4000}, max_output_tokens=4000),
    _option(
        "both limits", {"max_tokens": 9000, "max_completion_tokens": 4000}, max_output_tokens=4000
    ),
    _option("a limit above the model's", {"max_tokens": 128_000}, max_output_tokens=65_536),
    _small_limit("a small limit", MODEL, thinking_level=_Level.LOW),
    _small_limit(
        "a small limit of a model that thinks less",
        "gemini-3.5-flash",
        thinking_level=_Level.MINIMAL,
    ),
    _small_limit(
        "a small limit of a model that need not think", "gemini-2.5-flash", thinking_budget=0
    ),
    _small_limit("a small limit of a model that must think", "gemini-2.5-pro", thinking_budget=128),
    _option(
        "a small limit of a model that cannot think",
        {"max_tokens": 100},
        "gemini-2.0-flash",
        max_output_tokens=100,
    ),
    _option(
        "a small limit and an effort",
        {"max_tokens": 100, "reasoning_effort": "high"},
        max_output_tokens=100,
        thinking_config=types.ThinkingConfig(thinking_level=_Level.HIGH, include_thoughts=True),
    ),
)
_THINKING = (
    _effort("none", MODEL, thinking_level=_Level.LOW),
    _effort("minimal", MODEL, thinking_level=_Level.LOW),
    _effort("low", MODEL, thinking_level=_Level.LOW),
    _effort("medium", MODEL, thinking_level=_Level.MEDIUM),
    _effort("high", MODEL, thinking_level=_Level.HIGH),
    _effort("xhigh", MODEL, thinking_level=_Level.HIGH),
    _effort("max", MODEL, thinking_level=_Level.HIGH),
    _effort("high", "a-model-of-tomorrow", thinking_level=_Level.HIGH),
    _effort("minimal", "gemini-3.5-flash-lite", thinking_level=_Level.MINIMAL),
    _effort("none", "gemini-3.6-flash", thinking_level=_Level.MINIMAL),
    _effort("medium", "gemini-3-pro-preview", thinking_level=_Level.HIGH),
    _effort("minimal", "gemini-2.5-flash", thinking_budget=1_024),
    _effort("low", "gemini-2.5-flash", thinking_budget=1_024),
    _effort("medium", "gemini-2.5-flash", thinking_budget=8_192),
    _effort("max", "gemini-2.5-flash", thinking_budget=24_576),
    _effort("none", "gemini-2.5-flash", thinking_budget=0),
    _effort("none", "gemini-2.5-pro", thinking_budget=128),
    _effort("max", "gemini-2.5-pro", thinking_budget=32_768),
    _effort("minimal", "gemini-2.5-flash-lite", thinking_budget=512),
    _option(
        "effort of a model that cannot think", {"reasoning_effort": "high"}, "gemini-2.0-flash"
    ),
    _thinks(
        "Anthropic's form",
        {"thinking": {"type": "enabled", "budget_tokens": 2_000}},
        "gemini-2.5-flash",
        thinking_budget=2_000,
        include_thoughts=True,
    ),
    _thinks(
        "Anthropic's form to a model with levels",
        {"thinking": {"type": "enabled", "budget_tokens": 2_000}},
        thinking_level=_Level.MEDIUM,
        include_thoughts=True,
    ),
    _thinks("Anthropic's form, off", {"thinking": {"type": "disabled"}}, thinking_level=_Level.LOW),
    _thinks(
        "OpenRouter's form",
        {"reasoning": {"effort": "high"}},
        thinking_level=_Level.HIGH,
        include_thoughts=True,
    ),
    _thinks(
        "OpenRouter's form, thoughts not shown",
        {"reasoning": {"effort": "high", "exclude": True}},
        thinking_level=_Level.HIGH,
    ),
    _thinks(
        "OpenRouter's budget",
        {"reasoning": {"max_tokens": 4_000}},
        "gemini-2.5-pro",
        thinking_budget=4_000,
        include_thoughts=True,
    ),
    _thinks(
        "Google's form",
        {"google": {"thinking_config": {"thinking_level": "low", "include_thoughts": True}}},
        thinking_level=_Level.LOW,
        include_thoughts=True,
    ),
    _thinks(
        "Google's form in camel case",
        {"google": {"thinking_config": {"thinkingLevel": "HIGH", "includeThoughts": True}}},
        thinking_level=_Level.HIGH,
        include_thoughts=True,
    ),
    _thinks("OpenRouter's form, off", {"reasoning": {"enabled": False}}, thinking_level=_Level.LOW),
    _thinks(
        "Google's form, nested as its documents write it",
        {"extra_body": {"google": {"thinking_config": {"thinking_budget": -1}}}},
        "gemini-2.5-flash",
        thinking_budget=-1,
    ),
    _thinks(
        "Google's form wins over effort",
        {"reasoning_effort": "high", "google": {"thinking_config": {"thinking_level": "low"}}},
        thinking_level=_Level.LOW,
    ),
)
_SERVICE = (
    _option("safety settings", {"safety_settings": _HIGH_ONLY}, safety_settings=_HIGH_ONLY_TYPED),
    _option(
        "safety settings in Google's form",
        {"google": {"safety_settings": _HIGH_ONLY}},
        safety_settings=_HIGH_ONLY_TYPED,
    ),
    _option(
        "safety settings in Google's nested form",
        {"extra_body": {"google": {"safety_settings": _HIGH_ONLY}}},
        safety_settings=_HIGH_ONLY_TYPED,
    ),
    _option(
        "media resolution in Google's form",
        {"google": {"media_resolution": "MEDIA_RESOLUTION_LOW"}},
        media_resolution=types.MediaResolution.MEDIA_RESOLUTION_LOW,
    ),
    _option("tier flex", {"service_tier": "flex"}, service_tier=types.ServiceTier.FLEX),
    _option("tier priority", {"service_tier": "priority"}, service_tier=types.ServiceTier.PRIORITY),
    _option("tier fast", {"service_tier": "fast"}, service_tier=types.ServiceTier.PRIORITY),
    _option("tier auto", {"service_tier": "auto"}),
    _option("tier default", {"service_tier": "default"}),
    _option(
        "what is bookkeeping",
        {
            "user": "u1",
            "metadata": {"a": "b"},
            "store": True,
            "verbosity": "low",
            "n": 1,
            "prompt_cache_key": "k",
            "prediction": {"type": "content", "content": "x"},
        },
    ),
)

OPTIONS = (*_SAMPLING, *_CHOICES, *_LIMITS, *_THINKING, *_SERVICE)
