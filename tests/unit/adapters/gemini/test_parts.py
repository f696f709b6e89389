"""Content parts to Gemini's parts."""

import base64
from typing import Any

import pytest
from pydantic import TypeAdapter

from proxy.adapters.gemini.parts import overall_resolution, part_to_gemini
from proxy.errors import InvalidRequest
from proxy.protocol.content import Part, TextOnlyPart
from tests.support.builders import make_chat_request

PART: TypeAdapter[Part] = TypeAdapter(Part)
SAID: TypeAdapter[TextOnlyPart] = TypeAdapter(TextOnlyPart)
WHERE = "messages[2].content[1]"

PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff\xe0 and so on"
PDF = b"%PDF-1.7 and so on"


def data_url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def inline(data: bytes, kind: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": kind, "data": base64.b64encode(data).decode()}}


def translated(part: dict[str, Any], *, levels: bool = True) -> dict[str, Any]:
    return part_to_gemini(PART.validate_python(part), WHERE, levels=levels)


def image(url: str, **fields: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def refusal_of(part: dict[str, Any]) -> tuple[str | None, str]:
    """Return `param`, relative to the part, and `code` of the error."""
    with pytest.raises(InvalidRequest) as refused:
        translated(part)
    assert refused.value.param is not None
    return refused.value.param.removeprefix(WHERE), refused.value.code


def test_text_is_text() -> None:
    assert translated({"type": "text", "text": " a\n"}) == {"text": " a\n"}


def test_a_refusal_is_text() -> None:
    part = SAID.validate_python({"type": "refusal", "refusal": "No."})
    assert part_to_gemini(part, WHERE, levels=True) == {"text": "No."}


@pytest.mark.parametrize(
    ("data", "declared", "kind"),
    [
        (PNG, "image/png", "image/png"),
        (JPEG, "image/png", "image/jpeg"),
        (PNG, "application/octet-stream", "image/png"),
        (b"RIFF....WEBPVP8 ", "image/webp", "image/webp"),
        (b"....ftypheix....", "image/heic", "image/heic"),
    ],
)
def test_an_image_is_what_its_bytes_say(data: bytes, declared: str, kind: str) -> None:
    assert translated(image(data_url(data, declared))) == inline(data, kind)


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (b"GIF89a...", "image/gif"),
        (b"GIF89a...", "image/png"),
        (b"<svg/>", "image/svg+xml"),
        (b"....ftypavif", "image/avif"),
        (PDF, "application/pdf"),
        (b"nothing", "image/png"),
    ],
)
def test_an_image_of_another_type_is_refused(data: bytes, declared: str) -> None:
    part = image(data_url(data, declared))
    assert refusal_of(part) == (".image_url.url", "invalid_image_format")


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,%%%",
        "https://example.org/a.png",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "ftp://example.org/a.png",
        "https://generativelanguage.googleapis.com.example.org/v1beta/files/a",
        "https://example.org/?https://youtu.be/x",
    ],
)
def test_an_image_that_is_elsewhere_or_broken_is_refused(url: str) -> None:
    assert refusal_of(image(url)) == (".image_url.url", "invalid_image_url")
    video = {"type": "video_url", "video_url": {"url": url}}
    assert refusal_of(video) == (".video_url.url", "invalid_image_url")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://generativelanguage.googleapis.com/v1beta/files/abc", None),
        ("https://generativelanguage.googleapis.com/v1beta/files/abc.png", "image/png"),
        ("gs://bucket/a.webp", "image/webp"),
        ("gs://bucket/a", "image/jpeg"),
        ("https://www.youtube.com/watch?v=abc", "video/mp4"),
        ("https://youtu.be/abc", "video/mp4"),
        ("https://youtube.com/shorts/abc", "video/mp4"),
    ],
)
def test_what_gemini_reads_by_reference_is_passed_on(url: str, kind: str | None) -> None:
    expected = {"fileUri": url} if kind is None else {"fileUri": url, "mimeType": kind}
    assert translated(image(url)) == {"fileData": expected}


@pytest.mark.parametrize(
    ("detail", "level"),
    [
        ("low", "MEDIA_RESOLUTION_LOW"),
        ("high", "MEDIA_RESOLUTION_HIGH"),
        ("original", "MEDIA_RESOLUTION_ULTRA_HIGH"),
        ("auto", None),
        (None, None),
    ],
)
def test_detail_is_the_parts_resolution_where_parts_have_one(
    detail: str | None, level: str | None
) -> None:
    part = image(data_url(PNG), detail=detail)
    expected = inline(PNG, "image/png")
    assert translated(part, levels=False) == expected
    if level is not None:
        expected["mediaResolution"] = {"level": level}
    assert translated(part) == expected


