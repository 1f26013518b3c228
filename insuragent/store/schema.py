"""The schema's version: migrate an older file, refuse a newer one."""

from pathlib import Path

import sqlalchemy as sa

from insuragent.errors import StoreTooNew
from insuragent.models import migrations


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


def bring_up_to_date(engine: sa.Engine) -> None:
    """Migrate the open file to the newest version, whole or not at all. Raises StoreTooNew."""
    version, known = current(engine), versions()
    if version == known[-1]:
        return
    if version is not None and version not in known:
        raise StoreTooNew
    from alembic import command  # 0.3 s to import, and needed once a release
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.execution_options(write=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
