"""A web server on loopback that answers raw bytes, with or without TLS; also a canary.

What it is asked for is counted by connection, so that "nothing got through" can be asserted.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

import trustme

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]
"""What comes back for a path: the whole response, or who writes it."""

_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


def response(
    body: bytes, *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """Return a response; `length` is the one it claims to have."""
    claimed = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"content-length: {claimed}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class CertificateAuthority:
    """Signs certificates for tests and makes clients that trust it."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    def server(self, *names: str) -> ssl.SSLContext:
        """Return a server's context with a certificate for `names`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with self._authority.issue_cert(*names).private_key_and_cert_chain_pem.tempfile() as path:
            context.load_cert_chain(path)
        return context

    def client(self) -> ssl.SSLContext:
        """Return a client's context that trusts this authority and nobody else."""
        pem = self._authority.cert_pem.bytes().decode("ascii")
        return ssl.create_default_context(cadata=pem)


class WebServer:
    """Answers by path; use it with `async with`."""

    def __init__(
        self, answers: Mapping[str, Answer] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.answers = dict(answers or {})
        self.requests: list[bytes] = []
        """Heads of the requests, in their order."""
        self.connections = 0
        """Of TCP that were made (of TLS: that came through the handshake)."""
        self.port = 0
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, whoever is still being answered."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(head)
            answer = self.answers.get(head.split(b" ", 2)[1].decode(), _NOT_FOUND)
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (OSError, EOFError):
            pass  # the client has gone, which some tests are about
        finally:
            writer.close()
