"""Reading a manual's pages for the bench."""

from bench.html_sections import SectionReader

PAGE = """
<html><head><title>no</title><script>no</script></head><body>
<p>above any heading</p>
<h1>1. Files<a class="headerlink" href="#f">¶</a></h1>
<p>Use <code>ls</code><br>
here.</p>
<h2>1.1. Modes</h2>
<ul><li><p>First.</p></li><li>Second.</li></ul>
<dl><dt>644:</dt><dd><p>A file.</p></dd></dl>
<pre>chmod 644 x
</pre>
<h2>Owners</h2><p>root</p>
</body></html>
"""


def test_headings_and_their_text_are_kept() -> None:
    reader = SectionReader()
    reader.feed(PAGE)
    assert [(section.headings, section.blocks) for section in reader.sections] == [
        (["Files"], ["Use `ls` here."]),
        (["Files", "Modes"], ["- First.", "- Second.", "- 644: A file.", "```\nchmod 644 x\n```"]),
        (["Files", "Owners"], ["root"]),
    ]
