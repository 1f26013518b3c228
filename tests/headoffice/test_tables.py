"""The schema can be spread by agent: nothing in it needs a second agent's rows or one server's special feature."""

import sqlalchemy as sa

from insuragent.headoffice.tables import metadata

OWNER = ["tenant", "agent"]


def test_tenant_and_agent_lead_every_key_and_index() -> None:
    """Citus, YugabyteDB and CockroachDB place a row by the first columns of its key."""
    for table in metadata.tables.values():
        assert [column.name for column in table.primary_key][:2] == OWNER, table.name
        for index in table.indexes:
            assert [column.name for column in index.columns][:2] == OWNER, index.name
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint):
                assert [column.name for column in constraint.columns][:2] == OWNER, table.name


def test_nothing_counts_by_itself_and_nothing_points_across() -> None:
    """No serials, sequences or identities, and no foreign key from one agent's rows to another's."""
    for table in metadata.tables.values():
        assert not table.foreign_key_constraints, table.name
        for column in table.columns:
            assert column.identity is None
            assert column.default is None
            assert column.autoincrement in (False, "auto")
            if column.primary_key:
                assert column.autoincrement is False or not isinstance(column.type, sa.Integer), column
