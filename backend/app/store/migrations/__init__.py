"""Alembic's environment and its revisions; app.store.migrating runs them."""
