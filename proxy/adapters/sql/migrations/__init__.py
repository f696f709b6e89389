"""The migrations, one file each, forwards only: Alembic finds them by their revision."""
