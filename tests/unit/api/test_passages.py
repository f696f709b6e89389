"""The log of questions gets the passages by their numbers, and none of what a reader selected."""

from dataclasses import replace

from proxy.api.passages import note_lookup
from proxy.corpus import SELECTION_ID
from proxy.limits.gate import QuestionLog, Use
from proxy.protocol.chat_events import Sources, TextDelta
from proxy.rag.pipeline import Answer
from proxy.rag.sources import SourceLinks
from proxy.rag.turn import Retrieved
from proxy.store import SeenPassage
from tests.support.builders import make_chat_request, make_passages
from tests.support.chat_events import stream_of
from tests.support.gates import demand, open_gate

LINKS = SourceLinks("http://proxy.example")
URL = "https://book.example/ownership#part-{}"
TITLE = "Ownership › Rules"


def noted(retrieved: Retrieved, question_log: QuestionLog = "full") -> Use:
    use = Use(open_gate(question_log), demand())
    chat = make_chat_request("why?")
    answer = Answer(retrieved.status, retrieved.reason, stream_of([]), chat, retrieved)
    note_lookup(use, answer, LINKS)
    return use


def test_what_was_given_is_noted_with_its_numbers() -> None:
    use = noted(Retrieved("grounded", "why?", make_passages("one", "two")))
    place = {"url_citation": {"start_index": 2, "end_index": 5}}
    use.feed([TextDelta("A [2]"), Sources([place], {})])
    assert use.noted is not None
    assert use.noted.passages == [
        SeenPassage("manual", TITLE, URL.format(1), is_cited=False),
        SeenPassage("manual", TITLE, URL.format(2), is_cited=True),
    ]


def test_where_nothing_fits_it_is_what_comes_closest() -> None:
    use = noted(Retrieved("no-match", "why?", nearby=make_passages("one")))
    assert use.noted is not None
    assert use.noted.rag_status == "no-match"
    assert [seen.url for seen in use.noted.passages] == [URL.format(1)]


def test_a_selection_keeps_its_number_and_is_not_noted() -> None:
    first, second = make_passages("one", "two")
    selected = replace(first, chunk=replace(first.chunk, chunk_id=SELECTION_ID, book=""))
    use = noted(Retrieved("grounded", "why?", (selected, second)))
    place = {"url_citation": {"start_index": 2, "end_index": 5}}
    use.feed([TextDelta("A [2]"), Sources([place], {})])
    assert use.noted is not None
    assert [(seen.url, seen.is_cited) for seen in use.noted.passages] == [(URL.format(2), True)]


def test_without_a_log_there_is_nobody_to_tell() -> None:
    assert noted(Retrieved("grounded", "why?", make_passages("one")), "off").noted is None
