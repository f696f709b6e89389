"""What books and models may contain does nothing on the chat page."""

from urllib.parse import quote

from playwright.async_api import expect

from tests.support.chat_page import QUESTION, ChatPage
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini

HOSTILE = """\
# <script>document.title = "owned"</script>

<img src="http://evil.example/a.png" onerror="document.title = 'owned'">
![beacon](http://evil.example/b.png) [click](javascript:document.title='owned')
[data](data:text/html,owned) [user](https://bank.example@evil.example/) [1]

<iframe src="http://evil.example"></iframe><style>body { display: none }</style>
<svg onload="document.title = 'owned'"></svg>

| <script>x</script> | [a](vbscript:x) |
| --- | --- |
| `<b>` | ![c](http://evil.example/c.png) |

```html
<script>document.title = "owned"</script>
```

pay\u202egnp.exe and \u2067turned\u2069
"""
LONG = "w" * 10_000


async def test_a_hostile_answer_is_inert(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([HOSTILE[i : i + 7] for i in range(0, len(HOSTILE), 7)]))
    await gemini_chat.ask(QUESTION)
    await gemini_chat.is_answered()
    active = "script, img, iframe, style, svg, object, embed, form, [onerror], [onload]"
    assert await gemini_chat.answer.locator(active).count() == 0
    addresses = await gemini_chat.answer.locator("a").evaluate_all("all => all.map(a => a.href)")
    assert [url for url in addresses if not url.startswith(("http://", "https://"))] == []
    assert await gemini_chat.page.title() == "Ask the book"
    text = await gemini_chat.answer.inner_text()
    assert "\u202e" not in text
    assert '<script>document.title = "owned"</script>' in text


async def test_words_of_any_length_stay_within_the_page(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    text = f"{LONG} [1]\n\n`{LONG}`\n\n```\n{LONG}\n```\n\n| a | b |\n| - | - |\n| {LONG} | x |\n"
    threaded_gemini.reply(Stream([text]))
    await gemini_chat.page.set_viewport_size({"width": 390, "height": 780})
    await gemini_chat.ask(f"{QUESTION} {'q' * 3_000}")
    await gemini_chat.is_answered()
    widths = await gemini_chat.page.evaluate(
        "[document.documentElement, document.querySelector('.stage')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    assert widths == [0, 0]


async def test_a_hostile_passage_is_inert(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["Zanzibar gauges are read twice. [1]"]))
    await gemini_chat.choose("Book", "notes")
    await gemini_chat.ask("How often are Zanzibar gauges read?")
    await gemini_chat.is_answered()
    await gemini_chat.open_citation()
    body = gemini_chat.passage.locator(".passage-text")
    await expect(body).to_contain_text('<script>alert("quoted")</script>')
    assert await body.locator("script, img, iframe, [onerror], a[href^='javascript']").count() == 0
    await expect(gemini_chat.passage.locator("mark").first).to_be_visible()


async def test_a_question_of_markup_is_shown_as_it_was_typed(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    typed = "<img src=x onerror=alert(1)> & <b>bold</b> **pump**?"
    threaded_gemini.reply(Stream(["Well."]))
    await gemini_chat.ask(typed)
    await gemini_chat.is_answered()
    await expect(gemini_chat.last.locator(".question [dir]")).to_have_text(typed)
    assert await gemini_chat.page.locator("main img, main b").count() == 0


async def test_what_the_address_brings_is_text(gemini_chat: ChatPage) -> None:
    url = gemini_chat.page.url
    text, page = quote("<img src=x onerror=alert(1)>"), quote("javascript:1")
    await gemini_chat.page.goto(f"{url}?text={text}&page={page}")
    await gemini_chat.is_ready()
    await expect(gemini_chat.page.locator(".selection")).to_contain_text("<img src=x")
    assert await gemini_chat.page.locator("img").count() == 0
