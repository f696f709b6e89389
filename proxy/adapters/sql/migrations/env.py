"""Runs migrations on the connection that `migrate.py` hands over, within its transaction."""

from alembic import context

from proxy.adapters.sql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
