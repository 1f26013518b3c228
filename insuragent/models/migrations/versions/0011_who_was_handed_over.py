"""What was handed over is found without reading everything that was received."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    op.create_index("ix_received_grant", "received", ["kind"], sqlite_where=sa.text("deed = 'grant'"))
