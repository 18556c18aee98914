"""Up to which event each rule has told its channel."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_places",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "rule", "channel"),
    )


def downgrade() -> None:
    """Rules begin with what happens from then on."""
    op.drop_table("notice_places")
