"""A new SQLite file may be opened by many at the same instant."""

import asyncio
from pathlib import Path

from proxy.adapters.sql.addresses import read_address
from proxy.adapters.sql.database import Database
from tests.support.stores import sqlite_url

FILES, TOGETHER = 40, 6
"""Without waiting, one opening in ninety is refused (measured on two cores)."""


async def test_none_of_those_who_open_a_new_file_at_once_is_refused(tmp_path: Path) -> None:
    for n in range(FILES):
        (folder := tmp_path / str(n)).mkdir()
        url = sqlite_url(folder)
        databases = [Database(read_address(url)) for _ in range(TOGETHER)]
        try:
            async with asyncio.TaskGroup() as group:
                for database in databases:
                    group.create_task(database.check())
        finally:
            for database in databases:
                await database.close()
