"""Images at web addresses to images in the request, for Gemini's API fetches none.

Called by `generator.py` before a chat is translated. A chat without such an image, which is nearly
every chat, passes through as it is.
"""

import asyncio
import base64
from collections.abc import Iterator, Mapping

from proxy.adapters.gemini.parts import UPSTREAM_URI
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest
from proxy.ports import ImageFetcher
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import ImagePart, Part, TextOnlyPart
from proxy.protocol.messages import Message

MAX_FETCHED_IMAGES = 8
MAX_FETCHED_BYTES = 20_000_000
"""Of all images of a request together."""


async def inlined(
    request: ChatCompletionRequest, fetcher: ImageFetcher | None, deadline: Deadline
) -> ChatCompletionRequest:
    """Return the request with images at web addresses fetched and written as data URLs.

    Equal URLs are fetched once, different ones concurrently. Data URLs and URIs that Gemini knows
    are left alone; a request without any other image is returned itself.

    Raises:
        InvalidRequest: fetching is off (`fetcher` None), there are too many images or bytes, or
            one cannot be had; `param` is the first place of its URL.
    """
    places: dict[str, str] = {}
    for url, param in _web_images(request.messages):
        places.setdefault(url, param)
    if not places:
        return request
    if fetcher is None:
        raise InvalidRequest(
            "Fetching images from web addresses is switched off here (IMAGE_FETCH): send the image "
            "as a base64 data URL.",
            param=next(iter(places.values())),
            code="invalid_image_url",
        )
    if len(places) > MAX_FETCHED_IMAGES:
        raise InvalidRequest(
            f"At most {MAX_FETCHED_IMAGES} images are fetched for a request.",
            param=list(places.values())[MAX_FETCHED_IMAGES],
            code="invalid_image_url",
        )
    data_urls = await _fetched(places, fetcher, deadline)
    messages = [_with_images(message, data_urls) for message in request.messages]
    return request.model_copy(update={"messages": messages})


def _web_images(messages: list[Message]) -> Iterator[tuple[str, str]]:
    """Yield URL and place of every image that would have to be fetched, in order."""
    for i, message in enumerate(messages):
        if isinstance(message.content, list):
            for j, part in enumerate(message.content):
                if isinstance(part, ImagePart) and _is_elsewhere(part.image_url.url):
                    yield part.image_url.url, f"messages[{i}].content[{j}].image_url.url"


def _is_elsewhere(url: str) -> bool:
    return url[:5].lower() != "data:" and not UPSTREAM_URI.match(url)


async def _fetched(
    places: Mapping[str, str], fetcher: ImageFetcher, deadline: Deadline
) -> dict[str, str]:
    """Return data URLs by URL; the first failure stops the others."""
    data_urls: dict[str, str] = {}
    total_bytes = 0

    async def fetch(url: str, param: str) -> None:
        nonlocal total_bytes
        try:
            data, media_type = await fetcher.fetch_image(url, deadline=deadline)
        except InvalidRequest as exc:
            raise InvalidRequest(exc.message, param=param, code=exc.code) from exc
        total_bytes += len(data)
        if total_bytes > MAX_FETCHED_BYTES:
            raise InvalidRequest(
                f"The images of a request have at most {MAX_FETCHED_BYTES} bytes together.",
                param=param,
                code="invalid_image_url",
            )
        data_urls[url] = f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"

    try:
        async with asyncio.TaskGroup() as group:
            for url, param in places.items():
                group.create_task(fetch(url, param))
    except ExceptionGroup as failures:
        first = failures.exceptions[0]
        raise first from first.__cause__
    return data_urls


def _with_images(message: Message, data_urls: Mapping[str, str]) -> Message:
    if not isinstance(message.content, list):
        return message
    parts = [_with_image(part, data_urls) for part in message.content]
    return message.model_copy(update={"content": parts})


def _with_image(part: Part | TextOnlyPart, data_urls: Mapping[str, str]) -> Part | TextOnlyPart:
    if not isinstance(part, ImagePart) or part.image_url.url not in data_urls:
        return part
    located = part.image_url.model_copy(update={"url": data_urls[part.image_url.url]})
    return part.model_copy(update={"image_url": located})
