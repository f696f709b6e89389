"""`make chart`: the Helm chart, as helm and Kubernetes' own schemas see it.

helm lints and renders it with everything on and with as little as possible; every object is then
validated against the schemas of a Kubernetes version, strictly.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

ROOT = Path(__file__).parents[1]
CHART = ROOT / "deploy/helm/book-proxy"
VERSIONS = ("1.29", "1.33")
LEAST = ("--set", "image.repository=a", "--set", "secret=b")
VARIANTS = {
    "everything": ("--values", str(CHART / "values-check.yaml")),
    "least": (*LEAST, "--set", "qdrant.enabled=false", "--set", "autoscaling.enabled=false"),
}


def helm(*args: str) -> "subprocess.CompletedProcess[str]":
    """Run helm."""
    program = Path(sys.executable).with_name("helm")
    return subprocess.run([program, *args], capture_output=True, text=True, check=False, cwd=ROOT)


def problems_of(name: str, values: tuple[str, ...]) -> list[str]:
    """Return what is wrong with one way to render the chart."""
    linted = helm("lint", "--strict", str(CHART), *values)
    if linted.returncode:
        return [linted.stdout + linted.stderr]
    rendered = helm("template", "books", str(CHART), *values)
    if rendered.returncode:
        return [rendered.stderr]
    objects: list[Any] = [one for one in yaml.safe_load_all(rendered.stdout) if one]
    print(f"{name}: {len(objects)} objects: {', '.join(sorted(one['kind'] for one in objects))}")
    found: list[str] = []
    for version in VERSIONS:
        for one in objects:
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.ValidationError as exc:
                found.append(f"{name}, {version}, {one['kind']}: {exc.path} {exc.message}")
    return found


def main() -> int:
    """Print what is wrong; 1 when something is."""
    found = [one for name, values in VARIANTS.items() for one in problems_of(name, values)]
    if helm("template", "books", str(CHART)).returncode == 0:
        found.append("the chart renders without a secret and an image")
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{len(found)} problems, Kubernetes {' and '.join(VERSIONS)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
