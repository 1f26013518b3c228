"""What was being typed: kept while it is typed, offered again after a crash."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.models import RECORDS, Draft
from insuragent.models.fields import Field, fields_of, from_wire, to_wire
from insuragent.store.work import UnitOfWork


@dataclass(frozen=True)
class Kept:
    """A draft that can be taken up again: its own name (the form's first), when it was kept, and its values."""

    form: str
    kind: str
    record_id: uuid.UUID | None
    at: dt.datetime
    values: dict[str, Any]


def keep(work: UnitOfWork, form: str, kind: str, record_id: uuid.UUID | None, values: Mapping[str, Any]) -> None:
    """Keep the unsaved values of a form; encrypted like everything, not journalled and never synced."""
    plain = {name: to_wire(value) for name, value in values.items()}
    work.session.merge(Draft(form=form, kind=kind, record_id=record_id, at=work.now, values=plain))


def newest(
    work: UnitOfWork, form: str, record_id: uuid.UUID | None, hangs_on: Mapping[str, Any] | None = None
) -> Kept | None:
    """The newest draft of a record in a form, or None; of a new record one that hangs on the same others."""
    for kept in all_kept(work):
        beside = record_id is not None or (hangs_on or {}).items() <= kept.values.items()
        if kept.form.startswith(f"{form}:") and kept.record_id == record_id and beside:
            return kept
    return None


def all_kept(work: UnitOfWork) -> list[Kept]:
    """Every draft there is, the newest first: what to offer after a crash."""
    return [_kept(draft) for draft in work.session.scalars(sa.select(Draft).order_by(Draft.at.desc()))]


def discard(work: UnitOfWork, form: str) -> None:
    """Let go of a draft by its name: it was saved or thrown away."""
    draft = work.session.get(Draft, form)
    if draft is not None:
        work.session.delete(draft)


def _kept(draft: Draft) -> Kept:
    fields = fields_of(RECORDS[draft.kind])
    values = {name: _as_typed(fields[name], value) for name, value in draft.values.items() if name in fields}
    return Kept(draft.form, draft.kind, draft.record_id, draft.at, values)


def _as_typed(field: Field, value: Any) -> Any:
    """A value of the field's type; what could not be read when it was typed, such as half a date, is still text."""
    try:
        return from_wire(field, value)
    except ValueError:
        return value
