"""Model names: what each stands for, and that none can be more than a name."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import Model

from proxy.errors import ModelNotFound
from proxy.protocol.models import ModelCatalog, ModelDetails, split_suffix

ONLINE = ModelCatalog(
    main="gemini-3.8-flash",
    fast="gemini-3.5-flash-lite",
    embedding="gemini-embedding-001",
    native_embedding_dimensions=3_072,
    answers_offline=False,
    embeds_locally=False,
    created_unix_s=1_700_000_000,
)
OFFLINE = replace(
    ONLINE,
    main="offline-reader",
    fast="offline-reader",
    embedding="minilm",
    answers_offline=True,
    embeds_locally=True,
)


@pytest.mark.parametrize(
    ("name", "upstream"),
    [
        ("gpt-4o", ONLINE.main),
        ("gpt-5.2-pro", ONLINE.main),
        ("chatgpt-4o-latest", ONLINE.main),
        ("o1", ONLINE.main),
        ("o3-pro", ONLINE.main),
        ("gpt-4o-mini", ONLINE.fast),
        ("gpt-4o-mini-2024-07-18", ONLINE.fast),
        ("gpt-5-nano", ONLINE.fast),
        ("gpt-3.5-turbo", ONLINE.fast),
        ("gpt-oss:20b", ONLINE.main),
        ("o4-mini", ONLINE.fast),
        ("o3-mini-high", ONLINE.fast),
        ("gemini-3.8-flash", "gemini-3.8-flash"),
        ("gemini-9-unheard-of", "gemini-9-unheard-of"),
        ("gemma-3-27b-it", "gemma-3-27b-it"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("google/gemini-2.5-pro", "gemini-2.5-pro"),
        ("gemini/gemini-2.5-pro", "gemini-2.5-pro"),
    ],
)
def test_a_chat_model_is_passed_on_or_stood_in_for(name: str, upstream: str) -> None:
    resolved = ONLINE.resolve_chat(name)
    assert (resolved.requested, resolved.upstream, resolved.rag) == (name, upstream, {})


@pytest.mark.parametrize(
    "name",
    [
        "llama3:8b",
        "claude-4",
        "gpt-",
        "",
        " gpt-4o",
        "gemini-embedding-001",
        "text-embedding-3-small",
        "gemini-3.8-flash:book=",
        "gemini-3.8-flash:rag",
        "gemini-x/../../secrets",
        "gemini-x?key=1",
        "gemini-x#a",
        "gemini-x%2f",
        "gemini-x:generateContent",
        "gemini-x\n",
        "gemini-x\r\nhost: a",
        "gemini-é",
        "../gemini-x",
        "gemini-" + "x" * 101,
    ],
)
def test_other_names_are_not_found(name: str) -> None:
    with pytest.raises(ModelNotFound) as missing:
        ONLINE.resolve_chat(name)
    assert missing.value.param == "model"
    assert missing.value.status == 404
    assert missing.value.code == "model_not_found"


@pytest.mark.parametrize(
    "suffix",
    [":bok=manual", ":book=", ":book", ":book=a b", ":norag", ":no-rag=1", ":", ":no-rag:bok=a"],
)
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4o-mini", "o3-mini-high", "gemini-3.8-flash"])
def test_a_slip_of_a_suffix_is_no_model_and_the_suffixes_are_named(model: str, suffix: str) -> None:
    with pytest.raises(ModelNotFound, match=":book=ID") as missing:
        ONLINE.resolve_chat(model + suffix)
    assert (missing.value.status, missing.value.param) == (404, "model")


@given(st.text(max_size=40), st.sampled_from(["gemini-", "gemma-", "models/gemini-", "gpt-"]))
def test_no_name_can_leave_its_place_in_the_url(tail: str, head: str) -> None:
    try:
        upstream = ONLINE.resolve_chat(head + tail).upstream
    except ModelNotFound:
        return
    assert upstream.isascii()
    assert not set(upstream) & set("/?#%:\\ \r\n\t")


ELSEWHERE = replace(ONLINE, main="llama3.2:3b", fast="llama3.2:3b", passes_any_name=True)


@pytest.mark.parametrize(
    ("name", "upstream"),
    [
        ("llama3.2:3b", "llama3.2:3b"),
        ("qwen3:8b", "qwen3:8b"),
        ("hf.co/x/y:Q4_K_M", "hf.co/x/y:Q4_K_M"),
        ("google/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("gpt-oss:20b", "gpt-oss:20b"),
        ("gpt-4o", "llama3.2:3b"),
        ("gpt-4o-mini", "llama3.2:3b"),
        ("o1", "llama3.2:3b"),
    ],
)
def test_another_upstream_gets_any_name_but_openais_own(name: str, upstream: str) -> None:
    assert ELSEWHERE.resolve_chat(name).upstream == upstream
    assert ELSEWHERE.resolve_chat(f"{name}:no-rag").rag == {"enabled": False}


@pytest.mark.parametrize("name", ["gpt-4o:bok=manual", "llama3:8b:book=", "qwen3:book=a b"])
def test_a_slip_of_a_suffix_is_not_passed_on(name: str) -> None:
    with pytest.raises(ModelNotFound):
        ELSEWHERE.resolve_chat(name)


def test_openai_itself_gets_its_own_names() -> None:
    itself = replace(ELSEWHERE, main="gpt-5.2", fast="gpt-5.2", is_openai_itself=True)
    assert itself.resolve_chat("gpt-4o-mini").upstream == "gpt-4o-mini"


def test_a_main_model_may_look_like_an_alias() -> None:
    deployed = replace(ELSEWHERE, main="gpt-4o-mini", fast="gpt-4o-mini")
    assert deployed.resolve_chat("gpt-4o-mini").upstream == "gpt-4o-mini"


@pytest.mark.parametrize("name", ["two words", "a\r\nset-cookie: b", "modèle", "x" * 257])
def test_a_name_that_does_not_fit_a_header_is_not_passed_on(name: str) -> None:
    with pytest.raises(ModelNotFound):
        ELSEWHERE.resolve_chat(name)


def test_the_list_of_another_upstream_names_its_main_model() -> None:
    first, *_, last = ELSEWHERE.listing([])
    assert (first["id"], first["owned_by"]) == ("llama3.2:3b", "upstream")
    assert last["owned_by"] == "google"  # the embedding model is Gemini's still


@pytest.mark.parametrize(
    ("name", "base", "options"),
    [
        ("m", "m", {}),
        ("llama3:8b", "llama3:8b", {}),
        ("hf.co/x/y:Q4_K_M", "hf.co/x/y:Q4_K_M", {}),
        ("m:no-rag", "m", {"enabled": False}),
        ("m:book=a", "m", {"books": "a"}),
        ("m:book=a:no-rag", "m", {"books": "a", "enabled": False}),
        ("m:no-rag:book=a", "m", {"books": "a", "enabled": False}),
        ("m:book=a:book=b", "m", {"books": "a,b"}),
        ("m:book=a,b", "m", {"books": "a,b"}),
        ("llama3:8b:book=my.book-1_x", "llama3:8b", {"books": "my.book-1_x"}),
        ("m:no-rag:8b", "m:no-rag:8b", {}),
        ("m:book=a b", "m:book=a b", {}),
        ("m:no-rag\n", "m:no-rag\n", {}),
        (":no-rag", ":no-rag", {}),
    ],
)
def test_only_our_own_suffixes_are_taken_off(name: str, base: str, options: dict[str, Any]) -> None:
    assert split_suffix(name) == (base, options)


def test_a_suffix_comes_with_the_resolved_model() -> None:
    resolved = ONLINE.resolve_chat("gpt-4o:book=a:no-rag")
    assert resolved.requested == "gpt-4o:book=a:no-rag"
    assert resolved.upstream == ONLINE.main
    assert resolved.rag == {"books": "a", "enabled": False}


def test_offline_every_chat_name_is_the_reader() -> None:
    for name in ("gpt-4o", "gpt-4o-mini", "gemini-2.5-pro", "offline-reader", "o1:no-rag"):
        assert OFFLINE.resolve_chat(name).upstream == "offline-reader"


@pytest.mark.parametrize(
    ("name", "resolved"),
    [
        ("gemini-embedding-001", ("gemini-embedding-001", None)),
        ("gemini-embedding-2", ("gemini-embedding-2", None)),
        ("models/gemini-embedding-2", ("gemini-embedding-2", None)),
        ("text-embedding-3-small", ("gemini-embedding-001", 1_536)),
        ("text-embedding-3-large", ("gemini-embedding-001", 3_072)),
        ("text-embedding-ada-002", ("gemini-embedding-001", 1_536)),
    ],
)
def test_an_embedding_alias_promises_its_size(name: str, resolved: tuple[str, int | None]) -> None:
    assert ONLINE.resolve_embedding(name) == resolved
    if "001" not in name:
        assert OFFLINE.resolve_embedding(name) == ("minilm", None)


@pytest.mark.parametrize(
    "name", ["gpt-4o", "gemini-3.8-flash", "text-embedding-9", "gemini-embedding-2\n", ""]
)
def test_what_is_no_embedding_model_is_not_found(name: str) -> None:
    with pytest.raises(ModelNotFound):
        ONLINE.resolve_embedding(name)


def test_the_list_offers_the_main_model_once_per_book() -> None:
    cards = ONLINE.listing(["a", "b"])
    assert [card["id"] for card in cards] == [
        "gemini-3.8-flash",
        "gemini-3.8-flash:book=a",
        "gemini-3.8-flash:book=b",
        "gemini-3.8-flash:no-rag",
        "gemini-3.5-flash-lite",
        "gemini-embedding-001",
    ]
    for card in cards:
        assert ONLINE.card(card["id"]) == card
        assert card["object"] == "model"
        assert card["created"] == ONLINE.created_unix_s
        assert card["owned_by"] == "google"
        assert "description" not in card


def test_the_offline_reader_says_what_it_is() -> None:
    cards = OFFLINE.listing([])
    assert [card["id"] for card in cards] == ["offline-reader", "offline-reader:no-rag", "minilm"]
    assert {card["owned_by"] for card in cards} == {"book-proxy"}
    assert ["GEMINI_API_KEY" in card.get("description", "") for card in cards] == [
        True,
        True,
        False,
    ]
    assert "offline reader" in OFFLINE.card("gpt-4o")["description"]


def _details(model: str) -> ModelDetails:
    ends = "2026-12-01" if "2.5" in model else None
    return ModelDetails(model.upper(), 1_000, 100, {"vision": True}, ends)


def _embedding_details(_model: str) -> ModelDetails:
    return ModelDetails(context_length=2_048)


KNOWN = replace(
    ONLINE,
    details=_details,
    embedding_details=_embedding_details,
    others=lambda: ["gemini-3.8-flash", "gemini-2.5-pro", "nano-banana", "gemini-3.6-flash"],
)


def test_what_is_known_of_a_model_stands_on_its_card() -> None:
    card = KNOWN.card("gpt-4o:no-rag")
    assert (card["id"], card["name"]) == ("gpt-4o:no-rag", "GEMINI-3.8-FLASH")
    assert (card["context_length"], card["max_completion_tokens"]) == (1_000, 100)
    assert card["capabilities"] == {"vision": True}
    assert "shutdown_date" not in card
    assert KNOWN.card("gemini-2.5-pro")["shutdown_date"] == "2026-12-01"
    embedding = KNOWN.card("text-embedding-3-small")
    assert embedding["context_length"] == 2_048
    assert "max_completion_tokens" not in embedding


def test_the_list_goes_on_with_the_upstreams_other_models() -> None:
    cards = KNOWN.listing([])
    assert [card["id"] for card in cards] == [
        "gemini-3.8-flash",
        "gemini-3.8-flash:no-rag",
        "gemini-3.5-flash-lite",
        "gemini-2.5-pro",
        "gemini-3.6-flash",
        "gemini-embedding-001",
    ]
    for card in cards:
        assert KNOWN.card(card["id"]) == card
        assert Model.model_validate(card).shutdown_date == card.get("shutdown_date")


def test_how_much_an_embedding_model_reads_is_known_of_gemini_only() -> None:
    assert KNOWN.longest_embedding_input("gemini-embedding-001") == 2_048
    assert ONLINE.longest_embedding_input("gemini-embedding-001") is None
    assert replace(KNOWN, embeds_locally=True).longest_embedding_input("minilm") is None


def test_offline_cards_say_nothing_of_gemini() -> None:
    offline = replace(OFFLINE, details=KNOWN.details, embedding_details=KNOWN.embedding_details)
    for card in offline.listing([]):
        assert "context_length" not in card


def test_an_owner_is_named_for_each_kind_of_model() -> None:
    half = replace(OFFLINE, embeds_locally=False, embedding="gemini-embedding-001")
    assert half.card("text-embedding-3-small")["owned_by"] == "google"
    assert half.card("gpt-4o")["owned_by"] == "book-proxy"


def test_an_unknown_card_is_not_found() -> None:
    with pytest.raises(ModelNotFound):
        ONLINE.card("llama3:8b")
