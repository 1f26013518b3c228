"""What was saved is marked, and enters the search index before the next question (ADR 0019)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    op.create_table(
        "unindexed",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_unindexed")),
    )
