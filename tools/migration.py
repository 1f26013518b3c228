"""Write the migration that turns the last schema into the one the records declare."""

import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
import sqlcipher3.dbapi2
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from insuragent.models import Base
from tools.tree import ROOT

FOLDER = ROOT / "insuragent" / "models" / "migrations"
TEMPLATE = '''"""{message}"""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
{body}
'''


@contextmanager
def at_head(folder: Path = FOLDER) -> Iterator[MigrationContext]:
    """An empty database in memory that has gone through every migration, ready to be compared."""
    # The desk's own driver: the system's SQLite may be too old for the search tables.
    engine = sa.create_engine("sqlite://", module=sqlcipher3.dbapi2)
    with engine.connect() as connection:
        options = {"include_name": _ours, "render_item": _plain_type, "render_as_batch": True}
        context = MigrationContext.configure(connection, opts=options)
        with Operations.context(context):
            for step in reversed(list(_scripts(folder).walk_revisions())):
                step.module.upgrade()
        with warnings.catch_warnings():
            # An index of an expression can be made, but not read back to be compared.
            warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
            warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression-based index")
            yield context
    engine.dispose()


def write(message: str, folder: Path = FOLDER) -> Path | None:
    """Write a migration for what the records declare and the schema lacks; None when they agree."""
    scripts = _scripts(folder)
    with at_head(folder) as context:
        operations = produce_migrations(context, Base.metadata).upgrade_ops
        assert operations is not None
        if operations.is_empty():
            return None
        code = render_python_code(operations, render_as_batch=True, render_item=_plain_type)
    body = "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("# ###"))
    number = len(list(scripts.walk_revisions())) + 1
    path = folder / "versions" / f"{number:04d}_{re.sub(r'[^a-z0-9]+', '_', message.lower()).strip('_')}.py"
    revisions = {"message": message, "revision": f"{number:04d}", "down_revision": scripts.get_current_head()}
    path.write_text(TEMPLATE.format(body=body, **revisions), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)
    return path


def _scripts(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(folder))


def _ours(name: str | None, kind: str, parents: Any) -> bool:
    """Search and other tables outside the declarations are made by hand and left alone."""
    return kind != "table" or name in Base.metadata.tables


def _plain_type(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """A migration is a document of its day: it names plain types and imports nothing of ours."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def main(arguments: list[str]) -> int:
    """``MESSAGE`` in a few words; 2 without one."""
    if not arguments or not arguments[0].strip():
        print('say what changes: make migration m="add claim"', file=sys.stderr)
        return 2
    path = write(arguments[0])
    print(path.relative_to(ROOT) if path else "The schema has everything that the records declare.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
