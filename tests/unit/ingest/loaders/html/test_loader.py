"""Pages of HTML as generators and people write them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.corpus import Document
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource
from proxy.ingest.loaders.html.loader import load, route_of_file
from proxy.ingest.loaders.html.tree import without_scripts


def _load(body: str, document_id: str = "page.html", head: str = "") -> Document:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    document = load(Source(document_id, page.encode()))
    assert isinstance(document, Document)
    return document


def _text(body: str) -> str:
    (section,) = _load(body).sections
    return section.markdown


def test_headings_begin_sections_with_their_path_and_id() -> None:
    page = _load(
        "<main><h1 id=t>Title</h1><p>intro</p><h2 id=a>A</h2><p>text a"
        "<h3 id=a1>A1</h3><p>deep</p><h2 id=b>B</h2></main>"
    )
    assert page.title == "Title"
    assert [(s.heading_path, s.anchor, s.markdown) for s in page.sections] == [
        (("Title",), "t", "intro"),
        (("Title", "A"), "a", "text a"),
        (("Title", "A", "A1"), "a1", "deep"),
        (("Title", "B"), "b", ""),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "<h2 id=x>H</h2>",
        '<h2><a id="x"></a>H</h2>',
        '<h2><a name="x">H</a></h2>',
        '<section id="x"><i id="old"></i>\n<h2>H<a class="headerlink">¶</a></h2></section>',
        '<div class="section" id="x"><h2>H</h2><p>t</p></div>',
        '<a name="x"></a><h2>H</h2>',
        '<h2 id="x"><a class="header" href="#x">H</a></h2>',
        '<h2 id="x">H<a class="hash-link" href="#x" title="Direct link">\u200b</a></h2>',
    ],
)
def test_an_anchor_is_found_where_its_generator_puts_it(heading: str) -> None:
    page = _load(f"<main><h1>T</h1><p>above</p>{heading}</main>")
    assert (page.sections[-1].heading_path, page.sections[-1].anchor) == (("T", "H"), "x")


def test_a_section_id_belongs_to_its_first_heading_only() -> None:
    page = _load("<section id=s><h2>A</h2><p>t</p><h2>B</h2><p>u</p></section>")
    assert [section.anchor for section in page.sections] == ["s", ""]


def test_an_id_that_is_taken_begins_no_section_and_its_text_stays() -> None:
    page = _load("<h2 id=x>A</h2><p>a</p><h2 id=x>B</h2><p>b</p>")
    assert [section.markdown for section in page.sections] == ["a\n\n**B**\n\nb"]


@pytest.mark.parametrize(
    "around",
    [
        "<nav>menu</nav><header>menu</header><main>{}</main><footer>menu</footer>",
        "<div role=navigation>menu</div><div role=main>{}</div>",
        "<header>menu</header><div>{}</div><aside>menu</aside>",
        "<div class=sphinxsidebar>menu</div><div class=body>{}</div>",
        "<main><nav>menu</nav><article>{}<nav class=pagination-nav>menu</nav></article></main>",
        "<article>{}</article><p>menu</p>",
    ],
)
def test_what_is_there_to_find_ones_way_is_left_out(around: str) -> None:
    assert _text(around.format("<p>text</p>")) == "text"


def test_lists_nest_and_hold_blocks() -> None:
    html = (
        "<ul><li>one<ul><li><p>two</p><pre>code\n  more</pre></li></ul></li><li>three</li></ul>"
        "<ol start=4><li>four</li><li>five</li></ol>"
    )
    assert _text(html) == (
        "- one\n  - two\n\n    ```\n    code\n      more\n    ```\n- three\n\n4. four\n5. five"
    )


def test_quotations_and_definitions() -> None:
    assert _text("<blockquote><p>a</p><p>b</p></blockquote>") == "> a\n>\n> b"
    assert _text("<dl><dt>term</dt><dd>meaning</dd></dl>") == "**term**\n\nmeaning"


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ('<pre><code class="language-rust editable">{}</code></pre>', "rust"),
        ('<div class="highlight-python notranslate"><div><pre>{}</pre></div></div>', "python"),
        ('<div class="highlight-default"><div><pre>{}</pre></div></div>', ""),
        ("<pre>{}</pre>", ""),
    ],
)
def test_code_keeps_its_lines_and_language(html: str, language: str) -> None:
    code = "<span>fn</span> a() {<br>    b\n}\n"
    boring = '<span class="boring">hidden line\n</span>'
    assert _text(html.format(boring + code)) == f"```{language}\nfn a() {{\n    b\n}}\n```"


def test_code_with_fences_in_it_gets_longer_ones() -> None:
    assert _text("<pre>```\nx\n```</pre>") == "````\n```\nx\n```\n````"
    assert load(Source("a.html", b"<pre> </pre>")) == Skipped("no text")


def test_tables_of_lines_are_tables_and_others_their_content() -> None:
    rows = "<tr><th>A</th><th>B|C</th></tr><tr><td>1</td><td><code>x</code> y</td></tr>"
    table = f"<table><caption>Cap</caption><tbody>{rows}</tbody></table>"
    assert _text(table) == "**Cap**\n\n| A | B\\|C |\n| --- | --- |\n| 1 | `x` y |"
    assert _text("<table><tr><td><pre>1</pre></td><td><pre>code</pre></td></tr></table>") == (
        "```\n1\n```\n\n```\ncode\n```"
    )
    assert _text("<table><tr><td>boxed</td></tr></table>") == "boxed"
    assert _text("<table><tr><th>a</th></tr><tr></tr><tr><td>b<td>c</tr></table>") == (
        "| a |  |\n| --- | --- |\n| b | c |"
    )


def test_inline_marks() -> None:
    assert _text("<p>a <code>b <em>c</em></code><br>d <b>e</b>\n f <img alt='g'></p>") == (
        "a `b c` d e f g"
    )
    assert _text('<p>see <a href="https://x.y/z">there</a>, <a href="#b">here</a></p>') == (
        "see [there](https://x.y/z), here"
    )
    assert _text('<a href="https://x.y/(z)">a</a> <a href="https://b.c">https://b.c</a>') == (
        "[a](<https://x.y/(z)>) https://b.c"
    )


def test_raised_numbers_keep_their_place() -> None:
    assert _text("<p>10<sup>6</sup> m<sup> 2 </sup> 2<sup>nd</sup> <sup>1</sup>") == (
        "10^6 m 2 2nd 1"
    )
    assert _load("<h2 id=a>10<sup>6</sup></h2><p>x").sections[0].heading_path[-1] == "106"


def test_a_formula_stands_on_its_line_once() -> None:
    signs = "<math><mi>x</mi><mo>=</mo> <mn>2</mn>"
    assert _text(f"<p>so {signs}</math> it is") == "so x= 2 it is"
    tex = '<semantics><annotation encoding="application/x-tex">x^2 </annotation></semantics>'
    shown = "<span class=katex-html aria-hidden=true><span>x</span><span>2</span></span>"
    assert _text(f"<p>so {signs}{tex}</math>{shown}.") == "so $x^2$."
    assert _text("<p>so <math alttext='x_1'><mi>x</mi></math>.") == "so $x_1$."
    assert _text(f"<table><tr><th>{signs}</math><td>b</table>").startswith("| x= 2 | b |")


def test_titles_of_boxes_and_tabs_stand_above_their_content() -> None:
    assert _text('<div class="note"><p class="admonition-title">Note</p><p>x</p></div>') == (
        "**Note**\n\nx"
    )
    tabs = (
        '<ul role="tablist"><li>npm</li><li>Yarn</li></ul><div role="tabpanel">a</div>'
        '<div role="tabpanel" hidden>b</div>'
    )
    assert _text(tabs) == "**npm**\n\na\n\n**Yarn**\n\nb"
    assert _text("<details><summary>More</summary>x</details>") == "**More**\n\nx"
    assert _text("<ul><li><h3>T</h3>x</li></ul>") == "- **T**\n\n  x"


def test_hidden_text_is_no_text_and_told_apart() -> None:
    page = _load(
        "<p>seen</p><p hidden>one</p><p style='DISPLAY : none'>two</p>"
        "<p>a<span style='font-size:0'>three</span></p><p style='opacity:0.5'>b</p><i hidden></i>"
    )
    assert page.sections[0].markdown == "seen\n\na\n\nb"
    assert page.hidden == ("one", "two", "three")


@pytest.mark.parametrize(
    ("document_id", "html", "note"),
    [
        ("genindex.html", "<p>x", "a list for browsing"),
        ("genindex-A.html", "<p>x", "a list for browsing"),
        ("a.html", "<meta http-equiv=Refresh content='0;url=b.html'><p>x", "for browsing"),
        ("a.html", "<meta name=robots content=noindex><p>x", "for browsing"),
        ("a.html", "<h1>Only</h1><script>x</script>", "no text"),
        ("a.html", "", "no text"),
    ],
)
def test_pages_without_text_of_their_own_are_skipped(
    document_id: str, html: str, note: str
) -> None:
    document = load(Source(document_id, html.encode()))
    assert isinstance(document, Skipped)
    assert note in document.note


def test_the_title_is_the_first_heading_else_the_pages_else_the_files() -> None:
    head = "<title>Guide &amp; more — The Book</title>"
    assert _load("<h1>Own</h1><p>x", head=head).title == "Own"
    assert _load("<p>x", head=head).title == "Guide & more"
    assert _load("<p>x", "a/stem.htm").title == "stem"


@pytest.mark.parametrize(
    ("document_id", "route"),
    [("index.html", "/"), ("a/Index.htm", "/a/"), ("a/b.html", "/a/b.html")],
)
def test_a_page_is_served_where_its_file_lies(document_id: str, route: str) -> None:
    assert route_of_file(document_id) == route


def test_the_encoding_is_the_one_a_page_names() -> None:
    def title(data: bytes) -> str:
        document = load(Source("a.html", data))
        assert isinstance(document, Document)
        return document.title

    assert title("<meta charset=latin-1><h1>é“</h1>x".encode("cp1252")) == "é“"
    assert title('<meta charset="UTF-8"><h1>é</h1>x'.encode()) == "é"
    assert (
        title("<?xml version='1.0' encoding='shift_jis'?><h1>本</h1>x".encode("shift_jis")) == "本"
    )
    assert title("\ufeff<meta charset=koi8-r><h1>é</h1>x".encode("utf-16")) == "é"
    for data in (
        b"<h1>\xe9",
        b"<meta charset=martian>",
        b"<meta charset=shift_jis>\xff\xff",
        b"\0",
    ):
        with pytest.raises(UnreadableSource):
            load(Source("a.html", data))


def test_elements_that_xhtml_closes_at_once_do_not_swallow_the_page() -> None:
    page = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
        '<body><h1>T</h1><p>a<br/><a id="x"/>b</p><div/><p>c</p></body></html>'
    )
    document = load(Source("a.xhtml", page.encode()))
    assert isinstance(document, Document)
    assert document.sections[0].markdown == "a b\n\nc"


@pytest.mark.parametrize("tag", ["div", "ul><li", "blockquote", "span", "b", "table><tr><td"])
def test_deep_nesting_is_read_and_nesting_without_end_refused(tag: str) -> None:
    assert "deep" in _text(f"<{tag}>" * 990 + "deep")
    with pytest.raises(UnreadableSource, match="more than 1000 deep"):
        _load(f"<{tag}>" * 1_000_000)


@pytest.mark.parametrize("attributes", [" a{}", " a{}=1", "a{}='>'", "/a{}", ' a{} = "x"'])
def test_an_element_with_attributes_without_end_is_refused(attributes: str) -> None:
    few, many = ("".join(map(attributes.format, range(n))) for n in (900, 1_100))
    assert _text(f"<p {few}>text") == "text"
    with pytest.raises(UnreadableSource, match="attributes"):
        _load(f"<p {many}>text")


def test_many_words_in_an_attribute_and_text_with_signs_are_no_attributes() -> None:
    words = "word " * 3_000
    assert _text(f"<p title='{words}'>i < b {words[:-1]}") == f"i < b {words[:-1]}"


_STRINGS = ",".join(f' "s{n}" ' for n in range(2_000))


@pytest.mark.parametrize(
    "unread",
    [
        f"<script>for(i=0;i<n;i++)x=[{_STRINGS}]</script>",
        f"<SCRIPT type='a>b'>i<n;{_STRINGS}</Script >",
        f"<style>/* a<b {_STRINGS} */</style>",
        f"<!-- a<b {_STRINGS} -->",
        f"<!-- a<b {_STRINGS} --!>",
    ],
)
def test_words_in_scripts_styles_and_comments_are_no_attributes(unread: str) -> None:
    assert _text(f"<p title='<!--'>before</p>{unread}<p>after</p>") == "before\n\nafter"


@pytest.mark.parametrize(
    "before", ["<!-->", "<!--->", "<!-- ", "<script>", "<title><!--</title>", "<p a='<!--'>"]
)
def test_nothing_hides_an_element_with_attributes_without_end(before: str) -> None:
    many = " ".join(f"a{n}" for n in range(1_100))
    with pytest.raises(UnreadableSource, match="attributes"):
        _load(f"{before}<p {many}>text")


@pytest.mark.parametrize("unit", ["<!--", "<script>", "<script ", "<style>a</", "<!-- a -->x"])
def test_what_nothing_closes_is_looked_for_once(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    began_s = time.process_time()
    without_scripts(text)
    assert time.process_time() - began_s < 20


def test_elements_that_need_no_end_may_be_many() -> None:
    assert _text("<p>a<br>" * 3_000).count("a") == 3_000
    assert _text("<b>a</b></i>" * 3_000).count("a") == 3_000


@given(
    st.lists(
        st.sampled_from(
            [
                *("<h2 id=a>", "<h3>", "</h3>", "<ul>", "<li>", "</ul>", "<pre>", "</pre>", "<p>"),
                *("<blockquote>", "</blockquote>", "<code>", "</code>", "<table><tr><td>"),
                *("</table>", "<a href=https://x.y>", "</a>", "<div>", "</div>", "<dt>", "<br>"),
            ]
        ),
        max_size=30,
    )
)
def test_no_word_is_lost_or_doubled_whatever_the_tags(tags: list[str]) -> None:
    body = "start" + "".join(f"{tag}word{number}x" for number, tag in enumerate(tags)) + "end"
    page = _load(body)
    read = " ".join(part for s in page.sections for part in (*s.heading_path[1:], s.markdown))
    if page.sections[0].heading_path[0] != "page":
        read += page.title
    for number in range(len(tags)):
        found = read.count(f"word{number}x")
        assert found >= 1, tags
