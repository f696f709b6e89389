"""What bytes are: told by the first of them."""

import pytest

from proxy.protocol.media_types import IMAGE_TYPES, media_type
from tests.support import images


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1", "image/heif"),
        (b"\x00\x00\x00\x18ftypavif", "image/avif"),
        (b"GIF89a", "image/gif"),
        (b"BM6", "image/bmp"),
        (b"II*\x00", "image/tiff"),
        (b"%PDF-1.7", "application/pdf"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\x00\x00\x00\x18ftypmp42", None),
        (b"<svg>", None),
        (b"", None),
    ],
)
def test_the_first_bytes_give_the_type_away(beginning: bytes, kind: str | None) -> None:
    assert media_type(beginning) == kind


def test_what_models_read_is_told_from_what_they_do_not() -> None:
    readable = [images.PNG, images.JPEG, images.WEBP, images.HEIC, images.HEIF]
    assert {media_type(data) for data in readable} == IMAGE_TYPES
    assert not {media_type(data) for data in (images.GIF, images.SVG, images.AVIF)} & IMAGE_TYPES
