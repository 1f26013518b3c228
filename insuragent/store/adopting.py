"""What an older program kept without understanding it comes into its place, once the program has learned it."""

import uuid

import sqlalchemy as sa

from insuragent.models import RECORDS, Record
from insuragent.models.fields import fields_of, from_wire
from insuragent.store.work import UnitOfWork


def adopt_all(work: UnitOfWork) -> None:
    """Give every field that is declared by now and lies among the unknown ones its column.

    Head office and the other desks have these values already, so that no change is entered.
    """
    with work.taking_over():
        for record_type in RECORDS.values():
            kept = sa.cast(record_type.unknown, sa.Text) != "{}"
            for record in work.scalars(sa.select(record_type).where(kept)):
                adopt(work, record)


def adopt(work: UnitOfWork, record: Record) -> None:
    """The same for one record, within ``taking_over``; what still does not fit stays where it is."""
    declared, left = fields_of(type(record)), dict(record.unknown)
    for name in record.unknown.keys() & declared.keys():
        field = declared[name]
        try:
            value = from_wire(field, left[name])
        except ValueError:
            continue
        if value is None and not field.optional:
            continue
        if field.link and value is not None and not _is_there(work, field.link, value):
            continue
        setattr(record, name, value)
        del left[name]
    if left != record.unknown:
        record.unknown = left


def _is_there(work: UnitOfWork, kind: str, record_id: uuid.UUID) -> bool:
    return kind in RECORDS and work.find(RECORDS[kind], record_id) is not None
