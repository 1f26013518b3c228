"""the package comes beside its product"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.add_column(sa.Column("package_sha256", sa.String(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_product_package_id"))
        batch_op.drop_constraint(batch_op.f("fk_product_package_id_attachment"), type_="foreignkey")
        batch_op.drop_column("package_id")
