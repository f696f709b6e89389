"""What an answer comes to, and which passages its readers are shown."""

from typing import Any

from proxy.dialogue.answer import AnswerSoFar, cited
from proxy.protocol.chat_events import AnsweredBy, Finish, Sources, TextDelta, Usage

PASSAGES: list[dict[str, Any]] = [
    {
        "content": f"text {n}",
        "filepath": f"{n}.md",
        "url": f"https://b.example/{n}",
        "title": f"T{n}",
    }
    for n in (1, 2, 3)
]


def at(start: int, end: int) -> dict[str, Any]:
    return {"type": "url_citation", "url_citation": {"start_index": start, "end_index": end}}


def test_only_what_has_a_marker_is_cited_once_and_in_order() -> None:
    text = "One [3] two [1] three [3]."
    found = cited(text, [at(4, 7), at(12, 15), at(22, 25)], PASSAGES)
    assert found == [
        {
            "index": n,
            "text": f"text {n}",
            "source": f"{n}.md",
            "page_url": f"https://b.example/{n}",
            "title": f"T{n}",
            "ends": ends,
            "quotes": [None] * len(ends),
            "links": [None] * len(ends),
            "doubts": [[]] * len(ends),
        }
        for n, ends in ((1, [15]), (3, [7, 25]))
    ]


def test_each_place_knows_the_line_it_rests_on_and_the_way_there() -> None:
    links = ["https://b.example/1#:~:text=one", "https://b.example/1", "https://b.example/2"]
    marks = [at(1, 4), at(6, 9), at(10, 13)]
    for mark, link in zip(marks, links, strict=True):
        mark["url_citation"]["url"] = link
    first, second = cited("a[1] b[1] [2]", marks, PASSAGES, ["One.", None, "Two."])
    assert (first["quotes"], first["links"]) == (["One.", None], links[:2])
    assert (second["quotes"], second["links"]) == (["Two."], links[2:])


def test_each_place_knows_why_its_sentence_is_doubted() -> None:
    marks = [at(1, 4), at(6, 9), at(10, 13)]
    first, second = cited("a[1] b[1] [2]", marks, PASSAGES, doubts=[[], ["number", "name"], []])
    assert first["doubts"] == [[], ["number", "name"]]
    assert second["doubts"] == [[]]


def test_a_marker_without_a_passage_is_none() -> None:
    assert cited("[9] [0]", [at(0, 3), at(4, 7), {"type": "other"}], PASSAGES) == []


def test_an_answer_is_the_sum_of_its_events() -> None:
    so_far = AnswerSoFar("asked")
    context = {"citations": PASSAGES}
    so_far.feed([AnsweredBy("other"), TextDelta("Two ")])
    assert so_far.citations() == []
    so_far.feed([TextDelta("bar [2]."), Sources([at(8, 11)], context)])
    so_far.feed([Finish("stop"), Usage(prompt_tokens=1, completion_tokens=2)])
    assert (so_far.model, so_far.whole_text, so_far.finish_reason) == (
        "other",
        "Two bar [2].",
        "stop",
    )
    assert [one["index"] for one in so_far.citations()] == [2]
    assert so_far.usage.total_tokens == 3


def test_an_answer_without_the_book_cites_nothing() -> None:
    so_far = AnswerSoFar("m")
    so_far.feed([TextDelta("x"), Sources([at(0, 1)], None)])
    assert so_far.citations() == []
