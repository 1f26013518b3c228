"""The version of head office's tables: a new database is made from :mod:`tables`, an older one is led there in steps.

To change the tables: change ``tables.py``, then append a function to ``STEPS`` that brings a database of the version
before to the same shape, and moves what it holds. A step names the tables, columns and indexes that are new and lets
:func:`add` make those that are not there; it is never changed or reordered once it is on main (a branch that lands
later moves its step to the end). ``headoffice init`` runs the steps that a database lacks, all of them or none, and
the server refuses to run on any version but its own, so that two programs never write the same tables differently.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from insuragent.errors import StoreError, StoreMissing, StoreTooNew
from insuragent.headoffice import directory, tables, walls
from insuragent.headoffice.database import Database
from insuragent.headoffice.sealing import Seal, layout_of
from insuragent.i18n import N_

NOT_FOUNDED = N_("总公司的数据库还没有建立")
INIT_FIRST = N_("请先运行 insuragent headoffice init。")


class SchemaTooOld(StoreError):
    """The tables are of an older program: they must be brought up to date first."""

    message = N_("总公司的数据库是旧版程序建立的")
    hint = N_("请先备份，再运行 insuragent headoffice init 升级。资料完好，没有被改动。")


def bring_up_to_date(database: Database, app_role: str = "") -> int:
    """Make the tables, or lead older ones to the newest version; returns that.

    ``app_role`` is the database user that the server runs as, when it is not the owner of the tables: on PostgreSQL
    it is let in behind the walls. Raises StoreTooNew, BadDatabase.
    """
    found = _version(database) if database.is_founded() else None
    if found is not None and found > len(STEPS):
        raise StoreTooNew
    with database.connect() as connection:
        if found is None or found < SEALED:
            database.seal.make()
        if found is None:
            tables.metadata.create_all(connection)
        for step in STEPS[len(STEPS) if found is None else found :]:
            step(connection)
        if found is not None and found < SEALED:
            _seal_all(connection, database.seal)
        if found is not None and found < LISTED:
            directory.fill(connection, database.seal)
        walls.build(connection, app_role=app_role)
        connection.execute(sa.delete(tables.version))
        here = {"tenant": tables.TENANT, "agent": tables.OFFICE, "number": len(STEPS)}
        connection.execute(sa.insert(tables.version), here)
    return len(STEPS)


def check(database: Database) -> None:
    """Raises StoreMissing before ``headoffice init``, SchemaTooOld and StoreTooNew when the tables are not ours."""
    if not database.is_founded():
        raise StoreMissing(NOT_FOUNDED, hint=INIT_FIRST)
    found = _version(database)
    if found < len(STEPS):
        raise SchemaTooOld
    if found > len(STEPS):
        raise StoreTooNew


def add(connection: sa.Connection, *parts: sa.Table | sa.Column[object] | sa.Index) -> None:
    """Make the tables, columns and indexes of :mod:`tables` that are not there yet.

    A column must be nullable or have a ``server_default``: there may be rows already.
    """
    seen, operations = sa.inspect(connection), Operations(MigrationContext.configure(connection))
    for part in parts:
        if isinstance(part, sa.Column):
            if part.name not in {column["name"] for column in seen.get_columns(part.table.name)}:
                operations.add_column(part.table.name, part)
        else:
            part.create(connection, checkfirst=True)


def _version(database: Database) -> int:
    """The version of tables that are there; 0 for those made before versions were kept."""
    if not sa.inspect(database.engine).has_table(tables.version.name):
        return 0
    with database.read(tables.OFFICE) as rows:
        row = rows.find(tables.version)
    return row.number if row else 0


def _keep_versions(connection: sa.Connection) -> None:
    add(connection, tables.version)


def _keep_files(connection: sa.Connection) -> None:
    add(connection, tables.file)


def _find_blindly(connection: sa.Connection) -> None:
    record = tables.record
    found_by = ("ix_record_blind_number", "ix_record_blind_phone")
    add(connection, record.c.blind_number, record.c.blind_phone)
    add(connection, *(index for index in record.indexes if index.name in found_by))


def _oversee(connection: sa.Connection) -> None:
    device = tables.device.c
    add(connection, device.ordered_at, device.wiped_at, tables.audit, tables.setting)


def _seal_all(connection: sa.Connection, seal: Seal) -> None:
    """Seal what was written before there was a seal."""
    for table in tables.metadata.tables.values():
        if layout_of(tuple(table.columns)) is None:
            continue
        keys = [column.name for column in table.primary_key]
        for row in [dict(found) for found in connection.execute(sa.select(table)).mappings()]:
            (sealed,) = seal.sealed(table, row["agent"], [row])
            same_row = (table.c[name] == row[name] for name in keys)
            connection.execute(sa.update(table).where(*same_row).values(dict(sealed)))


def _hand_over(connection: sa.Connection) -> None:
    add(connection, tables.record.c.former, tables.entry.c.digest, tables.moved, tables.late)


def _employ(connection: sa.Connection) -> None:
    add(connection, tables.account, tables.session)


def _sweep(connection: sa.Connection) -> None:
    add(connection, tables.unneeded)


def _find_refused(connection: sa.Connection) -> None:
    add(connection, *(index for index in tables.entry.indexes if index.name == "ix_entry_refused"))


def _keep_to_branches(connection: sa.Connection) -> None:
    add(connection, tables.account.c.branch)


def _know_identities(connection: sa.Connection) -> None:
    add(connection, tables.account.c.identity)


def _publish_sealers(connection: sa.Connection) -> None:
    add(connection, tables.device.c.seal_key, tables.sealer)


def _count_held(connection: sa.Connection) -> None:
    add(connection, tables.feed.c.held)


def _keep_blocks(connection: sa.Connection) -> None:
    add(connection, tables.entry.c.block, tables.block)


def _write_less(connection: sa.Connection) -> None:
    connection.exec_driver_sql("drop index if exists ix_entry_record")  # asked for by the rare hand-over alone


def _keep_directory(connection: sa.Connection) -> None:
    add(connection, *directory.PARTS)


def _take_offers(connection: sa.Connection) -> None:
    add(connection, tables.offer)


#: In their order; a database's version is the number of steps behind it.
STEPS: tuple[Callable[[sa.Connection], None], ...] = (
    _keep_versions,
    _find_blindly,
    _keep_files,
    _oversee,
    _hand_over,
    _employ,
    _sweep,
    _find_refused,
    _keep_to_branches,
    _know_identities,
    _publish_sealers,
    _count_held,
    _keep_blocks,
    _write_less,
    _keep_directory,
    _take_offers,
)
#: From here on what is personal lies sealed.
SEALED = 2
#: From here on there is a directory of the company.
LISTED = 15
