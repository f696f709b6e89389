"""Every client has a driver and a lock with hashes and without addresses."""

import json
import re

import pytest

from clients.catalog import CLIENTS, DRIVERS, Client

_FOLDERS = sorted({client.folder for client in CLIENTS})


def test_every_driver_belongs_to_a_client() -> None:
    assert sorted(path.name for path in DRIVERS.iterdir() if path.is_dir()) == _FOLDERS


def test_a_client_is_shown_in_the_version_that_is_pinned() -> None:
    assert all(re.match(r"\d+\.\d+", client.version) for client in CLIENTS)
    with pytest.raises(LookupError):
        assert Client("nobody", CLIENTS[0].folder, "no-such-package").version


@pytest.mark.parametrize("folder", [one.folder for one in CLIENTS if not one.is_node])
def test_every_pin_of_a_python_client_has_hashes_and_no_address(folder: str) -> None:
    lock = (DRIVERS / folder / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in lock
    for entry in filter(str.strip, re.split(r"(?m)^(?=\S)", lock)):
        first, *rest = entry.strip().splitlines()
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+( ; .+)? \\$", first), first
        assert rest
        assert all(re.match(r"    --hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in rest)


@pytest.mark.parametrize("folder", sorted({one.folder for one in CLIENTS if one.is_node}))
def test_every_package_of_a_node_client_has_a_hash_and_no_address(folder: str) -> None:
    lock = json.loads((DRIVERS / folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages
    assert [name for name, one in packages.items() if "integrity" not in one] == []
    assert [name for name, one in packages.items() if "resolved" in one] == []
