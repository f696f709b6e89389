"""What a chat may ask for that cannot be done here, and would be missed if it were ignored.

A client that asked for audio and gets text cannot see why. So these are refused by name; null and
the values below mean nothing and are let through.
"""

from collections.abc import Mapping

HARMLESS_PARAMS: Mapping[str, tuple[object, ...]] = {
    "logit_bias": ({},),
    "modalities": ([], ["text"], ["text", "image"], ["image", "text"]),
    "audio": ({},),
    "web_search_options": (),  # an empty object is how a search is switched on
    "moderation": ({},),
}
"""By the request's parameter: the values, beside null, that ask for nothing."""


def first_unsupported(
    given: Mapping[str, object], harmless: Mapping[str, tuple[object, ...]]
) -> str | None:
    """Return the name of the first of `given` that asks for what is not there, None for none."""
    for name, value in given.items():
        if name in harmless and value is not None and value not in harmless[name]:
            return name
    return None
