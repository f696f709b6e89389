"""The tables, as the newest migration leaves them (a test compares the two)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from proxy.adapters.sql.columns import StorableJson, StorableString, StorableText, UtcDateTime

ID = StorableString(64)
CALLER = StorableString(320)
"""A JWT's subject may be long."""

PATH = String(512)
"""Of a page within its book."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

readers = Table(
    "readers",
    metadata,
    Column("id", CALLER, primary_key=True),
    Column("software_background", String(16)),
    Column("hardware_background", String(16)),
    Column("is_active", Boolean, nullable=False),
    Column("created", UtcDateTime, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("reader_id", CALLER, ForeignKey("readers.id", ondelete="CASCADE"), nullable=False),
    Column("title", StorableText, nullable=False),
    Column("metadata", StorableJson, nullable=False),
    Column("next_position", Integer, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("updated", UtcDateTime, nullable=False),
    Index(None, "reader_id", "updated", "id"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", ID, primary_key=True),
    Column(
        "conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
    ),
    Column("position", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", StorableText, nullable=False),
    Column("status", String(16), nullable=False),
    Column("citations", StorableJson, nullable=False),
    Column("details", StorableJson, nullable=False),
    Column("model", StorableText),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("answer_id", ID),
    Column("created", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "position"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("message_id", ID, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("rating", String(16), nullable=False),
    Column("comment", StorableText),
    Column("created", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", StorableText, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("role", String(16), nullable=False),
    Column("books", StorableJson(none_as_null=True)),
    Column("requests_per_minute", Integer),
    Column("tokens_per_minute", Integer),
    Column("tokens_per_day", Integer),
    Column("created", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime),
    Column("revoked", UtcDateTime),
)

ingest_jobs = Table(
    "ingest_jobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("reader_id", CALLER, nullable=False),
    Column("book", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("request", StorableJson, nullable=False),
    Column("progress", StorableJson, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("updated", UtcDateTime, nullable=False),
    Index(None, "status", "created"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", CALLER, nullable=False),
    Column("filename", StorableText, nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Index(None, "created", "id"),
)

upload_pieces = Table(
    "upload_pieces",
    metadata,
    Column("upload_id", ID, ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

shelves = Table(
    "shelves",
    metadata,
    Column("book", String(64), primary_key=True),
    Column("name", StorableText, nullable=False),
    Column("metadata", StorableJson, nullable=False),
    Column("created", UtcDateTime, nullable=False),
)

shelved_files = Table(
    "shelved_files",
    metadata,
    Column("book", String(64), primary_key=True),
    Column("path", PATH, primary_key=True),
    Column("upload_id", ID, nullable=False),
    Column("job_id", ID, nullable=False),
    Column("attributes", StorableJson, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Index(None, "upload_id"),
)

daily_usage = Table(
    "daily_usage",
    metadata,
    Column("day", Date, primary_key=True),
    Column("caller_id", CALLER, primary_key=True),
    Column("model", String(512), primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("completion_tokens", BigInteger, nullable=False),
)

interactions = Table(
    "interactions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("created", UtcDateTime, nullable=False),
    Column("caller_id", CALLER, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("model", String(512), nullable=False),
    Column("status", String(16), nullable=False),
    Column("question", StorableText, nullable=False),
    Column("answer", StorableText, nullable=False),
    Column("rag_status", String(16), nullable=False, server_default=""),
    Column("passages", StorableJson, nullable=False, server_default="[]"),
    Column("requests", Integer, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Index(None, "created"),
)
