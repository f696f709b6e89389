"""`ingest --batch`: an ingest that waits for hours may be killed, and the next one pays nothing."""

import asyncio
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.environment import clean_environment
from tests.support.gemini_batches import GeminiBatches
from tests.support.gemini_server import FakeGemini
from tests.support.serving import REPOSITORY

QUESTION = "How is the pump primed?"


class Upstream:
    """A Gemini with batches, and the settings that lead there."""

    def __init__(self, fake: FakeGemini, data_dir: Path) -> None:
        self.fake = fake
        self.batches = GeminiBatches()
        fake.reply_by(self.batches.reply)
        self.env = {
            "GEMINI_API_KEY": "key-of-the-tests",
            "GEMINI_BASE_URL": fake.url,
            "PROXY_DATA_DIR": str(data_dir),
            "PROXY_EMBED_BATCH_POLL_S": "0.1",
        }


@pytest.fixture
def upstream(tmp_path: Path) -> Generator[Upstream]:
    with FakeGemini() as fake:
        yield Upstream(fake, tmp_path / "data")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Two pages."""
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "pump.md").write_text("# The pump\n\nIt is primed with two litres of water.\n")
    (folder / "gauge.md").write_text("# The gauge\n\nIt is read at dawn.\n")
    return folder


async def test_an_ingest_that_was_killed_goes_on_with_the_batches_it_had_sent(
    upstream: Upstream, book: Path, command_line: CommandLine
) -> None:
    upstream.batches.is_held = True
    args = ["ingest", str(book), "--book", "pumps", "--batch"]
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "proxy", *args),
        env=clean_environment({"PYTHONPATH": str(REPOSITORY), **upstream.env}),
        cwd=book,
    )
    await upstream.fake.wait_for_request(nth=2)  # the first look at the batch
    killed.kill()
    await killed.wait()
    upstream.batches.is_held = False
    done = command_line(*args, env=upstream.env)
    assert done.returncode == 0, done.stderr
    assert "added 2" in done.stdout
    [batch] = upstream.batches.batches.values()
    assert len(batch.texts) == 2
    assert upstream.fake.embedding_requests == []
    found = command_line("search", QUESTION, "--json", env=upstream.env)
    assert "two litres" in found.stdout.partition("}")[0]


@pytest.mark.parametrize(
    "env",
    [
        {"EMBEDDER": "local"},
        {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_PROJECT": "a-project"},
    ],
)
def test_where_there_are_no_batches_the_command_says_so(
    command_line: CommandLine, book: Path, env: dict[str, str]
) -> None:
    refused = command_line("ingest", str(book), "--book", "pumps", "--batch", env=env)
    assert refused.returncode == 2
    assert "--batch is for books that the Gemini API embeds" in refused.stderr
