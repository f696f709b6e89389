"""The author's pages: books, what readers ask, how the books serve, and how they are searched."""

import csv
import io
import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.support.author_page import authoring
from tests.support.chat_page import ANSWER, QUESTION, Visit
from tests.support.command_line import CommandLine
from tests.support.gemini_replies import Stall, Text
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import PUMPS
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy
from tests.support.site import ask
from tests.support.site import client as client_of
from tests.support.waiting import LONG_ENOUGH_S

STRANGE = "Which wine goes with a roast pheasant?"
AGAIN = "Which wine goes with roast pheasant, please?"
HOSTILE = 'Who pays the <img src=x onerror="alert(1)"> taxes of Lisbon?'
READER = "a-key-of-a-reader"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "is_mobile": True,
    "has_touch": True,
}
WIDE = {"width": 1280, "height": 900}
WAYS: dict[str, dict[str, Any]] = {
    "light": {"viewport": WIDE, "color_scheme": "light"},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "phone": {**PHONE, "color_scheme": "light"},
    "phone-dark": {**PHONE, "color_scheme": "dark"},
    "right-to-left": {"viewport": WIDE, "locale": "ar"},
}
PANELS = ("books", "questions", "sections", "feedback", "retrieval", "usage")
Starting = Callable[..., BookProxy]


@pytest.fixture
def starting(
    gemini_env: dict[str, str], books_of_gemini: Callable[[], Path]
) -> Generator[Starting]:
    """Starts a server with the sample books and settings of its own."""
    opened: list[BookProxy] = []

    def start(**env: str) -> BookProxy:
        env = {**gemini_env, **PATIENT, "PROXY_REWRITE": "rules", **env}
        opened.append(BookProxy(env, data_dir=books_of_gemini()).__enter__())
        return opened[-1]

    yield start
    for server in opened:
        server.__exit__(None, None, None)


@pytest.fixture
def asked(starting: Starting, threaded_gemini: FakeGemini) -> BookProxy:
    """A server of which readers have asked what its book knows, and what it does not."""
    server = starting(PROXY_QUESTION_LOG="full")
    threaded_gemini.reply(Text(ANSWER), *[Text("I do not know.")] * 3)
    with client_of(server) as http:
        conversation = ask(http, QUESTION)["conversation_id"]
        told = {"rating": "negative", "comment": "It was three bar."}
        http.post(f"/api/chat/{conversation}/feedback", json=told).raise_for_status()
        for question in (STRANGE, AGAIN, HOSTILE):
            ask(http, question)
    return server


def put_in(server: BookProxy, text: str) -> None:
    """Put a page into the book about pumps, and wait until it is there."""
    with client_of(server) as http:
        files = [("files", ("new.md", text.encode())), ("files", ("bad.md", b"\xff"))]
        job = http.post("/api/content/ingest", data={"book": PUMPS}, files=files).json()
        done = http.get(f"/api/content/jobs/{job['job_id']}", params={"wait_s": 60})
        assert done.json()["status"] == "completed", done.text


def documents(server: BookProxy) -> int:
    books = httpx.get(f"{server.url}/api/content/books", timeout=LONG_ENOUGH_S).json()
    return next(one["documents"] for one in books if one["id"] == PUMPS)


