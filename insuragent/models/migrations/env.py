"""Run migrations on the connection that the store hands over."""

from typing import Any

from alembic import context

from insuragent.models import Base


def include(obj: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Keep the full-text tables and their shadows out of autogenerate."""
    return not (kind == "table" and name is not None and "_search" in name)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=include,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
