"""Alembic's environment and its revisions; app.store.schema runs them."""
