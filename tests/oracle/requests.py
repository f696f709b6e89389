"""The table: every kind of chat request, in OpenAI's words and in google-genai's.

The second is written from the SDK's documentation for what the first means, never from what our
translation makes of it.
"""

from tests.oracle.call_requests import CALLS
from tests.oracle.case import Case
from tests.oracle.conversation_requests import CONVERSATIONS
from tests.oracle.media_requests import MEDIA
from tests.oracle.option_requests import OPTIONS
from tests.oracle.schema_requests import SCHEMAS
from tests.oracle.tool_requests import TOOLS

REQUESTS: tuple[Case, ...] = (*CONVERSATIONS, *MEDIA, *TOOLS, *CALLS, *SCHEMAS, *OPTIONS)
