"""What retrieval came to, beside each question of the log."""

import sqlalchemy as sa
from alembic import op

from proxy.adapters.sql.columns import StorableJson

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; what was logged before has neither status nor passages."""
    with op.batch_alter_table("interactions") as table:
        table.add_column(sa.Column("rag_status", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("passages", StorableJson, nullable=False, server_default="[]"))
