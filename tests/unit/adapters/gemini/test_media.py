"""Images at web addresses become images in the request, within limits, or a clear refusal."""

import asyncio
import base64
from typing import Any

import pytest

from proxy.adapters.gemini.media import MAX_FETCHED_BYTES, MAX_FETCHED_IMAGES, inlined
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import ChatCompletionRequest
from tests.support.images import JPEG, PNG
from tests.support.waiting import LONG_ENOUGH_S, ample_time

DATA_URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
SOON = ample_time()


class Gallery:
    """`ports.ImageFetcher` from a dict; what is missing there is refused."""

    def __init__(self, images: dict[str, tuple[bytes, str]]) -> None:
        self.images = images
        self.asked: list[str] = []
        self.deadlines = list[Deadline]()

    async def fetch_image(self, url: str, *, deadline: Deadline) -> tuple[bytes, str]:
        """Return what is in the dict."""
        self.asked.append(url)
        self.deadlines.append(deadline)
        if url not in self.images:
            raise InvalidRequest("No such image.", code="invalid_image_format")
        return self.images[url]


class Crowd:
    """Serves nobody; the last of `size` that come is refused, if `is_refusing`."""

    def __init__(self, size: int, *, is_refusing: bool) -> None:
        self.came = 0
        self.stopped = 0
        self.is_full = asyncio.Event()
        self._size = size
        self._is_refusing = is_refusing

    async def fetch_image(self, url: str, *, deadline: Deadline) -> tuple[bytes, str]:
        """Wait for ever, or refuse."""
        self.came += 1
        if self.came == self._size:
            self.is_full.set()
            if self._is_refusing:
                raise InvalidRequest(f"Refused at {deadline}: {url}", code="invalid_image_url")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        return PNG, "image/png"


def image(url: str, **options: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **options}}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def chat(*messages: dict[str, Any], **options: Any) -> ChatCompletionRequest:
    return ChatCompletionRequest.model_validate({"model": "m", "messages": messages, **options})


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


def pictures(count: int) -> list[str]:
    return [f"https://pictures.example.com/{i}.png" for i in range(count)]


@pytest.mark.parametrize(
    "request_",
    [
        chat({"role": "user", "content": "What is a gauge?"}),
        chat(
            {"role": "system", "content": [text("Be brief.")]},
            user(text("Look: https://pictures.example.com/0.png")),
            {"role": "assistant", "content": None, "refusal": "No."},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
            {"role": "tool", "tool_call_id": "c", "content": "result"},
            {"role": "function", "name": "f", "content": None},
        ),
        chat(user(text("What is this?"), image(DATA_URL))),
        chat(user(image("DATA:image/png;base64,AAAA"))),
        chat(user(image("https://generativelanguage.googleapis.com/v1beta/files/abc"))),
        chat(user(image("gs://bucket/gauge.png"))),
        chat(user({"type": "video_url", "video_url": {"url": "https://youtu.be/abc"}})),
        chat(user({"type": "file", "file": {"file_data": "https://a.example/x.pdf"}})),
    ],
    ids=["text", "roles", "data", "DATA", "files", "gs", "video", "file"],
)
async def test_a_chat_without_images_to_fetch_passes_through_itself(
    request_: ChatCompletionRequest,
) -> None:
    gallery = Gallery({})
    assert await inlined(request_, gallery, SOON) is request_
    assert await inlined(request_, None, SOON) is request_
    assert gallery.asked == []


