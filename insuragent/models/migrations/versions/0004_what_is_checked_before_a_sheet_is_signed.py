"""What is checked at the table before a sheet is signed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.add_column(sa.Column("id_checked", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("promises_told", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("risk_level", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("risk_assessed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("applicant", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("other_death_cover", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("reimbursement_policies", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("premium_words", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("own_will", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("second_confirmed_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("recording_ref", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("reason_links", sa.JSON(), nullable=False, server_default="[]"))
