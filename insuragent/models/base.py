"""What every record has: a local row number, an id that is the same everywhere, and a revision."""

import datetime as dt
import uuid
from typing import Any, ClassVar, cast

from sqlalchemy import JSON, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

from insuragent.i18n import N_
from insuragent.models.fields import Field, Id, Kind, Moment, fields_of, moment

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def utc_now() -> dt.datetime:
    """The device's clock, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


class Base(DeclarativeBase):
    """The declarative base of the desk's tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {uuid.UUID: Id, dt.datetime: Moment, dict[str, Any]: JSON}


class Record(Base):
    """A record that is declared once: subclasses declare fields, everything else reads the declarations.

    ``number`` is the row's place in this file and never leaves the desk; ``id`` is the record everywhere.
    ``revision`` is head office's count of accepted changes, 0 before the first. ``unknown`` keeps the fields
    of a newer head office that this program does not know, so that they go back unharmed.
    """

    __abstract__ = True

    #: The record type's name in words for people (a msgid), singular.
    label: ClassVar[str] = ""
    #: Head office owns it; desks may only read.
    office_owned: ClassVar[bool] = False
    #: Never changed after it is made: a correction is a new record that supersedes.
    append_only: ClassVar[bool] = False
    #: Sent to head office; what is False stays on this desk (its journal entries are still audited).
    synced: ClassVar[bool] = True

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True)
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[dt.datetime]
    unknown: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime] = moment(N_("建立时间"), optional=False, derived=True)
    archived_at: Mapped[dt.datetime | None] = moment(N_("归档时间"), derived=True)

    def __init__(self, **values: Any) -> None:
        now = utc_now()
        start: dict[str, Any] = {"id": uuid7(), "created_at": now, "changed_at": now, "revision": 0, "unknown": {}}
        if unknown := values.keys() - type(self).__table__.columns.keys():
            raise TypeError(f"{', '.join(sorted(unknown))}: no such field of {type(self).__name__}")
        # Not set one by one: what is new altogether has no changes to be watched.
        vars(self).update(start | defaults(type(self)) | values)

    @classmethod
    def kind(cls) -> str:
        """The record type's name in the journal, on the wire and in commands: its table's name."""
        return str(cls.__tablename__)

    def title(self) -> str:
        """What a list, the palette or a message calls this record."""
        return type(self).label

    def plain(self) -> dict[str, Any]:
        """The declared fields by name, as Python values."""
        return {name: getattr(self, name) for name in fields_of(type(self))}


def defaults(record_type: type[Record]) -> dict[str, Any]:
    """What the fields of a new record hold where nobody says otherwise."""
    return {
        name: field.default() if callable(field.default) else field.default
        for name, field in fields_of(record_type).items()
        if field.default is not None
    }


def shown_fields(record_type: type[Record]) -> dict[str, Field]:
    """The fields that a person fills in: declared, not derived, not a link to the parent."""
    return {n: f for n, f in fields_of(record_type).items() if not f.derived and f.kind is not Kind.LINK}


def table_of(record_type: type[Record]) -> Table:
    """The table that holds the records of a type."""
    return cast(Table, record_type.__table__)
