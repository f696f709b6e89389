"""What a chat may ask for that cannot be done here yet, and would be missed if it were ignored.

A client that sent `tools` and gets prose, or `response_format` and gets no JSON, cannot see why. So
these are refused by name; null and the values below mean nothing and are let through. The table is
the one place to shorten when a feature is built.
"""

from collections.abc import Mapping

HARMLESS_PARAMS: Mapping[str, tuple[object, ...]] = {
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "response_format": ({}, {"type": "text"}),
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "modalities": ([], ["text"]),
    "audio": ({},),
    "web_search_options": (),  # an empty object is how a search is switched on
    "moderation": ({},),
}
"""By the request's parameter: the values, beside null, that ask for nothing."""

HARMLESS_IN_ASSISTANT_MESSAGE: Mapping[str, tuple[object, ...]] = {
    "tool_calls": ([],),
    "function_call": ({},),
    "audio": ({},),
}
"""The same for what the model is said to have said."""


def first_unsupported(
    given: Mapping[str, object], harmless: Mapping[str, tuple[object, ...]]
) -> str | None:
    """Return the name of the first of `given` that asks for what is not there, None for none."""
    for name, value in given.items():
        if name in harmless and value is not None and value not in harmless[name]:
            return name
    return None
