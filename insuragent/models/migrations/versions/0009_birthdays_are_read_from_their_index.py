"""The index of birthdays holds all that Today shows of them, so that no customer's own page is opened."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    op.drop_index("ix_customer_birthday", "customer")
    op.create_index(
        "ix_customer_birthday",
        "customer",
        [sa.text("substr(birth_date, 5)"), "archived_at", "birth_date", "name", "id"],
    )
