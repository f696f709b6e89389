"""Content parts of a chat to Gemini's parts.

Bytes decide what an image is, not the header a client wrote. Gemini takes no arbitrary web address:
`https` images were fetched and written as data URLs before the request gets here (`media.py`), so
one that is left is refused.
"""

import mimetypes
import re
from collections.abc import Iterable, Sequence
from typing import Any

from proxy.adapters.gemini.inline_data import InlineData, is_data_url, read_inline
from proxy.errors import InvalidRequest
from proxy.protocol.content import (
    AudioPart,
    FilePart,
    ImagePart,
    ImageUrl,
    Part,
    RefusalPart,
    TextOnlyPart,
    TextPart,
    VideoPart,
)
from proxy.protocol.media_types import IMAGE_TYPES
from proxy.protocol.messages import Message

_YOUTUBE = r"https://(?:www\.|m\.)?(?:youtube\.com/(?:watch\?|shorts/|live/)|youtu\.be/)"
UPSTREAM_URI = re.compile(
    rf"https://generativelanguage\.googleapis\.com/v\w+/files/|gs://|{_YOUTUBE}"
)
"""What Gemini reads by reference."""
_VIDEO_SITE = re.compile(_YOUTUBE)
_AUDIO_TYPES = {
    "wav": "audio/wav",
    "x-wav": "audio/wav",
    "mp3": "audio/mp3",
    "mpeg": "audio/mp3",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "opus": "audio/opus",
    "m4a": "audio/m4a",
    "webm": "audio/webm",
    "aiff": "audio/aiff",
    "pcm16": "audio/pcm;rate=24000",
}
_TEXT_TYPES = frozenset(
    f"text/{kind}" for kind in ("plain", "html", "css", "csv", "xml", "rtf", "markdown")
)
_DETAILS = {
    "low": "MEDIA_RESOLUTION_LOW",
    "high": "MEDIA_RESOLUTION_HIGH",
    "original": "MEDIA_RESOLUTION_ULTRA_HIGH",
}


def part_to_gemini(part: Part | TextOnlyPart, where: str, *, levels: bool) -> dict[str, Any]:
    """Return Gemini's part.

    `where` is the path of the part for errors; `levels` says whether the model takes a media
    resolution per part.

    Raises:
        InvalidRequest: the part's data cannot be used; `param` is below `where`.
    """
    if isinstance(part, TextPart):
        return {"text": part.text}
    if isinstance(part, RefusalPart):
        return {"text": part.refusal}
    if isinstance(part, ImagePart):
        return _image(part.image_url, f"{where}.image_url.url", levels=levels)
    if isinstance(part, VideoPart):
        return _video(part.video_url.url, f"{where}.video_url.url")
    if isinstance(part, AudioPart):
        return _audio(part, f"{where}.input_audio")
    return _file(part, f"{where}.file")


def overall_resolution(messages: Sequence[Message]) -> str | None:
    """Return `mediaResolution` for models that take one for the whole request (before Gemini 3).

    The finest that is asked for anywhere counts; None where nobody asks.
    """
    asked = set(_details(messages))
    if asked & {"high", "original"}:
        return _DETAILS["high"]
    return _DETAILS["low"] if "low" in asked else None


def _details(messages: Sequence[Message]) -> Iterable[str | None]:
    for message in messages:
        if isinstance(message.content, list):
            for part in message.content:
                if isinstance(part, ImagePart):
                    yield part.image_url.detail


def _image(image: ImageUrl, where: str, *, levels: bool) -> dict[str, Any]:
    part = _by_reference(image.url, "image/jpeg")
    if part is None:
        found = _inline(image.url, where)
        if found.sniffed_type not in IMAGE_TYPES:
            kind = found.sniffed_type or found.declared_type or "unknown"
            raise InvalidRequest(
                f"Unsupported image type {kind!r:.60}: send png, jpeg, webp, heic or heif.",
                param=where,
                code="invalid_image_format",
            )
        part = _inline_part(found.sniffed_type, found)
    if levels and (level := _DETAILS.get(image.detail or "")):
        part["mediaResolution"] = {"level": level}
    return part


def _video(url: str, where: str) -> dict[str, Any]:
    part = _by_reference(url, "video/mp4")
    if part is not None:
        return part
    found = _inline(url, where)
    return _inline_part(found.declared_type or "video/mp4", found)


def _by_reference(url: str, default_type: str) -> dict[str, Any] | None:
    """Return the part of a URI that Gemini reads itself, None for any other."""
    if not UPSTREAM_URI.match(url):
        return None
    if _VIDEO_SITE.match(url):
        return {"fileData": {"fileUri": url, "mimeType": "video/mp4"}}
    kind = mimetypes.guess_type(url)[0]
    if kind is None and not url.startswith("gs://"):  # uploaded to Gemini, which knows its type
        return {"fileData": {"fileUri": url}}
    return {"fileData": {"fileUri": url, "mimeType": kind or default_type}}


def _inline(url: str, where: str) -> InlineData:
    if not is_data_url(url):
        raise InvalidRequest(
            "An image or video is given as a base64 data URL; fetching web addresses is switched "
            "off here (IMAGE_FETCH).",
            param=where,
            code="invalid_image_url",
        )
    return read_inline(url, where, "invalid_image_url")


def _audio(part: AudioPart, where: str) -> dict[str, Any]:
    kind = part.input_audio.format.lower().removeprefix("audio/")
    if kind not in _AUDIO_TYPES:
        raise InvalidRequest(
            f"Unsupported audio format {kind!r:.40}: send {', '.join(sorted(_AUDIO_TYPES))}.",
            param=f"{where}.format",
        )
    found = read_inline(part.input_audio.data, f"{where}.data", "invalid_value")
    return _inline_part(_AUDIO_TYPES[kind], found)


def _file(part: FilePart, where: str) -> dict[str, Any]:
    if part.file.file_data is None:
        raise InvalidRequest(
            "Send the file itself as 'file_data'; none are stored here.",
            param=f"{where}.file_id" if part.file.file_id else f"{where}.file_data",
            code="unsupported_value" if part.file.file_id else "missing_required_parameter",
        )
    found = read_inline(part.file.file_data, f"{where}.file_data", "invalid_value")
    guessed = mimetypes.guess_type(part.file.filename or "")[0]
    kind = _readable_type(found, guessed)
    if kind is None:
        raise InvalidRequest(
            "Unsupported file type: send a PDF, text, an image, audio or video.",
            param=f"{where}.file_data",
            code="unsupported_value",
        )
    return _inline_part(kind, found)


def _readable_type(found: InlineData, guessed: str | None) -> str | None:
    """Return as what Gemini can read a file, None where it cannot."""
    declared = found.declared_type
    stated = guessed if declared in {None, "application/octet-stream"} else declared
    kind = found.sniffed_type or stated or ""
    if kind == "application/pdf" or kind in _TEXT_TYPES or kind in IMAGE_TYPES:
        return kind
    if kind.startswith(("audio/", "video/")):
        return kind
    return "text/plain" if _is_text(found.data) else None


def _is_text(data: bytes) -> bool:
    try:
        return "\x00" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _inline_part(kind: str | None, found: InlineData) -> dict[str, Any]:
    return {"inlineData": {"mimeType": kind, "data": found.base64}}
