"""Data that a client sends within its request: base64, data URLs, and what the bytes really are."""

import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from proxy.errors import InvalidRequest
from proxy.protocol.media_types import media_type

_DATA_URL = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*(?P<base64>;base64)?,", re.IGNORECASE
)
_MAX_HEADER_CHARS = 1_024
_URL_ALPHABET = str.maketrans("-_", "+/", "\r\n\t =")


@dataclass(frozen=True, slots=True)
class InlineData:
    """Bytes of a request."""

    declared_type: str | None
    """What a data URL says they are, in lower case."""
    data: bytes
    base64: str
    """The bytes as Gemini reads them: standard alphabet, padded."""

    @property
    def sniffed_type(self) -> str | None:
        """What the first bytes give away, None where they do not."""
        return media_type(self.data)


def is_data_url(text: str) -> bool:
    """Whether data is written into the URL itself."""
    return text[:5].lower() == "data:"


def read_inline(text: str, where: str, code: str) -> InlineData:
    """Return the bytes of a data URL or of bare base64; line breaks and both alphabets are read.

    Raises:
        InvalidRequest: there are none, with `code` and `where` as its `param`.
    """
    header = _DATA_URL.match(text, 0, _MAX_HEADER_CHARS)
    declared = header["type"].lower() if header and header["type"] else None
    body = text[header.end() :] if header else text
    if header and not header["base64"]:
        data = unquote_to_bytes(body)
        encoded = binascii.b2a_base64(data, newline=False).decode("ascii")
    else:
        data, encoded = _decoded(body)
    if not data:
        raise InvalidRequest("The data is not valid base64.", param=where, code=code)
    return InlineData(declared, data, encoded)


def _decoded(body: str) -> tuple[bytes, str]:
    """Return the bytes, empty where it is no base64, and the base64 that is sent on."""
    try:  # as it should be: not a character has to be touched
        return binascii.a2b_base64(body, strict_mode=True), body
    except ValueError:  # binascii.Error, or characters beyond ASCII
        pass
    plain = body.translate(_URL_ALPHABET)
    padded = plain + "=" * (-len(plain) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True), padded
    except ValueError:
        return b"", ""
