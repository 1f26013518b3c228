"""The schema's version: migrate an older file, refuse a newer one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from insuragent.errors import StoreDamaged, StoreTooNew
from insuragent.models import Note, migrations
from insuragent.store.work import UnitOfWork

#: The desk's note that a migration was done and not yet what follows it.
_MIGRATED = "migrated"


def versions() -> list[str]:
    """Every schema version that this program knows, oldest first."""
    folder = Path(migrations.__file__).parent / "versions"
    return sorted(path.name.split("_", 1)[0] for path in folder.glob("[0-9]*.py"))


def current(engine: sa.Engine) -> str | None:
    """The version of the open file; None for an empty one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def bring_up_to_date(engine: sa.Engine) -> bool:
    """Migrate the open file to the newest version, whole or not at all; tells whether it was of an older one.

    It is so until :func:`settled` was told, for a program may end before what follows a migration is done.
    Raises StoreTooNew, StoreDamaged.
    """
    version, known = current(engine), versions()
    if version == known[-1]:
        with engine.connect() as connection:
            return connection.scalar(sa.select(Note.name).where(Note.name == _MIGRATED)) is not None
    if version is not None and version not in known:
        raise StoreTooNew
    from alembic import command  # 0.3 s to import, and needed once a release
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with _unlinked(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if version is not None:
            connection.execute(sa.insert(Note).prefix_with("OR IGNORE").values(name=_MIGRATED, value=True))
    return version is not None


def settled(work: UnitOfWork) -> None:
    """Note that what follows a migration is done."""
    work.session.execute(sa.delete(Note).where(Note.name == _MIGRATED))


@contextmanager
def _unlinked(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction in which a table may be made anew; every link must hold again at its end.

    SQLite counts a dropped table's rows as deleted, and the links to them as broken, until the checks are off; and it
    heeds the switch only between transactions (sqlite.org/lang_altertable.html section 7).
    """
    with engine.execution_options(write=True).connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None, "an open connection has its driver's"
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise StoreDamaged
        finally:
            # Nobody goes on with it: its checks are off, and having made tables it prepares every statement anew.
            connection.invalidate()
