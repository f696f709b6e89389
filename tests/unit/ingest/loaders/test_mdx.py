"""What is left of MDX."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.ingest.loaders.mdx import to_markdown
from proxy.ingest.loaders.mdx_form import is_mdx


def _clean(text: str) -> str:
    return to_markdown(text, mdx=True)


@pytest.mark.parametrize(
    "text",
    [
        "```jsx title=\"a.jsx\"\nimport A from 'a';\n\n<A>{/* c */}</A>   \n\n\n\n:::note\n```\n",
        "~~~~md\n```\n<B/>\n~~~\n~~~~\n",
        "- item\n  ```js\n  <A/>\n  ```\n",
        "> ```js\n> <A/>\n> ```\n",
        "1. ```js\n   <A/>\n   ```\n",
        "```\nnever closed <A/>",
        "inline `<View>` and ``a ` <b/> `` and `{/* x */}` and `![i](j)`\n",
        "code `over\ntwo <A/> lines`\n",
        r"escaped \<A/> and \{x} and \`<" + "\n",
        "a < b, 1<2, <https://x.y/z>, <me@example.org>\n",
        "math $\\frac{1}{2}$ and {1 + 1} and a {name}\n",
        "| a | b |\n| - | - |\n| `<A/>` | c |\n",
        "import is a word, export too\nimport in the middle\n",
        "A sentence with :::colons::: in it\n\n:::\n",
        "A line that ends so\\\nand goes on\n",
        "{never closed\n\n<!-- nor this\n\n{/* nor that\n",
    ],
)
def test_plain_text_and_code_come_out_byte_for_byte(text: str) -> None:
    assert _clean(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("import A from 'a';\nimport B from 'b'\n\ntext", "\ntext"),
        ("import {\n  A,\n} from 'a';\n\ntext", "\ntext"),
        ("import 'a.css';\n\ntext", "\ntext"),
        ("import type {A} from 'a';\n\ntext", "\ntext"),
        ("export const a = {\n\n  b: 1,\n};\n\ntext", "\ntext"),
        ("a\n\nexport default function F() {}\n\nb", "a\n\nb"),
        ("a {/* one */} b <!-- two\n\n```\nx\n``` --> c", "a  b  c"),
        ("a\n{/*\nlong\n\ncomment */}\nb", "a\n\nb"),
        ("<!--truncate-->\ntext", "\ntext"),
        ("a <b>bold</b> <span class='x'>s</span><br/>c", "a bold s c"),
        ("10<sup>6</sup> (x)<sup>-2</sup> 2<sup>nd</sup> H<sub>2</sub>O", "10^6 (x)^-2 2nd H2O"),
        ("<sup>1</sup> <sup>2</sup>", "1 2"),
        ("# 10<sup>6</sup>\n", "# 106\n"),
        ("<Card title='T' description='What it is.' href='/x'/>\n", "\n\n**T**\n\nWhat it is.\n\n"),
        ("<Card description={said}/>x", "x"),
        ("| <Card title='T' description='D'/> |\n", "|  **T** D  |\n"),
        ("<p description='D'>x</p>", "x\n"),
        ("> :::tip\n> d\n> :::\n", "> **Tip**\n>\n> d\n> \n"),
        ("<Foo a={() => { return '>' }}>kept</Foo>", "kept"),
        ("<>a<Foo/></>", "a"),
        ("<p>one</p><p>two</p>", "one\n\ntwo\n"),
        ("<ul>\n  <li>one</li>\n  <li>two</li>\n</ul>\n", "\n  one\n\n  two\n\n"),
        ("- <p>item</p>\n", "- item\n\n"),
        ("| a | <ul><li>x</li></ul> |\n", "| a |   x   |\n"),
        ("| a | <T label='L'>x</T> |\n", "| a |  **L** x |\n"),
        ("![alt](a.png) ![b [c]](d(e).png 't') ![r][ref] ![](x)", "alt b [c] r "),
        ("[![logo](a.png)](https://x.y)", "[logo](https://x.y)"),
        ("<img src='a' alt='An  image'/> <Image alt={x} />", "An image "),
        ("<style>{`\na { b: c }\n`}</style>\n<script>x()</script>text", "\ntext"),
        ("a{' '}b {\"c\"}", "a b c"),
        ("{items.map(i => (\n  <p>{i}</p>\n))}\ntext", "\ntext"),
        ("a {cond && <B/>} c", "a  c"),
        ("a {x /* y */} c", "a  c"),
        ("```mdx-code-block\n<A>kept</A>\n```\n", "kept\n\n"),
    ],
)
def test_what_only_a_browser_needs_is_dropped(text: str, left: str) -> None:
    assert _clean(text) == left


def test_tabs_keep_every_variant_under_its_label() -> None:
    labels = "[{label: 'Mac OS', value: 'mac'}, {label: 'Win', value: 'w'}]"
    text = (
        f"<Tabs groupId='os' values={{{labels}}}>"
        '\n<TabItem value="mac">\n\nuse brew\n\n</TabItem>\n'
        '<TabItem value="l" label="Linux" default>\n\nuse apt\n\n</TabItem>\n</Tabs>\n'
    )
    assert _clean(text).split() == ["**Mac", "OS**", "use", "brew", "**Linux**", "use", "apt"]
    assert "\n\n**Linux**\n\nuse apt\n\n" in _clean(text)


def test_title_of_a_component_stays_as_a_bold_line() -> None:
    assert _clean('<Card title="A **b**">text</Card>') == "\n\n**A b**\n\ntext"


def test_code_in_a_template_string_becomes_a_fence() -> None:
    text = '<CodeBlock language="bash">\n{`npx init\n  --now`}\n</CodeBlock>\n'
    assert "\n```bash\nnpx init\n  --now\n```\n" in _clean(text)
    assert _clean("a {`b`} c") == "a b c"


@pytest.mark.parametrize(
    ("opening", "lead"),
    [
        (":::note", "**Note**"),
        (":::tip Do this", "**Do this**"),
        (":::warning[With `code`]", "**With `code`**"),
        ("::::my-kind{.x} Title", "**Title**"),
    ],
)
def test_admonition_stays_as_text_under_its_title(opening: str, lead: str) -> None:
    colons = opening[: len(opening) - len(opening.lstrip(":"))]
    assert _clean(f"{opening}\n\ntext\n\n{colons}\n\nafter") == f"{lead}\n\ntext\n\nafter"


def test_admonitions_nest_and_stand_in_lists_and_quotes() -> None:
    text = "::::note\n\n:::tip\n\na\n\n:::\n\n::::\n\n"
    text += "- b\n\n  :::note\n\n  c\n\n  :::\n> :::note\n> d\n"
    left = _clean(text)
    assert ":::" not in left
    assert [word for word in left.split() if not word.startswith("**")] == [*"a-bc>", *">>d"]


def test_comment_names_a_heading_as_the_older_form_does() -> None:
    assert _clean("## Title {/* #custom words */}\n") == "## Title {#custom}\n"
    assert _clean("## Title {#custom}\n") == "## Title {#custom}\n"
    assert _clean("text {/* #custom */}\n") == "text \n"


def test_tags_in_headings_leave_no_space() -> None:
    assert _clean("## a <div class='label'>iOS</div><img alt='x'/>\n") == "## a iOS\n"


def test_braces_and_import_lines_mean_nothing_in_plain_markdown() -> None:
    text = "import a from 'b';\n\n{\nx: 'y'\n}\n\na{' '}b\n"
    assert to_markdown(text, mdx=False) == text


def test_indented_code_of_plain_markdown_is_left_alone() -> None:
    text = "text\n\n    <b>code</b>\n\n    # more <i>\n\t<u>\n\nend\n"
    assert to_markdown(text, mdx=False) == text


def test_indented_text_below_a_list_item_is_text() -> None:
    assert to_markdown("- a\n\n    <b>c</b>\nlazy\n\n    <i>d</i>\n", mdx=False) == (
        "- a\n\n    c\nlazy\n\n    d\n"
    )


def test_names_in_angle_brackets_that_nothing_closes_are_placeholders() -> None:
    assert to_markdown("run <name> on Vec<T><br>\n", mdx=False) == "run <name> on Vec<T> \n"


@pytest.mark.parametrize(
    ("text", "mdx"),
    [
        ("import A from 'a';\n", True),
        ("import {\n  A\n} from 'a';\n", True),
        ("export const a = 1;\n", True),
        ("<Tabs>\n</Tabs>", True),
        ("<Foo />", True),
        ("a {/* b */}", True),
        ("```js\nimport A from 'a';\n<Foo />\n```\n", False),
        ("plain <b>html</b> {braces}\n", False),
        ("import os\n\nexport PATH=x\n", False),
    ],
)
def test_page_is_mdx_by_what_it_says_outside_of_code(text: str, *, mdx: bool) -> None:
    assert is_mdx(text) is mdx


_PIECES = st.sampled_from(
    [
        *("word ", "\n", "\n\n", "`", "``", "```\n", "~~~\n", "<A>", "</A>", "<a/>", "<", "{"),
        *(
            "}",
            "{/*",
            "*/}",
            "<!--",
            "-->",
            ":::note\n",
            ":::\n",
            "- ",
            "> ",
            "    ",
            "![a](b)",
            "\\",
        ),
        "import a\n",
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join), st.booleans())
def test_words_are_never_invented_or_moved(text: str, mdx: bool) -> None:  # noqa: FBT001 - drawn
    left = to_markdown(text, mdx=mdx)
    assert left.count("word") <= text.count("word")
    if not set("<{`~") & set(text):
        assert left.count("word") == text.count("word")


BYTES = "iVBORw0KGgo/+" * 5_000


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"![a chart](data:image/png;base64,{BYTES})\n", "a chart\n"),
        (f"![a chart](<data:image/png;base64,{BYTES}> 'title')\n", "a chart\n"),
        (f"<img src='data:image/png;base64,{BYTES}' alt='a chart'/> x\n", "a chart x\n"),
        (f'<img src="data:image/png;base64,{BYTES}" alt="a chart"/> x\n', "a chart x\n"),
        (f"[image1]: <data:image/png;base64,{BYTES}>\n", "[image1]: <data:image/png>\n"),
        (f"[file](data:text/plain;charset=utf-8;base64,{BYTES})\n", "[file](data:text/plain)\n"),
        (
            f"```\ndata:image/png;base64,{BYTES}\n```\n",
            f"```\ndata:image/png;base64,{BYTES}\n```\n",
        ),
    ],
)
def test_bytes_of_pictures_are_no_text(text: str, left: str) -> None:
    assert _clean(text) == left


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "{",
            "<a ",
            "<!-- ",
            "{/* ",
            "`",
            "`a``b",
            "![",
            ":::",
            "<a b='",
            "\\",
            "\n\n    x",
            "<A b={",
        ),
        *("<b>x</b>", "<C>x</C>", "<C/>x", "<!-- a -->x", "{/* a */}x", "{a}x", "<h1>", "<h2>\n"),
        *("```mdx-code-block\n", "````mdx-code-block\na\n", "![](data:", "data:a/b,"),
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    start_s = time.process_time()
    to_markdown(text, mdx=True)
    to_markdown(text, mdx=is_mdx(text))
    assert time.process_time() - start_s < 60


def test_the_bytes_of_a_picture_that_nothing_closes_are_read_once() -> None:
    text = "![](data:" + "a" * 3_000_000
    start_s = time.process_time()
    assert to_markdown(text, mdx=False) == text
    assert time.process_time() - start_s < 5