async def test_books_are_shown_and_go_back_one_edition_when_that_is_confirmed(
    visit: Visit, starting: Starting
) -> None:
    server = starting()
    put_in(server, "# News\n\nThe new pump is silent.\n")
    async with authoring(visit, server) as author:
        card = author.page.get_by_role("article", name="Pumps", exact=True)
        await expect(card).to_contain_text("Documents3")
        jobs = author.page.get_by_role("region", name="Ingest jobs")
        await expect(jobs).to_contain_text("1 added, 0 updated, 2 unchanged")
        await expect(jobs).to_contain_text("1 file failed")
        await expect(jobs.locator("code")).to_have_text(["bad.md"])
        await author.picture("author-books-jobs")
        dialog = author.page.get_by_role("dialog")
        await expect(author.page.get_by_role("button", name="Go back one edition")).to_have_count(1)
        await card.get_by_role("button", name="Go back one edition").click()
        await dialog.get_by_role("button", name="Cancel").click()
        await expect(dialog).to_have_count(0)
        assert documents(server) == 3
        await card.get_by_role("button", name="Go back one edition").click()
        await author.picture("author-rollback")
        assert await author.faults() == []
        await dialog.get_by_role("button", name="Go back", exact=True).click()
        await expect(author.page.locator(".note-title").first).to_contain_text("is served in")
        await expect(card).to_contain_text("Documents2")
        assert documents(server) == 2


async def test_an_ingest_is_followed_and_cancelled(
    visit: Visit, starting: Starting, threaded_gemini: FakeGemini
) -> None:
    server = starting()
    threaded_gemini.reply_to_embedding(Stall())
    with client_of(server) as http:
        files = [("files", ("new.md", b"# News\n\nThe new pump is silent.\n"))]
        http.post("/api/content/ingest", data={"book": PUMPS}, files=files).raise_for_status()
    await threaded_gemini.wait_for_request("embedContent")
    async with authoring(visit, server) as author:
        jobs = author.page.get_by_role("region", name="Ingest jobs")
        await expect(jobs.locator(".state")).to_have_text("running")
        await expect(jobs.get_by_role("progressbar")).to_be_visible()
        assert await author.faults() == []
        await jobs.get_by_role("button", name="Cancel").click()
        await expect(jobs.locator(".state")).to_have_text("cancelled")
        assert documents(server) == 2


async def test_a_way_back_that_is_gone_meanwhile_is_told(visit: Visit, starting: Starting) -> None:
    server = starting()
    put_in(server, "# News\n\nThe new pump is silent.\n")
    async with authoring(visit, server) as author:
        card = author.page.get_by_role("article", name="Pumps", exact=True)
        await card.get_by_role("button", name="Go back one edition").click()
        with client_of(server) as http:
            http.delete(f"/v1/vector_stores/{PUMPS}").raise_for_status()
        await author.page.get_by_role("button", name="Go back", exact=True).click()
        await expect(author.page.get_by_role("alert")).to_contain_text("There is no book")


async def test_questions_without_a_passage_are_grouped_and_kept_as_files(
    visit: Visit, asked: BookProxy
) -> None:
    async with authoring(visit, asked, panel="questions") as author:
        chart = author.page.get_by_role("img", name="Questions by day")
        await expect(chart).to_have_attribute(
            "aria-label",
            "Questions by day. Answered from the book: 1, Not in the book: 3, "
            "Search degraded: 0, Without the book: 0",
        )
        groups = author.page.get_by_role("article")
        await expect(groups).to_have_count(2)
        await expect(groups.first.locator("b")).to_have_text("2")
        await expect(groups.first.get_by_role("heading", level=3)).to_have_text(AGAIN)
        await groups.first.get_by_text("1 other wording").click()
        await expect(groups.first).to_contain_text(STRANGE)
        await expect(groups.first).to_contain_text("What comes closest")
        await expect(groups.last).to_contain_text(HOSTILE)
        exports = author.page.get_by_role("group", name="Export questions")
        name, text = await author.saved(exports.get_by_role("button", name="CSV"))
        assert name == "questions.csv"
        assert [row["count"] for row in csv.DictReader(io.StringIO(text))] == ["2", "1"]
        name, text = await author.saved(exports.get_by_role("button", name="JSON"))
        assert (name, json.loads(text)[0]["question"]) == ("questions.json", AGAIN)
        await author.page.get_by_label("Which").select_option(label="Answered from the book")
        await expect(groups.get_by_role("heading", level=3)).to_have_text([QUESTION])


