"""The first schema: readers, conversations, keys, usage; a table for ingest jobs."""

import sqlalchemy as sa
from alembic import op

from proxy.adapters.sql.columns import StorableJson, StorableText, UtcDateTime

revision = "0001"
down_revision = None

_ID = sa.String(64)
_CALLER = sa.String(320)


def upgrade() -> None:
    """Make the tables."""
    _readers_and_conversations()
    _messages_and_feedback()
    _keys_and_jobs()
    _usage()


def _readers_and_conversations() -> None:
    op.create_table(
        "readers",
        sa.Column("id", _CALLER, nullable=False),
        sa.Column("software_background", sa.String(16)),
        sa.Column("hardware_background", sa.String(16)),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_readers"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("reader_id", _CALLER, nullable=False),
        sa.Column("title", StorableText, nullable=False),
        sa.Column("metadata", StorableJson, nullable=False),
        sa.Column("next_position", sa.Integer, nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("updated", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["readers.id"], name="fk_conversations_reader_id", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_conversations_reader_id_updated_id", "conversations", ["reader_id", "updated", "id"]
    )


def _messages_and_feedback() -> None:
    op.create_table(
        "messages",
        sa.Column("id", _ID, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", StorableText, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("citations", StorableJson, nullable=False),
        sa.Column("details", StorableJson, nullable=False),
        sa.Column("model", StorableText),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
        sa.Column("answer_id", _ID),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_messages_conversation_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "conversation_id", "position", name="uq_messages_conversation_id_position"
        ),
    )
    op.create_table(
        "feedback",
        sa.Column("message_id", _ID, nullable=False),
        sa.Column("rating", sa.String(16), nullable=False),
        sa.Column("comment", StorableText),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_feedback_message_id", ondelete="CASCADE"
        ),
    )


def _keys_and_jobs() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", StorableText, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("books", StorableJson),
        sa.Column("requests_per_minute", sa.Integer),
        sa.Column("tokens_per_minute", sa.Integer),
        sa.Column("tokens_per_day", sa.Integer),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("expires", UtcDateTime),
        sa.Column("revoked", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    op.create_table(
        "ingest_jobs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("reader_id", _CALLER, nullable=False),
        sa.Column("book", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("request", StorableJson, nullable=False),
        sa.Column("progress", StorableJson, nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("updated", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_jobs"),
    )
    op.create_index("ix_ingest_jobs_status_created", "ingest_jobs", ["status", "created"])


def _usage() -> None:
    op.create_table(
        "daily_usage",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("caller_id", _CALLER, nullable=False),
        sa.Column("model", sa.String(512), nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger, nullable=False),
        sa.Column("completion_tokens", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "caller_id", "model", name="pk_daily_usage"),
    )
    op.create_table(
        "interactions",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("caller_id", _CALLER, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("model", sa.String(512), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("question", StorableText, nullable=False),
        sa.Column("answer", StorableText, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_interactions"),
    )
    op.create_index("ix_interactions_created", "interactions", ["created"])
