"""`ports.ImageFetcher` over the guarded fetcher: images of the types that models read."""

from proxy.adapters.web.fetcher import WebFetcher, WrongContent
from proxy.adapters.web.guard import NotFetchable
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest
from proxy.protocol.media_types import IMAGE_TYPES, media_type

MAX_IMAGE_BYTES = 10_000_000


def image_type(data: bytes) -> str | None:
    """Return the media type of an image, None for what models do not read; nothing is decoded."""
    kind = media_type(data)
    return kind if kind in IMAGE_TYPES else None


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
