"""Fetching for real, over TLS on loopback, and a canary that must stay unhurt."""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator

import pytest

from proxy.adapters.web.fetcher import (
    Fetched,
    GuardedResolver,
    WebFetcher,
    WrongContent,
    open_web_fetcher,
    system_addresses,
)
from proxy.adapters.web.guard import NotFetchable, UrlRules, is_public
from proxy.deadline import Deadline
from tests.support.images import PNG
from tests.support.waiting import LONG_ENOUGH_S, ample_time
from tests.support.web_server import Answer, CertificateAuthority, WebServer, response

HOST = "pictures.example.com"
OTHER_HOST = "inside.example.com"
OUTSIDE = "93.184.216.34"
"""A public address: whoever connects to it in a test is caught (`tests/support/network.py`)."""
MAX_BYTES = 1_000


def png_only(data: bytes) -> str | None:
    return "image/png" if data.startswith(b"\x89PNG") else None


class Names:
    """A DNS that gives its next answer each time it is asked, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str) -> list[str]:
        """Return the next answer; an empty one means that nobody knows the host."""
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return answer


class Web:
    """A server named `HOST` and a fetcher that may reach this machine by a public-looking name."""

    def __init__(self, server: WebServer, fetcher: WebFetcher, names: Names) -> None:
        self.server = server
        self.fetcher = fetcher
        self.names = names

    async def fetch(self, path: str = "/x", *, host: str = HOST, seconds: float = 10.0) -> Fetched:
        """Fetch a path of the server."""
        return await self.fetcher.fetch(
            f"https://{host}:{self.server.port}{path}",
            max_bytes=MAX_BYTES,
            deadline=Deadline.after(seconds),
            accept=png_only,
        )

    async def fetch_answer(self, answer: Answer, *, seconds: float = 10.0) -> Fetched:
        """Fetch from a server that answers so."""
        self.server.answers["/x"] = answer
        return await self.fetch(seconds=seconds)


@pytest.fixture
async def web(authority: CertificateAuthority) -> AsyncGenerator[Web]:
    names = Names(["127.0.0.1"])
    async with (
        WebServer(tls=authority.server(HOST)) as server,
        open_web_fetcher(
            UrlRules(ports=frozenset({server.port})),
            lookup=names,
            may_connect=lambda address: address == "127.0.0.1",
            tls=authority.client(),
        ) as fetcher,
    ):
        yield Web(server, fetcher, names)


@pytest.fixture
async def canary() -> AsyncGenerator[WebServer]:
    async with WebServer({"/x": response(PNG)}) as server:
        yield server
        assert server.connections == 0, "something got through to the inside"


async def test_what_is_at_a_url_is_fetched_with_the_type_its_content_has(web: Web) -> None:
    fetched = await web.fetch_answer(response(PNG, "content-type: text/html"))
    assert fetched == Fetched(PNG, "image/png")
    assert web.names.asked == [HOST]


async def test_the_request_says_little_and_is_not_to_be_compressed(web: Web) -> None:
    web.server.answers["/a%2Fb?sig=x%2By"] = response(PNG, "set-cookie: a=b; Domain=example.com")
    await web.fetch("/a%2Fb?sig=x%2By#part")
    await web.fetch("/a%2Fb?sig=x%2By")
    for head in web.server.requests:
        lines = head.decode().lower().split("\r\n")
        assert lines[0] == "get /a%2fb?sig=x%2by http/1.1"
        names = {line.partition(":")[0] for line in lines[1:] if line}
        assert names <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
        assert "accept-encoding: identity" in lines
    assert len(web.server.requests) == 2


async def test_proxy_variables_are_not_obeyed(
    web: Web, canary: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    assert (await web.fetch_answer(response(PNG))).data == PNG


async def test_a_certificate_for_another_name_is_refused(web: Web) -> None:
    web.server.answers["/x"] = response(PNG)
    with pytest.raises(NotFetchable, match="cannot be reached"):
        await web.fetch(host=OTHER_HOST)
    assert web.server.requests == []


async def test_a_certificate_of_an_unknown_authority_is_refused(web: Web) -> None:
    stranger = CertificateAuthority()
    async with open_web_fetcher(
        UrlRules(ports=frozenset({web.server.port})),
        lookup=web.names,
        may_connect=lambda _: True,
        tls=stranger.client(),
    ) as fetcher:
        with pytest.raises(NotFetchable, match="cannot be reached"):
            await Web(web.server, fetcher, web.names).fetch()
    assert web.server.requests == []


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 T", "308 P"])
async def test_redirects_are_not_followed(web: Web, canary: WebServer, status: str) -> None:
    location = f"location: http://127.0.0.1:{canary.port}/x"
    with pytest.raises(NotFetchable, match="redirects"):
        await web.fetch_answer(response(b"", location, status=status))


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "206 Partial", "204 No Content"])
async def test_only_a_success_counts(web: Web, status: str) -> None:
    with pytest.raises(NotFetchable, match=f"status {status[:3]}$"):
        await web.fetch_answer(response(b"", status=status))


async def test_content_of_another_type_is_told_apart(web: Web) -> None:
    with pytest.raises(WrongContent):
        await web.fetch_answer(response(b"<svg/>", "content-type: image/png"))


async def test_compressed_content_is_not_unpacked(web: Web) -> None:
    """A few kilobytes of gzip can hold gigabytes."""
    with pytest.raises(WrongContent):
        await web.fetch_answer(response(b"\x1f\x8b\x08" + PNG, "content-encoding: gzip"))


async def test_the_limit_of_bytes_is_inclusive(web: Web) -> None:
    whole = PNG.ljust(MAX_BYTES, b"\0")
    assert (await web.fetch_answer(response(whole))).data == whole
    with pytest.raises(NotFetchable, match=f"more than {MAX_BYTES} bytes"):
        await web.fetch_answer(response(whole + b"\0"))


async def test_a_body_announced_as_too_large_is_not_read(web: Web) -> None:
    with pytest.raises(NotFetchable, match="more than"):
        await web.fetch_answer(response(PNG, length=MAX_BYTES + 1))


async def test_a_body_shorter_than_announced_is_refused(web: Web) -> None:
    with pytest.raises(NotFetchable, match="broke off"):
        await web.fetch_answer(response(PNG, length=len(PNG) + 1))


async def test_a_body_longer_than_announced_is_refused(web: Web) -> None:
    with pytest.raises(NotFetchable, match="broke off"):
        await web.fetch_answer(response(PNG + b"x" * 100, length=len(PNG)))


async def test_an_endless_body_ends_at_the_limit_of_bytes(web: Web) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"200\r\n" + bytes(0x200) + b"\r\n")
            await writer.drain()

    with pytest.raises(NotFetchable, match="more than"):
        await web.fetch_answer(endless)


async def _says_nothing(_: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _stops_in_the_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-")
    await asyncio.Event().wait()


async def _stops_in_the_body(writer: asyncio.StreamWriter) -> None:
    writer.write(response(PNG, length=len(PNG) + 1))
    await asyncio.Event().wait()


@pytest.mark.parametrize("slow", [_says_nothing, _stops_in_the_head, _stops_in_the_body])
async def test_a_slow_server_is_left_at_the_deadline(web: Web, slow: Answer) -> None:
    with pytest.raises(NotFetchable, match="in time"):
        await web.fetch_answer(slow, seconds=0.2)


async def test_without_time_left_nobody_is_asked(web: Web) -> None:
    with pytest.raises(NotFetchable, match="in time"):
        await web.fetch(seconds=0.0)
    assert web.server.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_not_http_is_refused(web: Web, answer: bytes) -> None:
    with pytest.raises(NotFetchable, match="cannot be reached or broke off"):
        await web.fetch_answer(answer)


@pytest.mark.parametrize(
    "answer",
    [
        [OUTSIDE, "127.0.0.1"],
        ["127.0.0.1", OUTSIDE],
        ["169.254.169.254"],
        ["2606:4700::1111", "::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["localhost"],
        ["fe80::1%eth0"],
        [],
    ],
    ids=lambda answer: ",".join(answer) or "none",
)
async def test_one_address_inside_condemns_the_host_and_reads_like_an_unknown_one(
    canary: WebServer, answer: list[str]
) -> None:
    rules = UrlRules(frozenset({"http"}), frozenset({canary.port}))
    async with open_web_fetcher(rules, lookup=Names(answer)) as fetcher:
        with pytest.raises(NotFetchable) as refused:
            await fetcher.fetch(
                f"http://{OTHER_HOST}:{canary.port}/x",
                max_bytes=MAX_BYTES,
                deadline=ample_time(),
                accept=png_only,
            )
    assert str(refused.value) == "its server cannot be reached or broke off"


async def test_a_name_is_looked_up_once_so_a_second_answer_is_worth_nothing(
    authority: CertificateAuthority, canary: WebServer
) -> None:
    """DNS rebinding: harmless when checked, inside when connected to."""
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    judged: list[str] = []

    def may_connect(address: str) -> bool:
        judged.append(address)
        return True

    async with (
        WebServer({"/x": response(PNG)}, authority.server(HOST)) as server,
        open_web_fetcher(
            UrlRules(ports=frozenset({server.port, canary.port})),
            lookup=names,
            may_connect=may_connect,
            tls=authority.client(),
        ) as fetcher,
    ):
        assert (await Web(server, fetcher, names).fetch()).data == PNG
    assert names.asked == [HOST]
    assert judged == ["127.0.0.1"]


async def test_what_was_judged_for_one_request_is_judged_again_for_the_next(web: Web) -> None:
    web.names.answers[:] = [["127.0.0.1"], ["10.0.0.1"]]

    async def stays_open(writer: asyncio.StreamWriter) -> None:
        writer.write(response(PNG))
        await asyncio.Event().wait()

    assert (await web.fetch_answer(stays_open)).data == PNG
    with pytest.raises(NotFetchable, match="cannot be reached"):
        await web.fetch()
    assert web.names.asked == [HOST, HOST]
    assert len(web.server.requests) == 1


CANARY_HOSTS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "localhost.",
    "a.localhost",
    "0.0.0.0",
    "127。0。0。1",
    "user@127.0.0.1",
    r"good.example\@127.0.0.1",
]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", CANARY_HOSTS)
async def test_no_spelling_of_this_machine_reaches_it(
    canary: WebServer, scheme: str, host: str
) -> None:
    rules = UrlRules(frozenset({"http", "https"}), frozenset({canary.port}))
    names = Names(["127.0.0.1"])
    async with open_web_fetcher(rules, lookup=names, may_connect=is_public) as fetcher:
        with pytest.raises(NotFetchable):
            await fetcher.fetch(
                f"{scheme}://{host}:{canary.port}/x",
                max_bytes=MAX_BYTES,
                deadline=ample_time(),
                accept=png_only,
            )
    assert names.asked == [], "the name alone is enough to refuse"


async def test_a_silent_name_server_holds_up_nobody_else() -> None:
    """Its threads are not those of the event loop, on which the upstream's name is looked up."""
    release = threading.Event()

    def silent(_: str) -> list[str]:
        release.wait(2 * LONG_ENOUGH_S)
        return []

    async with open_web_fetcher(lookup=silent) as fetcher:
        fetches = [
            fetcher.fetch(
                f"https://{i}{HOST}/x",
                max_bytes=MAX_BYTES,
                deadline=Deadline.after(0.2),
                accept=png_only,
            )
            for i in range(32)  # all that the event loop has
        ]
        outcomes = await asyncio.gather(*fetches, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {NotFetchable}
        try:
            async with asyncio.timeout(LONG_ENOUGH_S):
                await asyncio.to_thread(int)
        finally:
            release.set()


async def test_a_name_without_any_address_is_unknown() -> None:
    resolver = GuardedResolver(lambda _: [], is_public)
    with pytest.raises(OSError, match="no address"):
        await resolver.resolve(HOST, 443)
    await resolver.close()


async def test_addresses_keep_their_family() -> None:
    resolver = GuardedResolver(lambda _: ["8.8.8.8", "2606:4700::1111"], is_public)
    found = await resolver.resolve(HOST, 443)
    assert [(one["hostname"], one["host"], one["port"], one["family"]) for one in found] == [
        (HOST, "8.8.8.8", 443, socket.AF_INET),
        (HOST, "2606:4700::1111", 443, socket.AF_INET6),
    ]
    await resolver.close()


def test_the_system_is_asked_by_default() -> None:
    assert system_addresses("127.0.0.1") == ["127.0.0.1"]