async def test_sections_and_feedback_lead_to_what_is_to_be_looked_at(
    visit: Visit, asked: BookProxy
) -> None:
    async with authoring(visit, asked, panel="sections") as author:
        row = author.page.get_by_role("region", name="Most cited").locator("tbody tr")
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text("Starting the pump › Pressure switch")
        await expect(row).to_contain_text("100%")
        weak = author.page.get_by_role("region", name="Worth a look").locator("tbody tr")
        await expect(weak.first).to_contain_text("Pressure switch")
        await author.go("Feedback")
        card = author.page.get_by_role("article")
        await expect(card).to_contain_text("It was three bar.")
        await author.page.get_by_label("Show").select_option(label="This helped")
        await expect(card).to_have_count(0)


async def test_two_settings_are_compared_side_by_side(visit: Visit, asked: BookProxy) -> None:
    async with authoring(visit, asked, panel="questions") as author:
        first = author.page.get_by_role("article").first
        await first.get_by_role("button", name="Open in the debugger").click()
        results = author.page.locator(".results > section")
        await expect(results).to_have_count(2)
        await expect(results.first).to_contain_text("Not in the book")
        question = author.page.get_by_label("Question", exact=True)
        await expect(question).to_have_value(AGAIN)
        await question.fill(QUESTION)
        one, other = (author.page.get_by_role("group", name=f"Setting {side}") for side in "AB")
        await one.get_by_label("Passages").fill("1")
        await other.get_by_label("Search").select_option(label="Words alone")
        await other.get_by_label("Lowest score").fill("0.99")
        await author.page.get_by_role("button", name="Compare").click()
        await expect(results.first).to_contain_text("Answered from the book")
        await expect(results.first.locator(".passages li")).to_have_count(1)
        await expect(results.first.locator(".passages")).to_contain_text("Starting the pump")
        await expect(results.first.locator(".stage > summary")).to_contain_text(
            ["By meaning", "By words", "Fused", "Chosen"]
        )
        await expect(results.last).to_contain_text("Words alone")
        await expect(results.last).not_to_contain_text("By meaning")
        await results.last.locator("summary", has_text="Dropped").click()
        await expect(results.last).to_contain_text("scores below the floor")
        await author.page.get_by_label("Scope").first.select_option(label="Page")
        await author.page.get_by_role("button", name="Compare").click()
        await expect(results.first.get_by_role("alert")).to_contain_text("needs a 'page_url'")
        await expect(results.last).to_contain_text("Dropped")


async def test_without_a_log_the_pages_say_what_to_switch_on(
    visit: Visit, starting: Starting
) -> None:
    async with authoring(visit, starting(), panel="questions") as author:
        for panel in ("Questions", "Sections"):
            await author.go(panel)
            note = author.page.locator("main .note")
            await expect(note).to_contain_text("PROXY_QUESTION_LOG=full")
            await author.picture(f"author-no-log-{panel.lower()}")
            assert await author.faults() == []


async def test_who_has_no_author_s_key_sees_what_the_pages_are_for_and_nothing_else(
    visit: Visit, starting: Starting, command_line: CommandLine
) -> None:
    server = starting(PROXY_API_KEYS=READER, PROXY_QUESTION_LOG="full")
    env = {"PROXY_DATA_DIR": str(server.data_dir)}
    made = command_line(
        "keys", "create", "--name", "ed", "--role", "author", "--books", PUMPS, "--json", env=env
    )
    async with visit(server, "/admin", sees_errors=True) as page:
        field = page.page.get_by_label("API key")
        await expect(field).to_be_focused()
        await field.fill(READER)
        await page.page.keyboard.press("Enter")
        await expect(page.page.get_by_text("These pages are for authors.")).to_be_visible()
        await expect(page.page.get_by_role("navigation")).to_have_count(0)
        await page.picture("author-refused")
        assert await page.faults() == []
        await field.fill(json.loads(made.stdout)["key"])
        await page.page.keyboard.press("Enter")
        cards = page.page.get_by_role("article")
        await expect(cards.get_by_role("heading")).to_have_text(["Pumps"])
        await page.page.get_by_role("link", name="Usage").click()
        await expect(page.page.get_by_text("This is for admins.")).to_be_visible()
        await page.page.get_by_role("link", name="Feedback").click()
        await expect(page.page.get_by_text("Your key does not show this.")).to_be_visible()
        await page.button("Sign out").click()
        await expect(field).to_be_visible()


