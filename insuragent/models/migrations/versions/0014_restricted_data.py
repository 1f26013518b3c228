"""restricted data"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("restricted_at", sa.BigInteger(), nullable=True))
