"""Multipart bodies: fields and files, within bounds, large files on disk until they are read."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Message

from proxy.caller import Caller
from proxy.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from proxy.library.desk import Desk
from proxy.protocol.site_content import MAX_FIELD_CHARS
from proxy.store import Upload

MAX_FORM_BYTES = 200 * 1024 * 1024
MAX_FILES = 500
_MAX_FIELDS = 20
_PIECE_BYTES = 1024 * 1024


@asynccontextmanager
async def form_of(request: Request) -> AsyncGenerator[FormData]:
    """Give a request's form; its files are gone when the context ends.

    Raises:
        UnsupportedMediaType: it is no form.
        PayloadTooLarge: it is larger than `MAX_FORM_BYTES`.
        InvalidRequest: it cannot be read.
    """
    if not is_form(request):
        raise UnsupportedMediaType("Files are to be sent as 'multipart/form-data'.")
    bounded = Request(request.scope, _Bounded(request).receive)
    try:
        async with bounded.form(max_files=MAX_FILES, max_fields=_MAX_FIELDS) as form:
            yield form
    except HTTPException as exc:
        raise InvalidRequest(f"The form cannot be read: {exc.detail}", code="invalid_form") from exc


def is_form(request: Request) -> bool:
    """Whether the body says that it is a form with files."""
    kind: str = request.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower() == "multipart/form-data"


def files_of(form: FormData, *names: str) -> list[UploadFile]:
    """Return the files among the fields of these names, in order.

    Raises:
        InvalidRequest: a field holds text instead, or there is no file at all.
    """
    found = [value for name, value in form.multi_items() if name in names]
    files = [value for value in found if isinstance(value, UploadFile)]
    if not files or len(files) < len(found):
        raise InvalidRequest(
            f"The form has no file '{names[0]}'.", param=names[0], code="missing_required_parameter"
        )
    return files


def text_of_field(form: FormData, name: str, *, max_chars: int = MAX_FIELD_CHARS) -> str | None:
    """Return the text of a field, None where there is none.

    Raises:
        InvalidRequest: it is a file, or too long.
    """
    value = form.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > max_chars:
        raise InvalidRequest(f"'{name}' is a text of at most {max_chars} characters.", param=name)
    return value


async def keep(
    desk: Desk, caller: Caller, file: UploadFile, *, purpose: str, filename: str | None = None
) -> Upload:
    """Keep a file of a form as an upload."""
    return await desk.upload(
        caller,
        filename=filename or file.filename or "",
        purpose=purpose,
        size_bytes=file.size or 0,
        pieces=_pieces(file),
    )


def _pieces(file: UploadFile) -> Iterator[bytes]:
    file.file.seek(0)
    while piece := file.file.read(_PIECE_BYTES):
        yield piece


class _Bounded:
    """Counts what a request's body brings."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._left_bytes = MAX_FORM_BYTES
        declared: str = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > MAX_FORM_BYTES:
            raise _too_large()

    async def receive(self) -> Message:
        message = await self._request.receive()
        self._left_bytes -= len(cast("bytes", message.get("body", b"")))
        if self._left_bytes < 0:
            raise _too_large()
        return message


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"The files are larger than {MAX_FORM_BYTES // 1024**2} MB together.")
