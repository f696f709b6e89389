"""Workers of an ingest that die in the middle of it, each kind once.

In a module of its own because it is sent to workers, which import it.
"""

import os
import signal
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from proxy.ingest.workers import Workers
from proxy.ports import Engine
from tests.support.engine_stages import kill_once
from tests.support.hash_embedder import HashEmbedder


def mortal_workers(engine: Engine, folder: Path) -> Workers:
    """Return workers of which the one that cuts page seven is lost; `folder` knows the others."""
    return Workers(engine, partial(_count, folder / "cut"), partial(_enlisted, folder))


def _count(marker: Path, text: str) -> int:
    if "page 7 " in text:
        kill_once(marker)
    return HashEmbedder().count_tokens(text)


def _enlisted(folder: Path) -> HashEmbedder:
    (folder / f"{os.getpid()}.pid").touch()
    return HashEmbedder()


@dataclass
class Reaper:
    """Implements `Progress`: kills a worker that embeds as soon as a first page is stored."""

    folder: Path
    killed: int | None = None

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""

    def advance(self, steps: int, /) -> None:
        """Kill, once, while most of the work is still to be done."""
        enlisted = list(self.folder.glob("*.pid"))
        if enlisted and self.killed is None and steps:
            self.killed = int(enlisted[0].stem)
            os.kill(self.killed, signal.SIGKILL)

    def notice(self, text: str, /) -> None:
        """Hear what the author may not have meant."""
