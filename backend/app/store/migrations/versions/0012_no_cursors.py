"""How far a reader of the journal has come is not kept here: a client says after which event it goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("journal_cursors")


def downgrade() -> None:
    op.create_table(
        "journal_cursors",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "consumer"),
    )
