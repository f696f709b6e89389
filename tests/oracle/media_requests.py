"""Images, audio, files and videos."""

import base64
from typing import Any

from google.genai import types

from tests.oracle.case import Case, ask, user

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(251, 256)) * 3
"""Its base64 differs between the two alphabets."""
JPEG = b"\xff\xd8\xff\xe0 picture"
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
SOUND = b"\xff\xfb\x90\x00 sound"

_LEVELS = types.PartMediaResolutionLevel


def data_url(kind: str, data: bytes) -> str:
    """Return a data URL."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def image(url: str, **fields: Any) -> dict[str, Any]:
    """Return an image part of OpenAI's."""
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def _audio(kind: str) -> dict[str, Any]:
    data = base64.b64encode(SOUND).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": kind}}


def _file(data: str, **fields: Any) -> dict[str, Any]:
    return {"type": "file", "file": {"file_data": data, **fields}}


def _shown(name: str, part: dict[str, Any], same: types.Part, **fields: Any) -> Case:
    asked = ask([{"type": "text", "text": "What is it?"}, part])
    return Case(name, asked, [user("What is it?", same)], **fields)


def _bytes(
    data: bytes, kind: str, level: types.PartMediaResolutionLevel | None = None
) -> types.Part:
    return types.Part.from_bytes(data=data, mime_type=kind, media_resolution=level)


_PNG_URL = data_url("image/png", PNG)
_URL_ALPHABET = f"data:image/png;base64,{base64.urlsafe_b64encode(PNG).decode().rstrip('=')}"
_FILES_API = "https://generativelanguage.googleapis.com/v1beta/files/abc"
_VIDEO_SITE = "https://www.youtube.com/watch?v=9hE5-98ZeCg"

MEDIA = (
    _shown("a png", image(_PNG_URL), _bytes(PNG, "image/png")),
    _shown("a jpeg", image(data_url("image/jpeg", JPEG)), _bytes(JPEG, "image/jpeg")),
    _shown("a webp", image(data_url("image/webp", WEBP)), _bytes(WEBP, "image/webp")),
    _shown("a heic", image(data_url("image/heic", HEIC)), _bytes(HEIC, "image/heic")),
    _shown(
        "an image whose type is misnamed",
        image(data_url("image/png", JPEG)),
        _bytes(JPEG, "image/jpeg"),
    ),
    _shown(
        "base64 of the other alphabet, unpadded", image(_URL_ALPHABET), _bytes(PNG, "image/png")
    ),
    _shown("detail auto", image(_PNG_URL, detail="auto"), _bytes(PNG, "image/png")),
    _shown(
        "detail low",
        image(_PNG_URL, detail="low"),
        _bytes(PNG, "image/png", _LEVELS.MEDIA_RESOLUTION_LOW),
    ),
    _shown(
        "detail high",
        image(_PNG_URL, detail="high"),
        _bytes(PNG, "image/png", _LEVELS.MEDIA_RESOLUTION_HIGH),
    ),
    _shown(
        "detail original",
        image(_PNG_URL, detail="original"),
        _bytes(PNG, "image/png", _LEVELS.MEDIA_RESOLUTION_ULTRA_HIGH),
    ),
    _shown(
        "detail low, to a model that takes it for the whole request",
        image(_PNG_URL, detail="low"),
        _bytes(PNG, "image/png"),
        config=types.GenerateContentConfig(
            media_resolution=types.MediaResolution.MEDIA_RESOLUTION_LOW
        ),
        model="gemini-2.5-flash",
    ),
    Case(
        "two images before the text",
        ask(
            [
                image(_PNG_URL),
                image(data_url("image/jpeg", JPEG)),
                {"type": "text", "text": "Which?"},
            ]
        ),
        [user(_bytes(PNG, "image/png"), _bytes(JPEG, "image/jpeg"), "Which?")],
    ),
    _shown("wav", _audio("wav"), _bytes(SOUND, "audio/wav")),
    _shown("mp3", _audio("mp3"), _bytes(SOUND, "audio/mp3")),
    _shown("pcm16", _audio("pcm16"), _bytes(SOUND, "audio/pcm;rate=24000")),
    _shown(
        "a PDF",
        _file(data_url("application/pdf", PDF), filename="a.pdf"),
        _bytes(PDF, "application/pdf"),
    ),
    _shown(
        "a file known by its name",
        _file(data_url("application/octet-stream", b"a,b\n1,2\n"), filename="table.csv"),
        _bytes(b"a,b\n1,2\n", "text/csv"),
    ),
    _shown(
        "a file known by its bytes",
        _file(base64.b64encode(b"plain words").decode()),
        _bytes(b"plain words", "text/plain"),
    ),
    _shown(
        "a video",
        {"type": "video_url", "video_url": {"url": data_url("video/mp4", SOUND)}},
        _bytes(SOUND, "video/mp4"),
    ),
    _shown(
        "a video by its page",
        {"type": "video_url", "video_url": {"url": _VIDEO_SITE}},
        types.Part.from_uri(file_uri=_VIDEO_SITE, mime_type="video/mp4"),
    ),
    _shown(
        "an uploaded file",
        image(_FILES_API),
        types.Part(file_data=types.FileData(file_uri=_FILES_API)),
    ),
    _shown(
        "an image in a bucket",
        image("gs://bucket/a.webp"),
        types.Part.from_uri(file_uri="gs://bucket/a.webp", mime_type="image/webp"),
    ),
)
