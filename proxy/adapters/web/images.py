"""`ports.ImageFetcher` over the guarded fetcher: images of the types that models read."""

from proxy.adapters.web.fetcher import WebFetcher, WrongContent
from proxy.adapters.web.guard import NotFetchable
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest

MAX_IMAGE_BYTES = 10_000_000

_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    **dict.fromkeys((b"mif1", b"msf1"), "image/heif"),
}
"""Major brands of ISO base media files; AVIF has others. Source: ISO/IEC 23008-12."""


def image_type(data: bytes) -> str | None:
    """Return the media type of an image by its first bytes, None for what models do not read.

    GIF and SVG are not read; nothing is decoded.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return _BRANDS.get(data[8:12]) if data[4:8] == b"ftyp" else None


class WebImages:
    """Images of the web, one at a time."""

    def __init__(self, fetcher: WebFetcher) -> None:
        self._fetcher = fetcher

    async def fetch_image(self, url: str, *, deadline: Deadline) -> tuple[bytes, str]:
        """See `ports.ImageFetcher.fetch_image`."""
        try:
            image = await self._fetcher.fetch(
                url, max_bytes=MAX_IMAGE_BYTES, deadline=deadline, accept=image_type
            )
        except WrongContent as exc:
            raise InvalidRequest(
                "What is at the URL is no png, jpeg, webp, heic or heif image.",
                code="invalid_image_format",
            ) from exc
        except NotFetchable as exc:
            raise InvalidRequest(
                f"The image cannot be used: {exc}.", code="invalid_image_url"
            ) from exc
        return image.data, image.media_type
