"""The second wall between agents: PostgreSQL shows a transaction only the rows of the agents that it named.

The first wall is :class:`Rows`, which binds every statement of ours to one agent. It holds nothing back from a
statement that goes past it; row-level security does, also from the owner of the tables, because it is forced. Both are
needed: SQLite has the first wall only, and a superuser walks through the second.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from insuragent.errors import StoreError
from insuragent.headoffice import arrays
from insuragent.headoffice.running import Runner
from insuragent.headoffice.tables import TENANT, metadata
from insuragent.i18n import N_

#: What a transaction may see: the rows of the agents that it names, or those of everybody. It is looked at for every
#: row, and nearly every row is the first agent's: so that one is compared first. The list stands in a subquery of its
#: own: as that, the database reads it once, and not for every row of a supervisor with a thousand agents.
_NAMED = (
    "select set_config('insuragent.agent', %s, true), set_config('insuragent.agents', cast(%s::text[] as text), true)"
)
_EVERYBODY = "select set_config('insuragent.everybody', 'yes', true)"
_SEEN = (
    "tenant = '{tenant}' and agent = current_setting('insuragent.agent', true)"
    " or current_setting('insuragent.everybody', true) = 'yes' or tenant = '{tenant}'"
    " and agent = any ((select cast(nullif(current_setting('insuragent.agents', true), '') as text[]))::text[])"
)
_STRONG = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
_WALLED = (
    "select relname from pg_class join pg_policy on polrelid = pg_class.oid where relrowsecurity and"
    " relforcerowsecurity and polqual is not null and relnamespace = current_schema()::regnamespace"
)


class NoWalls(StoreError):
    """The server's own database user would see every agent's rows whatever the tables say."""

    message = N_("这个数据库用户不受行级安全的约束，不能用来运行总公司服务器")
    hint = N_("请改用没有 SUPERUSER 和 BYPASSRLS 权限的用户，并运行 insuragent headoffice init。")


def build(connection: sa.Connection, *, app_role: str = "") -> None:
    """Raise the wall around every table, and let ``app_role`` read and write behind it when it is not the owner."""
    if connection.dialect.name != "postgresql":
        return
    quoted = connection.dialect.identifier_preparer.quote_identifier
    seen = _SEEN.format(tenant=TENANT)
    for name in map(quoted, metadata.tables):
        connection.exec_driver_sql(f"alter table {name} enable row level security, force row level security")
        connection.exec_driver_sql(f"drop policy if exists own on {name}")
        connection.exec_driver_sql(f"create policy own on {name} using ({seen}) with check ({seen})")
        if app_role:
            connection.exec_driver_sql(f"grant select, insert, update, delete on {name} to {quoted(app_role)}")


def check(connection: sa.Connection) -> None:
    """Raises NoWalls when the user of this connection could see past the wall, or a table has none."""
    if connection.dialect.name != "postgresql":
        return
    walled = set(connection.exec_driver_sql(_WALLED).scalars())
    if connection.exec_driver_sql(_STRONG).scalar_one() or not walled >= metadata.tables.keys():
        raise NoWalls


def admit(runner: Runner, agents: Sequence[str]) -> None:
    """Show the transaction that has begun the rows of these agents, and of no others; of none where none is named."""
    if not runner.is_sqlite:
        runner.execute(_NAMED, (next(iter(agents), ""), arrays.array_of(agents, sa.Text())))


def admit_everybody(connection: sa.Connection) -> None:
    """Show the transaction that has begun every row: for head office's own people and for steps of the schema."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_EVERYBODY)
