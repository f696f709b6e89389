"""The data folder of commands that only read: they make none, and say where they looked for one."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from proxy.errors import NotFound
from proxy.settings import Settings


def has_data_folder(settings: Settings) -> bool:
    """Return whether anything was ever kept there."""
    return settings.server.data_dir.is_dir()


def require_books(settings: Settings) -> None:
    """Return when there is a place that may hold books.

    Raises:
        NotFound: the embedded index has no folder.
    """
    if settings.qdrant.url is None and not has_data_folder(settings):
        raise _nothing_in(settings.server.data_dir, "`book-proxy ingest`")


def require_records(settings: Settings) -> None:
    """Return when there is a place that may hold keys, readers and usage.

    Raises:
        NotFound: SQLite has no folder.
    """
    if settings.store.database_url is None and not has_data_folder(settings):
        raise _nothing_in(settings.server.data_dir, "`book-proxy serve` or `keys create`")


def _nothing_in(folder: Path, maker: str) -> NotFound:
    return NotFound(
        f"there is no data folder {folder.absolute()}: run this where the server runs, or name its"
        f" folder in PROXY_DATA_DIR; {maker} makes one"
    )


@contextmanager
def without_traces(settings: Settings) -> Generator[Settings]:
    """Give the settings, with a data folder that is thrown away where there is none."""
    if has_data_folder(settings):
        yield settings
        return
    with TemporaryDirectory(prefix="book-proxy-") as folder:
        yield in_data_folder(settings, Path(folder))


def in_data_folder(settings: Settings, folder: Path) -> Settings:
    """Return the settings with another data folder."""
    server = settings.server.model_copy(update={"data_dir": folder})
    return settings.model_copy(update={"server": server})
