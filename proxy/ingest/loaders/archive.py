"""Files within ZIP archives (EPUB, DOCX), read within bounds whatever the archive claims."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

MAX_MEMBERS = 20_000
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
"""Of all members by the archive's own list; a bomb that lies there is stopped while it is read."""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,  # encrypted
    ValueError,
)


class ArchiveError(Exception):
    """An archive cannot be read; the message is one line for its author."""


def open_archive(
    file: Path | IO[bytes], max_unpacked_bytes: int = MAX_UNPACKED_BYTES
) -> zipfile.ZipFile:
    """Return an archive of bearable size, open; its owner closes it.

    Raises:
        ArchiveError: no archive, or a bomb.
    """
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as exc:
        raise ArchiveError(f"is no ZIP archive, or a damaged one ({exc})") from exc
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or _unpacked(members) > max_unpacked_bytes:
        archive.close()
        raise ArchiveError(
            f"unpacks to more than {max_unpacked_bytes // 1024**2} MB or {MAX_MEMBERS} files"
        )
    return archive


def read_from(archive: zipfile.ZipFile, member: str, max_bytes: int) -> bytes:
    """Return a member's bytes.

    Raises:
        ArchiveError: not there, damaged, encrypted, or larger than `max_bytes` once unpacked.
    """
    try:
        with archive.open(member) as file:
            data = file.read(max_bytes + 1)
    except KeyError as exc:
        raise ArchiveError(f"{member} is not in the archive") from exc
    except _BROKEN as exc:
        raise ArchiveError(f"{member} cannot be unpacked ({exc})") from exc
    if len(data) > max_bytes:
        raise ArchiveError(f"{member} is larger than {max_bytes // 1024**2} MB unpacked")
    return data


def read_member(path: Path, member: str, max_bytes: int) -> bytes:
    """Return the bytes of one member of the archive at `path`.

    Raises:
        ArchiveError: see `open_archive` and `read_from`.
    """
    with open_archive(path) as archive:
        return read_from(archive, member, max_bytes)


def check_archive(file: IO[bytes], member: str, max_unpacked_bytes: int) -> None:
    """Return when `file` is an archive that holds `member`, for a library that opens it itself.

    Raises:
        ArchiveError: it is not, or it is a bomb.
    """
    with open_archive(file, max_unpacked_bytes) as archive:
        if member not in archive.namelist():
            raise ArchiveError(f"holds no {member}")
    file.seek(0)


def _unpacked(members: Sequence[zipfile.ZipInfo]) -> int:
    return sum(member.file_size for member in members)
