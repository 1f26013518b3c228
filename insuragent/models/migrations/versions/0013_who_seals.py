"""Whose keys seal documents, as head office publishes them (ADR 0021)."""

import sqlalchemy as sa
from alembic import op

from insuragent.models.fields import Moment

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    op.create_table(
        "sealer",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("licence_no", sa.String(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("key", "device", name=op.f("pk_sealer")),
    )