async def test_the_chat_page_leads_authors_there_and_readers_not(
    visit: Visit, starting: Starting
) -> None:
    async with visit(starting()) as chat:
        await chat.is_ready()
        await chat.page.get_by_role("link", name="For authors").click()
        await expect(chat.page.get_by_role("heading", level=1)).to_have_text("Books")
    async with visit(starting(PROXY_API_KEYS=READER), sees_errors=True) as chat:
        await chat.page.get_by_label("API key").fill(READER)
        await chat.page.keyboard.press("Enter")
        await chat.is_ready()
        await expect(chat.page.get_by_role("link", name="For authors")).to_have_count(0)


async def test_admins_see_what_is_used_and_what_each_key_may(
    visit: Visit, asked: BookProxy, command_line: CommandLine
) -> None:
    env = {"PROXY_DATA_DIR": str(asked.data_dir)}
    command_line("keys", "create", "--name", "the site", "--rpm", "12", "--json", env=env)
    async with authoring(visit, asked, panel="usage") as author:
        await expect(author.page.get_by_role("img", name="Tokens by day")).to_be_visible()
        limits = author.page.get_by_role("region", name="Limits").locator("tbody tr")
        await expect(limits).to_have_count(2)
        await expect(limits.last).to_contain_text("the site")
        await expect(limits.last.locator("td").nth(2)).to_have_text("12")
        exports = author.page.get_by_role("group", name="Export usage")
        name, text = await author.saved(exports.get_by_role("button", name="CSV"))
        assert name == "usage.csv"
        assert sum(int(row["requests"]) for row in csv.DictReader(io.StringIO(text))) == 4


async def test_every_panel_can_be_reached_and_read_by_keyboard(
    visit: Visit, asked: BookProxy
) -> None:
    async with authoring(visit, asked) as author:
        await author.page.keyboard.press("Tab")
        await expect(author.page.locator(".skip")).to_be_focused()
        for name in ("Books", "Questions"):
            await author.page.keyboard.press("Tab")
            await expect(author.page.get_by_role("link", name=name, exact=True)).to_be_focused()
        await author.page.keyboard.press("Enter")
        title = author.page.get_by_role("heading", level=1)
        await expect(title).to_have_text("Questions")
        await expect(title).to_be_focused()
        await author.is_filled()
        await author.page.keyboard.press("Tab")
        await expect(author.page.get_by_label("Period")).to_be_focused()
        await author.page.keyboard.press("Tab")
        await author.page.keyboard.press("Enter")
        table = author.page.get_by_role("region", name="Questions by day")
        await expect(table.locator("tbody tr")).to_have_count(1)


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_serious_is_wrong_with_any_panel(
    visit: Visit, asked: BookProxy, way: str
) -> None:
    async with authoring(visit, asked, **WAYS[way]) as author:
        for panel in PANELS:
            await author.page.evaluate("name => { location.hash = name }", panel)
            await expect(
                author.page.locator(f"nav [aria-current][href='#{panel}']")
            ).to_be_visible()
            if panel == "retrieval":
                await author.page.locator("#trial").fill(QUESTION)
                await author.page.locator(".form-end button").click()
                await expect(author.page.locator(".results > section")).to_have_count(2)
            await author.is_filled()
            await author.picture(f"author-{way}-{panel}", is_whole=True)
            assert await author.faults() == []
            wider = await author.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0
