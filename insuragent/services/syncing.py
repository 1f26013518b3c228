"""How this desk stands with head office: what waits, what was refused, and where a person must choose."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.errors import RecordGone
from insuragent.i18n import N_, _
from insuragent.models import RECORDS, Conflict, Customer, Deed, Entry, Product, Record, Staff, State
from insuragent.models.conflict import ConflictState
from insuragent.models.fields import Field, Kind, fields_of, from_wire, to_wire
from insuragent.rules.access import Action
from insuragent.rules.merging import join
from insuragent.services import customers, records
from insuragent.store.work import UnitOfWork
from insuragent.sync import attachments, codec, conflicts, outbox, place

#: Notes of the desk: when head office was reached last, and its last signed receipt.
SYNC_NOTE, RECEIPT_NOTE = "last_sync", "last_receipt"
#: Note of the desk: how far its clock was ahead of head office's at the last pass, in seconds; 0 for what is tolerated.
SKEW_NOTE = "clock_skew"
#: The newest act of head office's own journal that a receipt told: its end cannot vanish unseen.
_HEAD_NOTE = "office_head"
_OFFICE_FAULT = N_(
    "总公司的日志比本机此前收到的短或不同：可能恢复过旧备份，也可能被改动。您的资料不受影响，请告知公司合规人员。"
)


@dataclass(frozen=True)
class Waiting:
    """How many changes of one record type wait for head office."""

    kind: str
    label: str
    count: int


@dataclass(frozen=True)
class Refused:
    """An entry that head office keeps in quarantine: which record, what was entered, and head office's reason."""

    number: int
    kind: str
    record_id: uuid.UUID | None
    title: str
    reason: str
    at: dt.datetime
    #: Each field in words, masked; nothing for a creation: the record itself shows it.
    told: tuple[str, ...] = ()
    #: Whether the record is here, so that it may be sent again, or be opened and corrected.
    is_here: bool = False
    #: Whose file it hangs in; None for none.
    customer_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Files:
    """The contents of attachments that wait to be sent, their bytes, and those that head office does not take."""

    waiting: int = 0
    size: int = 0
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """The facts of the sync page. ``address`` is empty before the enrolment, ``receipt`` before the first sync."""

    waiting: tuple[Waiting, ...]
    refused: tuple[Refused, ...]
    conflicts: int
    last_sync: dt.datetime | None
    receipt: Mapping[str, Any]
    address: str = ""
    files: Files = Files()
    #: What is wrong with head office itself, as a msgid; empty when nothing is.
    office_fault: str = ""
    #: How far this desk's clock was ahead of head office's, in seconds; 0 for what is tolerated.
    skew: int = 0

    @property
    def pending(self) -> int:
        """All changes that wait."""
        return sum(waiting.count for waiting in self.waiting)


@dataclass(frozen=True)
class Side:
    """One hand's value in words, when it was written, by whom and on which device."""

    words: str
    at: dt.datetime | None
    by: str = ""
    device: str = ""


@dataclass(frozen=True)
class Contested:
    """One field that two hands changed; the record itself shows *theirs* until somebody chooses.

    ``own`` is this desk's value and ``joined`` both sides' texts as one, both typed, for whoever writes another;
    ``joined`` is None where the two cannot be joined. ``customer_id`` is whose file it belongs to.
    """

    id: uuid.UUID
    kind: str
    record_id: uuid.UUID
    title: str
    label: str
    base: str
    mine: Side
    theirs: Side
    field_name: str
    own: Any = None
    joined: Any = None
    customer_id: uuid.UUID | None = None


def status(work: UnitOfWork) -> Status:
    """What waits, by record type in the order of RECORDS, what was refused, and the last receipt."""
    found = _waiting(work)
    last, seat = work.note(SYNC_NOTE), place.seat(work)
    return Status(
        waiting=tuple(Waiting(kind, _(RECORDS[kind].label), found[kind]) for kind in found),
        refused=tuple(_refused(work, entry) for entry in _refused_entries(work)),
        conflicts=len(conflicts.open_conflicts(work)),
        last_sync=dt.datetime.fromisoformat(last) if last else None,
        receipt=work.note(RECEIPT_NOTE) or {},
        address=seat.address if seat else "",
        files=_files(work),
        office_fault=_OFFICE_FAULT if _is_cut(work) else "",
        skew=work.note(SKEW_NOTE, 0),
    )


