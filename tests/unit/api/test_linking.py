"""Modules as one: the order of need, names that do not meet, and forms that are not known."""

import subprocess
from pathlib import Path

import pytest

from proxy.api.linking import NotLinkable, link
from tests.support.waiting import LONG_ENOUGH_S
from tools.web_tools import node

MODULES = {
    "a/main.js": """
import { double } from "../numbers/double.js";
import {
  LIMIT as MOST,
  Counter,
} from "./counter.js";
export function start() { return Math.min(double(new Counter().next()), MOST); }
export const later = () => import("../words/de.js");
""",
    "a/counter.js": """
import { double } from "../numbers/double.js";
const STEP = 3;
export const LIMIT = 40;
export class Counter { next() { return double(STEP); } }
""",
    "numbers/double.js": """
const STEP = 2;
export async function* unused() {}
export function double(n) { return n * STEP; }
""",
}


def test_what_was_many_modules_does_the_same_as_one(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.mkdir()
    (place / "linked.mjs").write_text(link("a/main.js", MODULES))
    program = 'import { start, later } from "./linked.mjs"; console.log(start(), String(later));'
    (place / "run.mjs").write_text(program)
    done = subprocess.run(
        [node(), place / "run.mjs"],
        capture_output=True,
        text=True,
        timeout=LONG_ENOUGH_S,
        check=True,
    )
    assert done.stdout.strip() == '12 () => import("./../words/de.js")'


def test_each_module_is_there_once_and_before_those_that_need_it() -> None:
    linked = link("a/main.js", MODULES)
    assert linked.count("const STEP = 2;") == 1
    assert linked.index("const STEP = 2;") < linked.index("const STEP = 3;")


@pytest.mark.parametrize(
    "line",
    [
        'export { double } from "../numbers/double.js";',
        'import * as numbers from "../numbers/double.js";',
        'import "../numbers/double.js";',
        "export default 3;",
        "await Promise.resolve();",
        "const found = await Promise.resolve(3);",
    ],
)
def test_a_form_that_is_not_known_is_refused(line: str) -> None:
    with pytest.raises(NotLinkable, match="main"):
        link("a/main.js", {**MODULES, "a/main.js": f"\n{line}\n"})


def test_a_circle_and_a_module_that_is_not_there_are_refused() -> None:
    circle = {
        "a.js": 'import { b } from "./b.js";\nexport const a = b;',
        "b.js": 'import { a } from "./a.js";\nexport const b = a;',
    }
    with pytest.raises(NotLinkable, match=r"b\.js imports a\.js"):
        link("a.js", circle)
    with pytest.raises(NotLinkable, match=r"a\.js imports b\.js"):
        link("a.js", {"a.js": circle["a.js"]})
