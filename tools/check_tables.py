"""Whether head office's tables can be spread over many database servers by agent, told from their declarations alone.

Citus, YugabyteDB and CockroachDB place a row by the first columns of its key. So ``(tenant, agent)`` leads every key
and index, nothing counts by itself, and no foreign key leads from one agent's rows to another's.
"""

from collections.abc import Iterator

import sqlalchemy as sa

OWNER = ["tenant", "agent"]


def spread_faults(metadata: sa.MetaData) -> Iterator[str]:
    """Each thing in the tables that stands in the way, as ``table: what``."""
    for table in metadata.tables.values():
        for fault in (*_keys(table), *_counters(table)):
            yield f"{table.name}: {fault}"


def _keys(table: sa.Table) -> Iterator[str]:
    if _names(table.primary_key.columns)[:2] != OWNER:
        yield "its primary key is not led by (tenant, agent)"
    for index in table.indexes:
        if _names(index.columns)[:2] != OWNER:
            yield f"its index {index.name} is not led by (tenant, agent)"
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint) and _names(constraint.columns)[:2] != OWNER:
            yield f"what is unique by {_names(constraint.columns)} is not led by (tenant, agent)"
        if isinstance(constraint, sa.ForeignKeyConstraint):
            yield f"a foreign key leads to {constraint.referred_table.name}"


def _counters(table: sa.Table) -> Iterator[str]:
    for column in table.columns:
        counts = column.primary_key and isinstance(column.type, sa.Integer) and column.autoincrement is not False
        if column.identity is not None or column.default is not None or column.autoincrement is True or counts:
            yield f"{column.name} gets a number or a default by itself"


def _names(columns: sa.ColumnCollection[str, sa.Column[object]]) -> list[str]:
    return [column.name for column in columns]
