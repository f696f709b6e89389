"""An answer while it is written, as the events that tell of it."""

from datetime import UTC, datetime

from proxy.api.chatkit import events
from proxy.api.chatkit.items import Object, item_object, output_text
from proxy.dialogue.calls import CALL
from proxy.dialogue.turn import Turn
from proxy.protocol.chat_events import ChatEvent, TextDelta
from proxy.protocol.site_chat import timestamp

_CUT = "The answer was cut off: it had reached the length limit."
_FILTERED = "The answer was stopped by the model's safety filter."
_DEGRADED = "The book could not be searched just now; this answer does not rest on it."
_NOT_SAVED = "This answer could not be saved; it will be missing from the history."


class AnswerEvents:
    """Tells of the answer of a turn; feed it every batch, then end it."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._has_begun = False

    def feed(self, batch: list[ChatEvent]) -> list[Object]:
        """Return the events of a batch."""
        delta = "".join([event.text for event in batch if isinstance(event, TextDelta)])
        if not delta:
            return []
        opening = [] if self._has_begun else self._begin()
        return [*opening, self._update("text_delta", delta=delta)]

    def end(self) -> list[Object]:
        """Return the events of an answer that is whole."""
        return [*self.break_off(), *self._calls(), *map(events.notice, self._warnings())]

    def break_off(self) -> list[Object]:
        """Return the events that end the text where it is."""
        turn = self._turn
        items = [item_object(one, turn.asked.conversation_id) for one in turn.records]
        texts = [item for item in items if item and item["type"] == "assistant_message"]
        if not self._has_begun or not texts:
            return []
        (item,) = texts
        (part,) = item["content"]
        return [
            *(
                self._update("annotation_added", annotation_index=place, annotation=mark)
                for place, mark in enumerate(part["annotations"])
            ),
            self._update("done", content=part),
            events.item_done(item),
        ]

    def _begin(self) -> list[Object]:
        self._has_begun = True
        asked = self._turn.asked
        item: Object = {
            "type": "assistant_message",
            "id": asked.answer_id,
            "thread_id": asked.conversation_id,
            "created_at": timestamp(datetime.now(UTC)),
            "content": [],
        }
        added = {"type": "thread.item.added", "item": item}
        return [added, self._update("added", content=output_text("", []))]

    def _update(self, kind: str, **fields: object) -> Object:
        update = {"type": f"assistant_message.content_part.{kind}", "content_index": 0, **fields}
        item_id = self._turn.asked.answer_id
        return {"type": "thread.item.updated", "item_id": item_id, "update": update}

    def _calls(self) -> list[Object]:
        thread_id = self._turn.asked.conversation_id
        calls = [item_object(one, thread_id) for one in self._turn.records if one.kind == CALL]
        return [events.item_done(item) for item in calls if item]

    def _warnings(self) -> list[str]:
        turn = self._turn
        reason = turn.so_far.finish_reason
        warnings = {
            _CUT: reason == "length",
            _FILTERED: reason == "content_filter",
            _DEGRADED: turn.rag_status == "degraded",
            _NOT_SAVED: not turn.is_saved,
        }
        return [warning for warning, is_due in warnings.items() if is_due]
