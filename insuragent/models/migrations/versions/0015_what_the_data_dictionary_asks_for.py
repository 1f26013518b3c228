"""what the data dictionary asks for"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.add_column(sa.Column("second_category", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("third_category", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("sub_reason", sa.String(), nullable=True))

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified_by", sa.String(), nullable=True))

    with op.batch_alter_table("needs_analysis", schema=None) as batch_op:
        batch_op.add_column(sa.Column("other_assets", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("level_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("region_scope", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("training", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("declaration_year", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("conduct_flags", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place_region", sa.String(), nullable=True))
