"""Files of our pages as they are sent: no comment, every line where it was, found by version."""

import gzip
import re

import pytest

from proxy.api.assets import ASSETS, VERSION, WEB, WIDGET, find, without_comments

MODULE = """\
// What it is for.

/**
 * @param {string} a
 */
export function f(a) {  // said beside code
  /* gone */
  return "/* kept */" + a; // "//"
}
"""


def test_comments_with_lines_to_themselves_are_left_out_and_lines_keep_their_numbers() -> None:
    bare = without_comments(MODULE.encode()).decode()
    assert bare.count("\n") == MODULE.count("\n")
    assert bare.splitlines() == [
        *[""] * 5,
        "export function f(a) {  // said beside code",
        "",
        '  return "/* kept */" + a; // "//"',
        "}",
    ]


MODULES = [path for path in ASSETS if path.endswith(".js") and path != "widget/linked.js"]


@pytest.mark.parametrize("path", MODULES)
def test_no_text_of_a_module_goes_over_lines_where_it_could_look_like_a_comment(path: str) -> None:
    source = WEB.joinpath(path).read_text(encoding="utf-8")
    code = "\n".join(without_comments(source.encode()).decode().splitlines())
    code = re.sub(r"\"`\"|/(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\\n\s])+/[a-z]*|\\`", "", code)
    odd = [line for line in code.splitlines() if line.split(" // ")[0].count("`") % 2]
    assert odd == []


def test_what_is_compressed_is_the_same() -> None:
    assert all(gzip.decompress(one.compressed) == one.body for one in ASSETS.values())


def test_the_widget_names_its_version_which_is_kept_and_another_gets_what_there_is() -> None:
    (named,) = re.findall(r'from "\./web/(v-[0-9a-f]{12})/(.+)";', WIDGET.body.decode())
    assert named == (VERSION, "widget/linked.js")
    linked = ASSETS["widget/linked.js"]
    assert find("/".join(named)) == (linked, True)
    assert find("v-000000000000/widget/linked.js") == (linked, False)
    assert find("widget/linked.js") == (linked, False)
    assert find(f"{VERSION}/passwd")[0] is None
    assert find(f"{VERSION}/{VERSION}/tokens.css")[0] is None
