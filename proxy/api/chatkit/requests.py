"""What ChatKit.js asks: one body per operation, told apart by `type`.

Read more liberally than the official server does: what can be left out has a default.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, RootModel, StrictInt, Tag

from proxy.api.chatkit.user_input import UserInput
from proxy.protocol.tags import type_tag
from proxy.protocol.wire import Wire

Id = Annotated[str, Field(min_length=1, max_length=128)]
Order = Literal["asc", "desc"]


class StructuredAnswer(Wire):
    """What the reader answers to one question of ours."""

    values: Annotated[list[Annotated[str, Field(max_length=4_000)]], Field(max_length=50)] = Field(
        default_factory=list[str]
    )
    skipped: bool = False


class StructuredAnswers(Wire):
    """What the reader answers to our questions, by their ids."""

    status: Literal["answered", "skipped"] = "answered"
    answers: Annotated[dict[Id, StructuredAnswer], Field(max_length=20)] = Field(
        default_factory=dict[str, StructuredAnswer]
    )


class Action(Wire):
    """Something on the page that was clicked."""

    type: Annotated[str, Field(min_length=1, max_length=128)]
    payload: dict[str, Any] = Field(default_factory=dict[str, Any])


class CreateParams(Wire):
    """A first question."""

    input: UserInput


class ThreadParams(Wire):
    """A thread."""

    thread_id: Id


class AddUserMessageParams(ThreadParams):
    """A further question."""

    input: UserInput


class RetryParams(ThreadParams):
    """The question that is to be answered again."""

    item_id: Id


class ToolOutputParams(ThreadParams):
    """What the page's tool returned."""

    result: Any = None


class StructuredInputParams(ThreadParams):
    """Answers to questions of ours."""

    item_id: Id
    input: StructuredAnswers


class ActionParams(ThreadParams):
    """An action of the page."""

    item_id: Id | None = None
    action: Action


class ListParams(Wire):
    """A page of a list."""

    limit: Annotated[StrictInt, Field(ge=1)] | None = None
    order: Order = "desc"
    after: Id | None = None


class ItemsParams(ListParams):
    """A page of a thread's items."""

    thread_id: Id


class UpdateParams(ThreadParams):
    """A title."""

    title: Annotated[str, Field(min_length=1, max_length=512)]


class FeedbackParams(ThreadParams):
    """What the reader thinks of items."""

    item_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]
    kind: Literal["positive", "negative"]


class _Operation(Wire):
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Whatever the site adds; strings named `rag_…` are options of the retrieval."""


class ThreadsCreate(_Operation):
    """Begin a thread with a question."""

    type: Literal["threads.create"]
    params: CreateParams


class ThreadsAddUserMessage(_Operation):
    """Ask on."""

    type: Literal["threads.add_user_message"]
    params: AddUserMessageParams


class ThreadsRetryAfterItem(_Operation):
    """Answer a question again."""

    type: Literal["threads.retry_after_item"]
    params: RetryParams


class ThreadsAddClientToolOutput(_Operation):
    """Go on with what a tool of the page returned."""

    type: Literal["threads.add_client_tool_output"]
    params: ToolOutputParams


class ThreadsAddStructuredInput(_Operation):
    """Go on with what the reader answered to our question."""

    type: Literal["threads.add_structured_input"]
    params: StructuredInputParams


class ThreadsCustomAction(_Operation):
    """Tell of an action of the page; what comes of it is a stream."""

    type: Literal["threads.custom_action"]
    params: ActionParams


class ThreadsSyncCustomAction(_Operation):
    """Tell of an action of the page."""

    type: Literal["threads.sync_custom_action"]
    params: ActionParams


class ThreadsGetById(_Operation):
    """Read a thread with its first items."""

    type: Literal["threads.get_by_id"]
    params: ThreadParams


class ThreadsList(_Operation):
    """List the reader's threads."""

    type: Literal["threads.list"]
    params: ListParams = ListParams()


class ThreadsUpdate(_Operation):
    """Give a thread another title."""

    type: Literal["threads.update"]
    params: UpdateParams


class ThreadsDelete(_Operation):
    """Remove a thread."""

    type: Literal["threads.delete"]
    params: ThreadParams


class ItemsList(_Operation):
    """List a thread's items."""

    type: Literal["items.list"]
    params: ItemsParams


class ItemsFeedback(_Operation):
    """Say what the reader thinks of answers."""

    type: Literal["items.feedback"]
    params: FeedbackParams


class NotOffered(_Operation):
    """What a chat about a book has no use for."""

    type: Literal["attachments.create", "attachments.delete", "input.transcribe"]
    params: Any = None


AnswerOperation = (
    ThreadsCreate
    | ThreadsAddUserMessage
    | ThreadsRetryAfterItem
    | ThreadsAddClientToolOutput
    | ThreadsAddStructuredInput
)
"""Those that have a question answered."""


class ChatKitRequest(
    RootModel[
        Annotated[
            Annotated[ThreadsCreate, Tag("<threads.create>")]
            | Annotated[ThreadsAddUserMessage, Tag("<threads.add_user_message>")]
            | Annotated[ThreadsRetryAfterItem, Tag("<threads.retry_after_item>")]
            | Annotated[ThreadsAddClientToolOutput, Tag("<threads.add_client_tool_output>")]
            | Annotated[ThreadsAddStructuredInput, Tag("<threads.add_structured_input>")]
            | Annotated[ThreadsCustomAction, Tag("<threads.custom_action>")]
            | Annotated[ThreadsSyncCustomAction, Tag("<threads.sync_custom_action>")]
            | Annotated[ThreadsGetById, Tag("<threads.get_by_id>")]
            | Annotated[ThreadsList, Tag("<threads.list>")]
            | Annotated[ThreadsUpdate, Tag("<threads.update>")]
            | Annotated[ThreadsDelete, Tag("<threads.delete>")]
            | Annotated[ItemsList, Tag("<items.list>")]
            | Annotated[ItemsFeedback, Tag("<items.feedback>")]
            | Annotated[NotOffered, Tag("<attachments.create>")]
            | Annotated[NotOffered, Tag("<attachments.delete>")]
            | Annotated[NotOffered, Tag("<input.transcribe>")],
            Discriminator(
                type_tag,
                custom_error_type="unknown_operation",
                custom_error_message="This is no operation of ChatKit",
            ),
        ]
    ]
):
    """One operation of ChatKit.js."""
