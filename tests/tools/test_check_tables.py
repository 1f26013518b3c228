"""Tables that cannot be spread by agent are named; head office's own can be."""

import pytest
import sqlalchemy as sa

from insuragent.headoffice import tables
from tools.check_tables import spread_faults


def faults(*parts: sa.schema.SchemaItem, key: bool = True) -> list[str]:
    """The faults of a table with these columns besides the owner's."""
    metadata = sa.MetaData()
    owner = (sa.Column(name, sa.Text, primary_key=key) for name in ("tenant", "agent"))
    sa.Table("visit", metadata, *owner, *parts)
    return list(spread_faults(metadata))


def test_head_office_can_be_spread() -> None:
    """What ``make check`` looks at."""
    assert list(spread_faults(tables.metadata)) == []


def test_a_table_led_by_its_owner_is_well() -> None:
    """Also with an index, a unique constraint and a number in its key."""
    number = sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False)
    assert faults(number, sa.UniqueConstraint("tenant", "agent", "number"), sa.Index("ix", "tenant", "agent")) == []


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ((sa.Index("ix_place", "agent", "tenant"),), "its index ix_place is not led by (tenant, agent)"),
        ((sa.UniqueConstraint("agent"),), "what is unique by ['agent'] is not led by (tenant, agent)"),
        ((sa.Column("id", sa.Text, unique=True),), "what is unique by ['id'] is not led by (tenant, agent)"),
        ((sa.Column("id", sa.BigInteger, sa.Identity()),), "id gets a number or a default by itself"),
        ((sa.Column("id", sa.BigInteger, primary_key=True),), "id gets a number or a default by itself"),
        ((sa.Column("id", sa.Text, default="x"),), "id gets a number or a default by itself"),
    ],
)
def test_what_stands_in_the_way_is_named(parts: tuple[sa.schema.SchemaItem, ...], fault: str) -> None:
    """Each shape once."""
    assert faults(*parts) == [f"visit: {fault}"]


def test_a_key_of_its_own_and_a_foreign_key_are_named() -> None:
    """Also between the rows of one agent: the servers do not all check it, and the ledger does."""
    assert faults(sa.Column("id", sa.Text, primary_key=True), key=False) == [
        "visit: its primary key is not led by (tenant, agent)"
    ]
    metadata = sa.MetaData()
    for name in ("customer", "visit"):
        owner = (sa.Column(part, sa.Text, primary_key=True) for part in ("tenant", "agent"))
        sa.Table(name, metadata, *owner)
    metadata.tables["visit"].append_constraint(
        sa.ForeignKeyConstraint(["tenant", "agent"], ["customer.tenant", "customer.agent"])
    )
    assert list(spread_faults(metadata)) == ["visit: a foreign key leads to customer"]
