"""Alembic revisions, one change of the schema a file, never edited once released."""
