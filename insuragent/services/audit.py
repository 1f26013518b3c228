"""The journal as evidence: its chain verified, exported so that anybody can verify it again."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from insuragent.errors import BadFile
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models import Deed, Entry
from insuragent.models.fields import to_wire
from insuragent.models.journal import GENESIS, State, digest_of, link_chain
from insuragent.rules import access
from insuragent.rules.access import Action, Role
from insuragent.settings import write_whole
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec

_PAGE = 2000


class _Heading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="insuragent_audit", tag=1):
    """The first line of an exported journal: how many follow, and the chain hash that the first of them follows.

    ``wiped`` are the ids of the records whose text the journal says was taken out of it.
    """

    entries: int
    follows: str
    wiped: list[str]


@dataclass(frozen=True)
class Alarm:
    """What was found when the desk was opened, entered as ``number``: the file was older than its anchor, say."""

    number: int
    at: dt.datetime
    told: str


@dataclass(frozen=True)
class Finding:
    """The outcome of a verification: how many entries were read, and where the first fault is (0: none).

    ``alarms`` stay in the journal for good: the chain after them holds, what was before them may have been lost.
    """

    entries: int
    fault_at: int = 0
    reason: str = ""
    head: str = ""
    alarms: tuple[Alarm, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing was altered, left out or put in."""
        return self.fault_at == 0 and not self.alarms


def verify(work: UnitOfWork) -> Finding:
    """Recompute every digest and the chain of this desk's journal (requirement R1.4a)."""
    chain, count, wiped = GENESIS, 0, _wiped(work)
    alarms: list[Alarm] = []
    for entry in _entries(work):
        count += 1
        fault = _fault(entry, count, chain, wiped)
        if fault:
            return Finding(count, entry.number, fault, alarms=tuple(alarms))
        chain = entry.chain
        alarms += _alarms(entry)
    if (count, chain) != (work.head.number, work.head.chain if count else GENESIS):
        return Finding(count, count + 1, _("日志末尾缺少记录"), alarms=tuple(alarms))
    return Finding(count, head=chain.hex(), alarms=tuple(alarms))


def export(work: UnitOfWork, target: Path, first: dt.date | None = None, last: dt.date | None = None) -> Finding:
    """Write the journal as JSON lines, one an entry with digest and chain, from ``first`` to ``last`` (Shanghai days).

    The line before the first names the chain hash that the first one follows. The export itself is journalled.
    Raises NotPermitted, DiskFull or StoreReadOnly.
    """
    access.check(Role(work.actor.role), Action.EXPORT, "journal", access.Facts())
    lines: list[bytes] = []
    before, start, count = GENESIS, GENESIS, 0
    for entry in _entries(work):
        day = entry.at.astimezone(SHANGHAI).date()
        if (first is None or day >= first) and (last is None or day <= last):
            start = before if not lines else start
            lines.append(msgspec.json.encode(_line(entry)))
            count += 1
        before = entry.chain
    heading = msgspec.json.encode(_Heading(count, start.hex(), sorted(_wiped(work))))
    write_whole(target, b"\n".join([heading, *lines]) + b"\n")
    work.tell(Deed.EXPORT, None, what="audit", entries=count)
    return Finding(count, head=before.hex())


def verify_file(source: Path) -> Finding:
    """Verify an exported journal by itself: every digest, every link, the number of lines. Raises BadFile."""
    try:
        heading, *lines = source.read_bytes().splitlines()
        begin = msgspec.json.decode(heading, type=_Heading)
        decoded = [msgspec.json.decode(line) for line in lines if line]
        return _verify_lines(decoded, begin)
    except (OSError, msgspec.DecodeError, KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise BadFile(N_("文件 {name} 不是审计导出文件"), name=source.name) from error


def _verify_lines(lines: Iterable[dict[str, Any]], heading: _Heading) -> Finding:
    count, told = 0, heading.entries
    chain, wiped = bytes.fromhex(heading.follows), set(heading.wiped)
    alarms: list[Alarm] = []
    for count, line in enumerate(lines, 1):
        entry = _entry_of(line)
        fault = _fault(entry, entry.number, chain, wiped)
        if fault:
            return Finding(count, entry.number, fault, alarms=tuple(alarms))
        chain = entry.chain
        alarms += _alarms(entry)
    if count != told:
        return Finding(count, count + 1, _("应有 {told} 条，实有 {count} 条").format(told=told, count=count))
    return Finding(count, head=chain.hex(), alarms=tuple(alarms))


def _alarms(entry: Entry) -> Iterator[Alarm]:
    if entry.deed == Deed.ALARM:
        yield Alarm(entry.number, entry.at, _(entry.reason).format(**codec.now_of(entry.changes)))


def _wiped(work: UnitOfWork) -> set[str]:
    """The records whose text was taken out of this journal, by the entries that tell so."""
    told = work.session.scalars(sa.select(Entry.changes).where(Entry.deed == Deed.WIPE))
    return {one for changes in told for one in (changes or {}).get("records", [None, []])[1]}


def _fault(entry: Entry, number: int, before: bytes, wiped: Collection[str]) -> str:
    digest, chain = entry.digest, entry.chain
    if entry.number != number:
        return _("缺少第 {number} 条").format(number=number)
    if entry.erased and str(entry.record_id) not in wiped:
        return _("第 {number} 条的内容被删除，却没有清除记录").format(number=number)
    if not entry.erased and digest_of(entry.sealed()) != digest:
        return _("第 {number} 条的内容被改动").format(number=number)
    return "" if link_chain(before, digest) == chain else _("第 {number} 条与前一条不相连").format(number=number)


def _entries(work: UnitOfWork) -> Iterator[Entry]:
    """Every entry in order, a page at a time, as a verification reads years of them."""
    number = 0
    while True:
        page = work.session.scalars(sa.select(Entry).where(Entry.number > number).order_by(Entry.number).limit(_PAGE))
        entries = page.all()
        yield from entries
        if len(entries) < _PAGE:
            return
        number = entries[-1].number
        for entry in entries:
            work.session.expunge(entry)


def _line(entry: Entry) -> dict[str, Any]:
    told = {name: to_wire(getattr(entry, name)) for name in Entry.SEALED}
    return told | {
        "digest": entry.digest.hex(),
        "chain": entry.chain.hex(),
        "state": entry.state,
        "erased": entry.erased,
    }


def _entry_of(line: dict[str, Any]) -> Entry:
    if line.keys() != {*Entry.SEALED, "digest", "chain", "state", "erased"} or line["state"] not in set(State):
        raise ValueError("not a line of ours")
    values = {name: line[name] for name in Entry.SEALED}
    values["at"] = dt.datetime.fromisoformat(values["at"])
    for name in ("id", "record_id", "actor_id"):
        values[name] = uuid.UUID(values[name]) if values[name] else None
    found = Entry(**values, digest=bytes.fromhex(line["digest"]), chain=bytes.fromhex(line["chain"]))
    if not isinstance(line["erased"], bool):
        raise TypeError("not a line of ours")
    found.erased = line["erased"]
    return found
