"""What was being typed: kept while it is typed, offered again after a crash."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.models import RECORDS, Draft
from insuragent.models.fields import fields_of, from_wire, to_wire
from insuragent.store.work import UnitOfWork


@dataclass(frozen=True)
class Kept:
    """A draft that can be taken up again: the form's name, when it was kept, and its values."""

    form: str
    kind: str
    record_id: uuid.UUID | None
    at: dt.datetime
    values: dict[str, Any]


def keep(work: UnitOfWork, form: str, kind: str, record_id: uuid.UUID | None, values: Mapping[str, Any]) -> None:
    """Keep the unsaved values of a form; encrypted like everything, not journalled and never synced."""
    plain = {name: to_wire(value) for name, value in values.items()}
    work.session.merge(Draft(form=form, kind=kind, record_id=record_id, at=work.now, values=plain))


def load(work: UnitOfWork, form: str) -> Kept | None:
    """The draft of a form, or None."""
    draft = work.session.get(Draft, form)
    return _kept(draft) if draft else None


def all_kept(work: UnitOfWork) -> list[Kept]:
    """Every draft there is, the newest first: what to offer after a crash."""
    return [_kept(draft) for draft in work.session.scalars(sa.select(Draft).order_by(Draft.at.desc()))]


def discard(work: UnitOfWork, form: str) -> None:
    """Let go of a form's draft: it was saved or thrown away."""
    draft = work.session.get(Draft, form)
    if draft is not None:
        work.session.delete(draft)


def _kept(draft: Draft) -> Kept:
    fields = fields_of(RECORDS[draft.kind])
    values = {name: from_wire(fields[name], value) for name, value in draft.values.items() if name in fields}
    return Kept(draft.form, draft.kind, draft.record_id, draft.at, values)
