"""Images by URL: what counts as one, and what a client is told otherwise."""

from collections.abc import AsyncGenerator

import pytest

from proxy.adapters.web.fetcher import open_web_fetcher
from proxy.adapters.web.guard import UrlRules
from proxy.adapters.web.images import MAX_IMAGE_BYTES, WebImages, image_type
from proxy.errors import InvalidRequest
from tests.support import images
from tests.support.waiting import ample_time
from tests.support.web_server import CertificateAuthority, WebServer, response

HOST = "pictures.example.com"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (images.PNG, "image/png"),
        (images.JPEG, "image/jpeg"),
        (images.WEBP, "image/webp"),
        (images.HEIC, "image/heic"),
        (images.HEIC.replace(b"heic", b"heis"), "image/heic"),
        (images.HEIF, "image/heif"),
        (images.HEIF.replace(b"mif1", b"msf1"), "image/heif"),
        (images.GIF, None),
        (images.SVG, None),
        (images.AVIF, None),
        (images.WAV, None),
        (images.HTML, None),
        (b"", None),
        (b"\x89PNG", None),
    ],
)
def test_the_first_bytes_say_what_an_image_is(data: bytes, kind: str | None) -> None:
    assert image_type(data) == kind


@pytest.fixture
async def web(authority: CertificateAuthority) -> AsyncGenerator[tuple[WebServer, WebImages]]:
    async with (
        WebServer(tls=authority.server(HOST)) as server,
        open_web_fetcher(
            UrlRules(ports=frozenset({server.port})),
            lookup=lambda _: ["127.0.0.1"],
            may_connect=lambda _: True,
            tls=authority.client(),
        ) as fetcher,
    ):
        yield server, WebImages(fetcher)


async def fetched(web: tuple[WebServer, WebImages], answer: bytes) -> tuple[bytes, str]:
    server, pictures = web
    server.answers["/x"] = answer
    return await pictures.fetch_image(f"https://{HOST}:{server.port}/x", deadline=ample_time())


async def test_an_image_comes_with_the_type_of_its_content_not_of_its_header(
    web: tuple[WebServer, WebImages],
) -> None:
    answer = response(images.PNG, "content-type: image/gif")
    assert await fetched(web, answer) == (images.PNG, "image/png")


@pytest.mark.parametrize("data", [images.GIF, images.SVG, images.HTML, b""])
async def test_what_is_no_image_is_an_unsupported_format(
    web: tuple[WebServer, WebImages], data: bytes
) -> None:
    with pytest.raises(InvalidRequest, match="png, jpeg, webp, heic or heif") as refused:
        await fetched(web, response(data, "content-type: image/png"))
    assert refused.value.code == "invalid_image_format"


async def test_an_image_has_at_most_ten_megabytes(web: tuple[WebServer, WebImages]) -> None:
    whole = images.PNG.ljust(MAX_IMAGE_BYTES, b"\0")
    data, _ = await fetched(web, response(whole))
    assert len(data) == MAX_IMAGE_BYTES
    with pytest.raises(InvalidRequest, match=str(MAX_IMAGE_BYTES)) as refused:
        await fetched(web, response(whole + b"\0"))
    assert refused.value.code == "invalid_image_url"


async def test_a_url_that_is_not_allowed_is_an_invalid_image_url(
    web: tuple[WebServer, WebImages],
) -> None:
    _, pictures = web
    with pytest.raises(InvalidRequest, match=r"^The image cannot be used: its .*\.$") as refused:
        await pictures.fetch_image("file:///etc/passwd", deadline=ample_time())
    assert (refused.value.code, refused.value.param) == ("invalid_image_url", None)
