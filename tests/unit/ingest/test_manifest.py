"""What changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.corpus import DocumentRecord, Manifest
from proxy.ingest.manifest import Changes, Recipe, compare

_RECIPE = Recipe(1, 220, 254, "Title", "https://x.y", "model", 64, 1, None)
_HASHES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"))


def _manifest(hashes: dict[str, str], recipe: str = "r") -> Manifest:
    return Manifest(recipe, {name: DocumentRecord(text, 1) for name, text in hashes.items()})


def test_every_document_is_new_in_a_new_book() -> None:
    assert compare({"a": "1", "b": "2"}, None, recipe="r") == Changes(("a", "b"), (), (), ())


def test_documents_are_told_apart_by_their_hashes() -> None:
    changes = compare(
        {"a": "1", "b": "9", "d": "4"}, _manifest({"a": "1", "b": "2", "c": "3"}), recipe="r"
    )
    assert changes == Changes(added=("d",), updated=("b",), unchanged=("a",), deleted=("c",))


def test_nothing_is_unchanged_under_another_recipe() -> None:
    changes = compare({"a": "1"}, _manifest({"a": "1"}), recipe="other")
    assert changes == Changes((), ("a",), (), ())


def test_what_is_kept_is_not_deleted() -> None:
    changes = compare({}, _manifest({"a": "1", "b": "2"}), recipe="r", kept={"a"})
    assert changes.deleted == ("b",)


@given(_HASHES, _HASHES, st.booleans(), st.sets(st.sampled_from("abcdef")))
def test_each_document_is_in_exactly_one_group(
    now: dict[str, str],
    before: dict[str, str],
    same_recipe: bool,  # noqa: FBT001 - drawn
    kept: set[str],
) -> None:
    recipe = "r" if same_recipe else "other"
    changes = compare(now, _manifest(before), recipe=recipe, kept=kept)
    groups = [*changes.added, *changes.updated, *changes.unchanged, *changes.deleted]
    assert sorted(groups) == sorted(now.keys() | (before.keys() - kept))


def test_recipe_names_all_that_shapes_chunks() -> None:
    others = [
        Recipe(2, 220, 254, "Title", "https://x.y", "model", 64, 1, None),
        Recipe(1, 100, 254, "Title", "https://x.y", "model", 64, 1, None),
        Recipe(1, 220, 300, "Title", "https://x.y", "model", 64, 1, None),
        Recipe(1, 220, 254, "Other", "https://x.y", "model", 64, 1, None),
        Recipe(1, 220, 254, "Title", None, "model", 64, 1, None),
        Recipe(1, 220, 254, "Title", "https://x.y", "other", 64, 1, None),
        Recipe(1, 220, 254, "Title", "https://x.y", "model", 32, 1, None),
        Recipe(1, 220, 254, "Title", "https://x.y", "model", 64, 2, None),
        Recipe(1, 220, 254, "Title", "https://x.y", "model", 64, 1, "de"),
    ]
    assert len({recipe.text() for recipe in (_RECIPE, *others)}) == 10
    shared = [_RECIPE.shares_vectors_with(recipe.text()) for recipe in others]
    assert shared == [True, True, True, True, True, False, False, True, True]


@pytest.mark.parametrize("text", ["", "not json", "[]", "1", "{}"])
def test_recipe_of_another_make_shares_no_vectors(text: str) -> None:
    assert not _RECIPE.shares_vectors_with(text)
