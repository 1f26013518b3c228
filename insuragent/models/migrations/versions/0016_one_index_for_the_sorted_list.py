"""One index serves the list of customers, however it is sorted: each of the five before was a page in every save."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_THERE = sa.text("archived_at IS NULL")


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    for name in ("name_pinyin", "stage", "customer_class", "birth_date", "doc_valid_to", "birthday"):
        op.drop_index(f"ix_customer_{name}", "customer")
    listed = ["stage", "customer_class", "name_pinyin", "gender", "birth_date", "mobile", "doc_no"]
    op.create_index("ix_customer_sorted", "customer", listed, sqlite_where=_THERE)
    known = sa.text("doc_valid_to IS NOT NULL")
    op.create_index("ix_customer_doc_valid_to", "customer", ["doc_valid_to"], sqlite_where=known)
    op.create_index(
        "ix_customer_birthday",
        "customer",
        [sa.text("substr(birth_date, 5)"), "birth_date", "name", "id"],
        sqlite_where=sa.text("archived_at IS NULL AND restricted_at IS NULL"),
    )
