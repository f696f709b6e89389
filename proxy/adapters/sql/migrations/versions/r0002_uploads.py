"""Uploads, and where they stand in books."""

import sqlalchemy as sa
from alembic import op

from proxy.adapters.sql.columns import StorableJson, StorableText, UtcDateTime

revision = "0002"
down_revision = "0001"

_ID = sa.String(64)
_BOOK = sa.String(64)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "uploads",
        sa.Column("id", _ID, nullable=False),
        sa.Column("owner_id", sa.String(320), nullable=False),
        sa.Column("filename", StorableText, nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_created_id", "uploads", ["created", "id"])
    op.create_table(
        "upload_pieces",
        sa.Column("upload_id", _ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "position", name="pk_upload_pieces"),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name="fk_upload_pieces_upload_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "shelves",
        sa.Column("book", _BOOK, nullable=False),
        sa.Column("name", StorableText, nullable=False),
        sa.Column("metadata", StorableJson, nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("book", name="pk_shelves"),
    )
    op.create_table(
        "shelved_files",
        sa.Column("book", _BOOK, nullable=False),
        sa.Column("path", sa.String(512), nullable=False),
        sa.Column("upload_id", _ID, nullable=False),
        sa.Column("job_id", _ID, nullable=False),
        sa.Column("attributes", StorableJson, nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("book", "path", name="pk_shelved_files"),
    )
    op.create_index("ix_shelved_files_upload_id", "shelved_files", ["upload_id"])
