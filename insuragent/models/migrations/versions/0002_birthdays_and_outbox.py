"""Indexes for what Today asks at each look: birthdays, documents that run out, and what waits for head office."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    op.create_index("ix_customer_birthday", "customer", [sa.text("substr(birth_date, 5)")])
    op.create_index("ix_customer_doc_valid_to", "customer", ["doc_valid_to"])
    op.drop_index("ix_journal_pending", "journal")
    op.create_index(
        "ix_journal_pending", "journal", ["kind", "deed", "number"], sqlite_where=sa.text("state = 'pending'")
    )
