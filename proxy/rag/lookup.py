"""From a conversation to what the book says: the selection, the question, the search.

Called by `pipeline.py`. A question that stands alone is searched for as it is, and that is all.
Otherwise three things happen at once: the last turn is searched for as the rules understand it,
what the previous answer cited is searched for again, and the fast model, where there is one,
rewrites the question within a hard limit; its search counts when it comes in time.
"""

import asyncio
from dataclasses import replace

from proxy.deadline import Deadline
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.rag_options import RagOptions
from proxy.rag.carried import MAX_CARRIED, cited_text, with_carried
from proxy.rag.conversation import Conversation, conversation_of
from proxy.rag.followup import resolved, stands_alone
from proxy.rag.query import reason_not_to_look, search_query
from proxy.rag.retrieve import Retriever
from proxy.rag.rewrite import Rewriter
from proxy.rag.selection import alone, in_front, is_alone, selected_passage
from proxy.rag.turn import Retrieved
from proxy.settings import RagSettings


class Lookup:
    """Looks up what a conversation asks for.

    Args:
        rewriter: None: questions are rewritten by rules, as far as `rag.rewrite` allows any.
    """

    def __init__(self, retriever: Retriever, rag: RagSettings, rewriter: Rewriter | None) -> None:
        self._retriever = retriever
        self._rag = rag
        self._rewriter = rewriter

    async def find(
        self, chat: ChatCompletionRequest, options: RagOptions, deadline: Deadline
    ) -> Retrieved:
        """Return what the model gets to answer from.

        Raises:
            InvalidRequest: the options name what is not there.
            RetrievalUnavailable: searching failed and the policy is `fail`.
        """
        if not options.enabled:
            return Retrieved("off", "")
        question = search_query(chat)
        selected = selected_passage(options)
        reason = reason_not_to_look(chat)
        if selected and is_alone(options) and reason in (None, "tool-result") and question:
            return alone(question, selected)
        if reason:
            return Retrieved("off", question, reason=reason)
        found = await self._search(question, conversation_of(chat), options, deadline)
        return in_front(selected, found, self._rag.max_context_tokens) if selected else found

    async def _search(
        self, question: str, conversation: Conversation, options: RagOptions, deadline: Deadline
    ) -> Retrieved:
        if self._rag.rewrite == "off" or stands_alone(question, conversation.questions):
            return await self._retriever.retrieve(question, options, deadline)
        last_turn = resolved(question, conversation.questions)
        rewriting = self._begin_rewriting(question, conversation, deadline)
        try:
            found, carried = await asyncio.gather(
                self._retriever.retrieve(last_turn, options, deadline),
                self._cited_before(conversation, options, deadline),
            )
            rewritten = await rewriting if rewriting else last_turn
        finally:
            if rewriting:
                rewriting.cancel()
        if rewritten is None:
            found = replace(found, reason=found.reason or "not-rewritten")
        elif rewritten != last_turn:
            again = await self._retriever.retrieve(rewritten, options, deadline)
            found = again if again.passages or not found.passages else found
        return with_carried(
            found,
            carried.passages,
            top_k=options.top_k or self._rag.top_k,
            max_context_tokens=self._rag.max_context_tokens,
        )

    def _begin_rewriting(
        self, question: str, conversation: Conversation, deadline: Deadline
    ) -> asyncio.Task[str | None] | None:
        if self._rewriter is None:
            return None
        return asyncio.create_task(self._rewriter.rewrite(question, conversation, deadline))

    async def _cited_before(
        self, conversation: Conversation, options: RagOptions, deadline: Deadline
    ) -> Retrieved:
        text, passages = cited_text(conversation.answer)
        if not text:
            return Retrieved("no-match", "")
        few = options.model_copy(update={"top_k": min(passages, MAX_CARRIED)})
        return await self._retriever.retrieve(text, few, deadline)
