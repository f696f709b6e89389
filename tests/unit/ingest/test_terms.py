"""The terms of an edition, taken over chunks among them."""

from proxy.corpus import Manifest
from proxy.ingest.terms import detected_language, index_terms
from proxy.lexical.bm25 import term_id
from tests.support.book_stores import chunks_of, vectors_of
from tests.support.memory_index import MemoryIndexWriter

TEXTS = {f"{n}.md": f"Ownership number {n}, which moves values." for n in range(7)}


async def test_every_chunk_is_weighed_by_the_statistics_of_all() -> None:
    writer = MemoryIndexWriter()
    async with writer.draft("manual", title="", base_url=None, edition=None) as draft:
        first = chunks_of("manual", TEXTS)
        await draft.add(first, vectors_of(first))
        await draft.publish(Manifest("r"), language="en", lexicon=None)
    async with writer.draft("manual", title="", base_url=None, edition=None) as draft:
        await draft.carry_over(["0.md", "1.md"])
        added = chunks_of("manual", {"new.md": "A trait is something else."})
        await draft.add(added, vectors_of(added))
        assert await detected_language(draft) == "en"
        lexicon = await index_terms(draft, "en")
        assert lexicon.chunks == 3
        assert lexicon.frequency(term_id("trait")) == 1
        assert lexicon.frequency(term_id("move")) == 2
        assert draft.weights.keys() == draft.stored.keys()
        assert term_id("trait") in draft.weights[added[0].chunk_id]
