"""Text that was erased from the journal, and whose value waits in a conflict."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    op.add_column("conflict", sa.Column("mine_by", sa.String(), nullable=True))
    op.add_column("conflict", sa.Column("mine_device", sa.String(), nullable=True))
    op.add_column("journal", sa.Column("erased", sa.Boolean(), nullable=False, server_default="0"))
