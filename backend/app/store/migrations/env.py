"""Alembic's entry: runs on the connection, and in the transaction, that app.store.migrating gives it."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from app.models.holdings import Base
from app.models.types import Money


def render_item(kind: str, value: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Money by its own name, so that a revision means the same on both databases."""
    if kind == "type" and isinstance(value, Money):
        autogen.imports.add("from app.models.types import Money")
        return "Money()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