def keep_office_head(work: UnitOfWork, number: int, chain: str) -> None:
    """Keep the newest act of head office's own journal that a receipt told; an older one takes nothing's place."""
    kept = work.note(_HEAD_NOTE)
    if kept is None or number > kept["number"]:
        work.set_note(_HEAD_NOTE, {"number": number, "chain": chain})


def _is_cut(work: UnitOfWork) -> bool:
    """Whether head office's journal ends before an act that this desk was told of, or tells another in its place."""
    kept, told = work.note(_HEAD_NOTE), work.note(RECEIPT_NOTE)
    if not kept or not told:
        return False
    number, chain = told.get("office_number", 0), told.get("office_chain", "")
    return bool(number < kept["number"] or (number == kept["number"] and chain != kept["chain"]))


def is_enrolled(work: UnitOfWork) -> bool:
    """Whether head office knows this device."""
    return place.seat(work) is not None


def contested(work: UnitOfWork) -> list[Contested]:
    """Every open conflict, the oldest first; a record that is gone meanwhile has none."""
    found = []
    for conflict in conflicts.open_conflicts(work):
        kind, record_id = conflict.subject
        record = work.find(RECORDS[kind], record_id) if kind in RECORDS else None
        if record is not None and conflict.field_name in fields_of(type(record)):
            found.append(_contested(work, conflict, record))
    return found


def contested_of(work: UnitOfWork, customer_id: uuid.UUID) -> list[Contested]:
    """The open conflicts of a customer and of what hangs on him."""
    return [one for one in contested(work) if one.customer_id == customer_id]


def choose(work: UnitOfWork, conflict_id: uuid.UUID, side: str) -> Record:
    """Settle a conflict with the value of one ``side``: "base", "mine" or "theirs"; the others stay in the history.

    An ordinary change on the current revision. Raises NotPermitted, RecordGone.
    """
    conflict = work.get(Conflict, conflict_id)
    kind, record_id = conflict.subject
    records.allow(work, Action.RESOLVE, RECORDS[kind], work.find(RECORDS[kind], record_id))
    chosen = {"base": conflict.base, "mine": conflict.mine, "theirs": conflict.theirs}[side]
    return conflicts.resolve(work, conflict_id, chosen.get("value"))


def write(work: UnitOfWork, conflict_id: uuid.UUID, value: Any) -> Record:
    """Settle a conflict with another ``value``, typed in the field's own type: an ordinary change.

    Raises as a change of the record does.
    """
    conflict = work.get(Conflict, conflict_id)
    (kind, record_id), name = conflict.subject, conflict.field_name
    if kind == Customer.kind():
        record: Record = customers.change(work, record_id, {name: value})
    else:
        record = records.change(work, RECORDS[kind], record_id, {name: value})
    if conflict.state == ConflictState.OPEN:  # it was theirs that was typed: nothing changes, and all is said
        return conflicts.resolve(work, conflict_id, to_wire(getattr(record, name)))
    return record


def held(work: UnitOfWork) -> dict[str, int]:
    """How many records of each type this desk and head office hold, archived ones too, as a receipt counts them.

    What head office has not taken yet is left out, and so are types without any, and the products, everybody's.
    """
    found = {
        kind: work.session.scalar(sa.select(sa.func.count()).where(record_type.revision > 0)) or 0
        for kind, record_type in RECORDS.items()
        if record_type.synced and record_type is not Product
    }
    return {kind: count for kind, count in found.items() if count}


def resubmit(work: UnitOfWork, number: int) -> None:
    """Send once more what head office did not accept: a record as it is now, or a change of one that it has.

    Raises NotPermitted, RecordGone.
    """
    entry = _refused_entry(work, number)
    assert entry.record_id is not None, "an entry without a record is never refused"
    record = work.get(RECORDS[entry.kind], entry.record_id)
    records.allow(work, Action.CHANGE, type(record), record)
    if entry.deed == Deed.CREATE or record.revision == 0:
        outbox.file_again(work, record, [entry])
        return
    for name, value in codec.values_of(type(record), codec.now_of(entry.changes)).known.items():
        setattr(record, name, value)
    entry.state = State.STALE  # its outcome is the change that follows