async def test_images_become_data_urls_where_they_stood_and_nothing_else_changes() -> None:
    first, second = pictures(2)
    before = chat(
        {"role": "system", "content": "Be brief."},
        user(text("Compare"), image(first, detail="high"), image(DATA_URL), image(second)),
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "look"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": [text("see"), image(second)]},
        temperature=0.5,
        unknown_key=True,
    )
    gallery = Gallery({first: (PNG, "image/png"), second: (JPEG, "image/jpeg")})
    after = await inlined(before, gallery, SOON)

    encoded = {
        first: DATA_URL,
        second: "data:image/jpeg;base64," + base64.b64encode(JPEG).decode(),
    }
    expected: Any = before.model_dump()
    for message in expected["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part["type"] == "image_url":
                url = part["image_url"]["url"]
                part["image_url"]["url"] = encoded.get(url, url)
    assert after.model_dump() == expected
    assert after.model_dump() != before.model_dump()
    assert sorted(gallery.asked) == [first, second], "an image that occurs twice is fetched once"
    assert gallery.deadlines == [SOON, SOON]


@pytest.mark.parametrize(
    "url",
    [
        "https://pictures.example.com/0.png",
        "http://a.example/x",
        "file:///etc/passwd",
        "x",
        "https://generativelanguage.googleapis.com.evil.example/v1beta/files/abc",
    ],
)
async def test_with_fetching_off_the_first_web_address_is_refused_by_its_place(url: str) -> None:
    request = chat(user(text("a")), user(text("b"), image(DATA_URL), image(url)), user(image(url)))
    with pytest.raises(InvalidRequest, match=r"switched off here \(IMAGE_FETCH\)") as refused:
        await inlined(request, None, SOON)
    assert refused.value.code == "invalid_image_url"
    assert refused.value.param == "messages[1].content[2].image_url.url"
    assert url not in refused.value.message


async def test_an_image_that_cannot_be_had_is_named_by_its_place() -> None:
    good, bad = pictures(2)
    gallery = Gallery({good: (PNG, "image/png")})
    with pytest.raises(InvalidRequest, match=r"^No such image\.$") as refused:
        await inlined(chat(user(image(good), text("and"), image(bad))), gallery, SOON)
    assert refused.value.param == "messages[0].content[2].image_url.url"
    assert refused.value.code == "invalid_image_format"
    assert isinstance(refused.value.__cause__, InvalidRequest)


async def test_images_are_fetched_concurrently_and_the_first_failure_stops_the_others() -> None:
    crowd = Crowd(5, is_refusing=True)
    async with asyncio.timeout(LONG_ENOUGH_S):
        with pytest.raises(InvalidRequest):
            await inlined(chat(user(*map(image, pictures(5)))), crowd, SOON)
    assert (crowd.came, crowd.stopped) == (5, 4)


async def test_a_client_that_goes_away_stops_the_fetches() -> None:
    crowd = Crowd(3, is_refusing=False)
    work = asyncio.create_task(inlined(chat(user(*map(image, pictures(3)))), crowd, SOON))
    await crowd.is_full.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert crowd.stopped == 3


async def test_eight_different_images_are_fetched_and_a_ninth_refuses_all() -> None:
    urls = pictures(MAX_FETCHED_IMAGES + 1)
    gallery = Gallery(dict.fromkeys(urls, (PNG, "image/png")))
    enough = [*urls[:MAX_FETCHED_IMAGES], *urls[:MAX_FETCHED_IMAGES]]
    await inlined(chat(user(*map(image, enough))), gallery, SOON)
    assert len(gallery.asked) == MAX_FETCHED_IMAGES == 8

    gallery.asked.clear()
    with pytest.raises(InvalidRequest, match="At most 8 images") as refused:
        await inlined(chat(user(*map(image, urls))), gallery, SOON)
    assert (refused.value.param, refused.value.code) == (
        "messages[0].content[8].image_url.url",
        "invalid_image_url",
    )
    assert gallery.asked == []


async def test_images_have_twenty_megabytes_together() -> None:
    first, second = pictures(2)
    half = bytes(MAX_FETCHED_BYTES // 2)
    gallery = Gallery({first: (half, "image/png"), second: (half, "image/png")})
    request = chat(user(image(first), image(second)))
    assert await inlined(request, gallery, SOON) is not request

    gallery.images[second] = (half + b"\0", "image/png")
    with pytest.raises(InvalidRequest, match="20000000 bytes together") as refused:
        await inlined(request, gallery, SOON)
    assert refused.value.code == "invalid_image_url"
