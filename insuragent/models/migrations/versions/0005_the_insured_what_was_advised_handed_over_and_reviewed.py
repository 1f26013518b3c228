"""Who is insured by a sheet, and what was advised, explained item by item, handed over and reviewed."""

import warnings
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_LINKS = {
    "insured_id": "family_member",
    "stop_advice_id": "attachment",
    "own_will_signature_id": "attachment",
    "reviewed_by_id": "staff",
}
_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "insured_name": sa.String(),
    "insured_sex": sa.String(),
    "insured_born": sa.Date(),
    "beneficiary_note": sa.String(),
    "insured_consent": sa.Boolean(),
    "companion": sa.String(),
    "callback_due": sa.Date(),
    "called_back_at": sa.BigInteger(),
    "stop_advice_at": sa.BigInteger(),
    "reviewed_at": sa.BigInteger(),
    "delivered_at": sa.BigInteger(),
    "refused_reason": sa.String(),
    "voided_at": sa.BigInteger(),
    "void_cause": sa.String(),
}
#: What was ticked keeps the moment of the sheet's first print: the time of each item was not noted then.
_TICKED = """
UPDATE sheet SET explained = (
    SELECT json_group_array(json_object(
        'code', value, 'at', strftime('%Y-%m-%dT%H:%M:%SZ', explained_at / 1000000, 'unixepoch')
    )) FROM json_each(sheet.prompt_items)
)
"""


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    for name in ("explained", "reviewed_words"):
        op.add_column("sheet", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.execute(_TICKED)
    with warnings.catch_warnings(), op.batch_alter_table("sheet", schema=None) as batch_op:
        # An index of an expression, on a table that this one links to, cannot be read back; nobody needs it here.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
        for name, kind in _COLUMNS.items():
            batch_op.add_column(sa.Column(name, kind, nullable=True))
        for name, table in _LINKS.items():
            batch_op.add_column(sa.Column(name, sa.LargeBinary(length=16), nullable=True))
            batch_op.create_index(batch_op.f(f"ix_sheet_{name}"), [name], unique=False)
            key = batch_op.f(f"fk_sheet_{name}_{table}")
            batch_op.create_foreign_key(key, table, [name], ["id"], initially="DEFERRED", deferrable=True)
        batch_op.drop_column("prompt_items")
