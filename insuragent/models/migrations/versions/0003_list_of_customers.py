"""An index from which the list of all customers is read; nobody sorts by region."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    op.create_index("ix_customer_listed", "customer", ["number"], sqlite_where=sa.text("archived_at IS NULL"))
    op.drop_index("ix_customer_home_region", "customer")
