"""What of Gemini only the operator may open to clients, for it is theirs to answer for.

Safety settings change what the operator's account produces, and `gs://` addresses are read with the
operator's identity: whoever may chat could read every bucket that it may.
"""

from dataclasses import dataclass

from proxy.errors import InvalidRequest, UnsupportedParameter
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import ImagePart, Part, TextOnlyPart, VideoPart

CLOUD_STORAGE = "gs://"


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the operator opened."""

    safety_settings: bool = False
    cloud_storage: bool = False


CLOSED = Permissions()


def check_permitted(chat: ChatCompletionRequest, permissions: Permissions) -> None:
    """Return when `chat` asks for nothing that is not open.

    Raises:
        InvalidRequest: not so; `param` says where.
    """
    if not permissions.safety_settings:
        _check_safety(chat)
    if not permissions.cloud_storage and chat.has_parts:
        _check_addresses(chat)


def _check_safety(chat: ChatCompletionRequest) -> None:
    if chat.safety_settings or chat.google_options.get("safety_settings"):
        raise UnsupportedParameter(
            "Safety settings of clients are switched off here (GEMINI_CLIENT_SAFETY_SETTINGS).",
            param="safety_settings" if chat.safety_settings else "google.safety_settings",
        )


def _check_addresses(chat: ChatCompletionRequest) -> None:
    for i, message in enumerate(chat.messages):
        if isinstance(message.content, list):
            for j, part in enumerate(message.content):
                if _address(part).startswith(CLOUD_STORAGE):
                    raise InvalidRequest(
                        "Reading from Cloud Storage is switched off here (GEMINI_CLOUD_STORAGE): "
                        "send a base64 data URL.",
                        param=f"messages[{i}].content[{j}].{part.type}.url",
                        code="invalid_image_url",
                    )


def _address(part: Part | TextOnlyPart) -> str:
    if isinstance(part, ImagePart):
        return part.image_url.url
    return part.video_url.url if isinstance(part, VideoPart) else ""
