"""What is kept in the repository names no machine, no registry and nothing unpinned."""

import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT, shown, tracked_files

LOCKS = sorted((ROOT / "locks").glob("*.txt"))
_REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("debian", "org"),
    ("ubuntu", "com"),
)
"""Written in two parts, so that this file does not name them either."""
_MACHINE_PATHS = ("/work" + "/", "/root" + "/", "/home" + "/")
_FIRST_LINE = re.compile(r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+( ; .+)? \\$")


def _lines(marks: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{shown(path)}: {line[:120]}"
            for line in text.splitlines()
            if any(mark in line for mark in marks)
        ]
    return found


def test_no_file_names_a_registry() -> None:
    assert _lines(tuple(".".join(parts) for parts in _REGISTRIES)) == []


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert _lines(_MACHINE_PATHS) == []


def test_there_are_locks() -> None:
    assert {path.stem for path in LOCKS} >= {"run", "dev"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_pin_of_a_lock_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"(?m)^(?=\S)", text)
    for entry in filter(str.strip, entries):
        first, *rest = entry.strip().splitlines()
        assert _FIRST_LINE.match(first), first
        assert rest, f"{first} has no hash"
        assert all(re.match(r"    --hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in rest)


def test_what_a_lock_for_running_pins_is_pinned_alike_for_development() -> None:
    run, dev = (
        set(re.findall(r"(?m)^(\S+==\S+)", (ROOT / "locks" / name).read_text()))
        for name in ("run.txt", "dev.txt")
    )
    assert run <= dev


def test_with_ray_the_pins_are_those_for_running_and_for_development() -> None:
    run, dev, ray = (
        dict(re.findall(r"(?m)^([^\s=]+)==(\S+)", (ROOT / "locks" / name).read_text()))
        for name in ("run.txt", "dev.txt", "ray.txt")
    )
    assert run.items() <= ray.items()
    assert {name: ray[name] for name in ray.keys() & dev.keys()}.items() <= dev.items()
    assert "ray" not in dev
