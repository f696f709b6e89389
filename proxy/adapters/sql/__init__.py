"""The store in a SQL database: SQLite beside the index, PostgreSQL in production."""