def let_go(work: UnitOfWork, number: int) -> None:
    """Ask no more about what head office did not accept: it stays in its quarantine and in the journal.

    Raises RecordGone when nothing of that number was refused.
    """
    _refused_entry(work, number).state = State.STALE


def _refused_entry(work: UnitOfWork, number: int) -> Entry:
    entry = work.session.get(Entry, number)
    if entry is None or entry.state != State.REFUSED or entry.kind not in RECORDS:
        raise RecordGone
    return entry


def pending(work: UnitOfWork) -> int:
    """How many changes of records wait for head office."""
    return sum(_waiting(work).values())


def _files(work: UnitOfWork) -> Files:
    offers = attachments.unsent(work)
    return Files(len(offers), sum(one.size for one in offers), tuple(attachments.refused(work).values()))


def _waiting(work: UnitOfWork) -> dict[str, int]:
    """The changes that wait, by kind in the order of RECORDS; deeds of the audit travel too, unnoticed."""
    # A literal: SQLite takes the index of what is pending only when it sees the word.
    waits = Entry.state == sa.literal_column(f"'{State.PENDING.value}'")
    deeds = [deed for deed in Deed if deed.changes_record]
    counted = sa.select(Entry.kind, sa.func.count().label("count")).where(waits, Entry.deed.in_(deeds))
    found = {row.kind: int(row.count) for row in work.rows(counted.group_by(Entry.kind))}
    return {kind: found[kind] for kind, record_type in RECORDS.items() if record_type.synced and kind in found}


def _refused_entries(work: UnitOfWork) -> list[Entry]:
    refused = (Entry.state == State.REFUSED, Entry.erased.is_(False))
    return list(work.session.scalars(sa.select(Entry).where(*refused).order_by(Entry.number)))


def _refused(work: UnitOfWork, entry: Entry) -> Refused:
    record_type = RECORDS.get(entry.kind)
    record = work.find(record_type, entry.record_id) if record_type and entry.record_id else None
    told: list[str] = []
    if record_type and entry.deed != Deed.CREATE:
        fields, values = fields_of(record_type), codec.values_of(record_type, codec.now_of(entry.changes)).known
        told = [
            f"{_(fields[name].label)} {records.shown(fields[name], value) or '—'}" for name, value in values.items()
        ]
    title = record.title() if record else ""
    return Refused(
        entry.number,
        entry.kind,
        entry.record_id,
        title,
        entry.answer,
        entry.at,
        tuple(told),
        is_here=record is not None,
        customer_id=getattr(record, "customer_id", None),
    )


def _contested(work: UnitOfWork, conflict: Conflict, record: Record) -> Contested:
    field = fields_of(type(record))[conflict.field_name]
    base, own, other = (side.get("value") for side in (conflict.base, conflict.mine, conflict.theirs))
    actor = work.actor
    person = work.find(Staff, actor.staff_id) if actor.staff_id and not conflict.mine_by else None
    by = conflict.mine_by or (person.name if person else "")
    device = conflict.mine_device or actor.device_id
    joined = join(base, own, other) if field.kind in (Kind.LONG_TEXT, Kind.ITEMS) else None
    return Contested(
        id=conflict.id,
        kind=conflict.record_kind,
        record_id=record.id,
        title=record.title(),
        label=_(field.label),
        base=_words(field, conflict.base),
        mine=Side(_words(field, conflict.mine), conflict.mine_at, by, device),
        theirs=Side(
            _words(field, conflict.theirs), conflict.theirs_at, conflict.theirs_by or "", conflict.theirs_device or ""
        ),
        field_name=conflict.field_name,
        own=from_wire(field, own),
        joined=from_wire(field, joined) if joined is not None else None,
        customer_id=record.id if isinstance(record, Customer) else getattr(record, "customer_id", None),
    )


def _words(field: Field, held: Mapping[str, Any]) -> str:
    """A side's value in full: whoever must choose has to see it."""
    return records.in_words(field, from_wire(field, held.get("value")))