@pytest.mark.parametrize(
    ("details", "resolution"),
    [
        ([], None),
        (["auto", None], None),
        (["low", "auto"], "MEDIA_RESOLUTION_LOW"),
        (["low", "high"], "MEDIA_RESOLUTION_HIGH"),
        (["original"], "MEDIA_RESOLUTION_HIGH"),
    ],
)
def test_the_finest_detail_is_the_requests_resolution_before_gemini_3(
    details: list[str | None], resolution: str | None
) -> None:
    parts = [image(data_url(PNG), detail=detail) for detail in details]
    request = make_chat_request(
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "?"}, *parts]},
            {"role": "assistant", "content": "!"},
        ]
    )
    assert overall_resolution(request.messages) == resolution


def test_a_video_is_taken_inline_or_by_reference() -> None:
    def video(url: str) -> dict[str, Any]:
        return translated({"type": "video_url", "video_url": {"url": url}})

    assert video(data_url(b"....ftypmp42", "video/webm")) == inline(b"....ftypmp42", "video/webm")
    assert video("data:;base64,AAAA") == inline(b"\0\0\0", "video/mp4")
    assert video("gs://bucket/a") == {
        "fileData": {"fileUri": "gs://bucket/a", "mimeType": "video/mp4"}
    }


@pytest.mark.parametrize(
    ("format_", "kind"),
    [
        ("wav", "audio/wav"),
        ("mp3", "audio/mp3"),
        ("MP3", "audio/mp3"),
        ("audio/mpeg", "audio/mp3"),
        ("aac", "audio/aac"),
        ("flac", "audio/flac"),
        ("ogg", "audio/ogg"),
        ("m4a", "audio/m4a"),
        ("webm", "audio/webm"),
        ("pcm16", "audio/pcm;rate=24000"),
    ],
)
def test_audio_is_what_its_format_says(format_: str, kind: str) -> None:
    for data in (base64.b64encode(b"sound").decode(), data_url(b"sound", "audio/x")):
        part = {"type": "input_audio", "input_audio": {"data": data, "format": format_}}
        assert translated(part) == inline(b"sound", kind)


def test_audio_that_cannot_be_used_is_refused() -> None:
    unknown = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "midi"}}
    assert refusal_of(unknown) == (".input_audio.format", "invalid_value")
    broken = {"type": "input_audio", "input_audio": {"data": "?", "format": "wav"}}
    assert refusal_of(broken) == (".input_audio.data", "invalid_value")


@pytest.mark.parametrize(
    ("data", "declared", "filename", "kind"),
    [
        (PDF, "application/pdf", None, "application/pdf"),
        (PDF, None, None, "application/pdf"),
        (PDF, "text/plain", "a.txt", "application/pdf"),
        (b"junk before %PDF-", "application/pdf", "a.pdf", "application/pdf"),
        (b"junk before %PDF-", "application/octet-stream", "a.pdf", "application/pdf"),
        (PNG, "application/octet-stream", "a.bin", "image/png"),
        (b"# Title", "text/markdown", None, "text/markdown"),
        (b"a,b", None, "table.csv", "text/csv"),
        (b"{}", "application/json", "a.json", "text/plain"),
        (b"print()", None, "a.py", "text/plain"),
        (b"words", None, None, "text/plain"),
        (b"\x00sound", "audio/wav", None, "audio/wav"),
        (b"\x00film", None, "film.mp4", "video/mp4"),
    ],
)
def test_a_file_is_sent_as_something_gemini_reads(
    data: bytes, declared: str | None, filename: str | None, kind: str
) -> None:
    encoded = data_url(data, declared) if declared else base64.b64encode(data).decode()
    part = {"type": "file", "file": {"file_data": encoded, "filename": filename}}
    assert translated(part) == inline(data, kind)


@pytest.mark.parametrize(
    ("file", "param", "code"),
    [
        ({"file_id": "file-1"}, ".file.file_id", "unsupported_value"),
        ({"filename": "a.pdf"}, ".file.file_data", "missing_required_parameter"),
        ({"file_data": "data:application/pdf;base64,?"}, ".file.file_data", "invalid_value"),
        (
            {"file_data": data_url(b"PK\x03\x04\xff", "application/zip")},
            ".file.file_data",
            "unsupported_value",
        ),
        (
            {"file_data": data_url(b"a\x00b", "application/x-b")},
            ".file.file_data",
            "unsupported_value",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(file: dict[str, str], param: str, code: str) -> None:
    assert refusal_of({"type": "file", "file": file}) == (param, code)
