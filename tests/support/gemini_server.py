"""A fake Gemini on a real loopback socket: answers, is scripted, breaks on request, remembers.

Unscripted it answers as `gemini_defaults.py` says; `gemini_replies.py` has what it can be told, and
`fake_upstream.py` how it is started and watched.
"""

from collections import deque
from collections.abc import Callable

from tests.support import gemini_errors as errors
from tests.support.fake_upstream import FakeUpstream
from tests.support.gemini_defaults import default_reply
from tests.support.gemini_replies import Reply
from tests.support.gemini_requests import (
    EMBEDDING_OPERATIONS,
    GENERATING_OPERATIONS,
    RecordedRequest,
)

BAD_KEY = "bad-key"
"""The API key that is refused as an invalid one."""

Script = Callable[[RecordedRequest], Reply | None]


class FakeGemini(FakeUpstream):
    """Gemini's REST API as far as a proxy uses it; `url` is what GEMINI_BASE_URL wants."""

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reply(self, *replies: Reply) -> None:
        """Answer the next requests to generate with these, one each, then as usual again."""
        self._generating.extend(replies)

    def reply_to_embedding(self, *replies: Reply) -> None:
        """Answer the next embedding requests with these, one each, then as usual again."""
        self._embedding.extend(replies)

    def reply_by(self, script: Script) -> None:
        """Ask `script` about every request that no queued reply is for; None: as usual.

        In a threaded fake it runs on the fake's thread.
        """
        self._script = script

    def reset(self) -> None:
        """Forget the script and all that has happened; connections stay open."""
        self._generating = deque[Reply]()
        self._embedding = deque[Reply]()
        self._script: Script = lambda _request: None
        self.journal.clear()

    @property
    def generating_requests(self) -> list[RecordedRequest]:
        """The requests to generate, oldest first."""
        return [one for one in self.requests if one.operation in GENERATING_OPERATIONS]

    @property
    def embedding_requests(self) -> list[RecordedRequest]:
        """The requests to embed, oldest first."""
        return [one for one in self.requests if one.operation in EMBEDDING_OPERATIONS]

    def choose(self, request: RecordedRequest) -> Reply:
        """Return what a request is answered with."""
        if not request.api_key:
            return errors.api_key_missing()
        if request.api_key == BAD_KEY:
            return errors.api_key_invalid()
        if request.operation in GENERATING_OPERATIONS and self._generating:
            return self._generating.popleft()
        if request.operation in EMBEDDING_OPERATIONS and self._embedding:
            return self._embedding.popleft()
        return self._script(request) or default_reply(request)
