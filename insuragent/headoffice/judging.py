"""Compare and number: what becomes of each entry of a push, decided without the database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from insuragent.i18n import N_
from insuragent.models import RECORDS, Deed
from insuragent.sync import codec
from insuragent.sync.codec import Told
from insuragent.sync.protocol import ACCEPTED, MOVED, REFUSED, STALE, TOLD, SealedEntry

#: Deeds whose changes are fields of a record: they are numbered, and other desks are told.
FIELD_DEEDS = frozenset(deed.value for deed in Deed if deed.changes_record)
#: Why an entry goes into quarantine: stable codes, and words for people on both sides.
REASONS = {
    "bad_value": N_("内容与字段要求不符"),
    "bad_actor": N_("填写人不是本设备登记的人员"),
    "office_owned": N_("产品和人员资料由总公司维护，本机只能查看"),
    "append_only": N_("这份记录提交后不能修改，更正请另建一份"),
    "same_id": N_("总公司已有同一编号而内容不同的记录"),
    "unknown_record": N_("总公司没有这条记录"),
    "unknown_link": N_("所关联的记录没有被总公司接受"),
}


@dataclass
class Held:
    """A record as head office holds it."""

    kind: str
    revision: int
    body: dict[str, Any]


class Verdict(msgspec.Struct, frozen=True):
    """The answer to one entry; ``numbered`` says whether the feed tells it to other desks."""

    result: str
    revision: int = 0
    code: str = ""
    numbered: bool = False


#: Of a new record: nearly every answer.
_MADE = Verdict(ACCEPTED, 1, numbered=True)


@dataclass
class Judge:
    """Judges the entries of one push in their order; ``held`` holds the records that they touch and is kept current.

    A record's revision rises once a push, however many entries of the push change it: a revision is what others
    have seen of it. Once an entry of a record is stale, the later ones of the push rest on it and are stale too.
    """

    held: dict[str, Held]
    #: The kinds of records beyond those that are there to be linked to, by id.
    there: Mapping[str, str] = field(default_factory=dict)
    #: Whether office-owned kinds may be written: by head office itself only.
    office: bool = False
    #: Whose device it is: nobody else writes on it, and before the enrolment nobody is named.
    agent: str = ""
    #: Records that the agent had: they were handed over or erased.
    departed: Collection[str] = ()
    changed: set[str] = field(default_factory=set)
    #: Those of the changed that were not there before.
    made: set[str] = field(default_factory=set)
    stale: set[str] = field(default_factory=set)

    def judge(self, entry: SealedEntry, base: int | None, told: Told | None = None) -> Verdict:
        """What becomes of ``entry``, made on the revision ``base``; an accepted one is applied to ``held``.

        ``told`` is what its changes tell, where it was read before.
        """
        if codec.moment(entry.at) is None:
            return Verdict(REFUSED, code="bad_value")
        key = str(entry.record_id)
        if not self.office and entry.actor_id is not None and str(entry.actor_id) != self.agent:
            return Verdict(REFUSED, self._revision(key), "bad_actor")
        if not changes_record(entry):
            return self._erase(key) if entry.deed == Deed.ERASE else Verdict(TOLD)
        if base is None or key in self.stale:
            return Verdict(STALE, self._revision(key))
        told = told or codec.read(entry.kind, entry.changes)
        if key in self.departed:
            return Verdict(REFUSED, code="bad_value") if told.fault else Verdict(MOVED)
        refusal = self._refusal(key, entry, told)
        if refusal:
            return Verdict(REFUSED, self._revision(key), refusal)
        return self._compare(key, entry, told, base)

    def _erase(self, key: str) -> Verdict:
        if key in self.held:
            return Verdict(ACCEPTED, self._revision(key), numbered=True)
        return Verdict(MOVED if key in self.departed else TOLD)

    def _revision(self, key: str) -> int:
        return self.held[key].revision if key in self.held else 0

    def _kind(self, key: str) -> str:
        return self.held[key].kind if key in self.held else self.there.get(key, "")

    def _refusal(self, key: str, entry: SealedEntry, told: Told) -> str:
        record_type, held = RECORDS.get(entry.kind), self.held.get(key)
        if told.fault:
            return "bad_value"
        if told.links and any(self._kind(link) != kind for kind, link in told.links):
            return "unknown_link"  # what follows the feed must never meet a link that leads nowhere
        if record_type is not None and record_type.office_owned and not self.office:
            return "office_owned"
        if held is None:
            if entry.deed != Deed.CREATE:
                return "unknown_record"
            return "" if told.whole else "bad_value"
        if held.kind != entry.kind:
            return "same_id"
        if not _append_only(entry.kind):
            return ""
        if entry.deed != Deed.CREATE:
            return "append_only"
        return "" if held.body == told.now else "same_id"

    def _compare(self, key: str, entry: SealedEntry, told: Told, base: int) -> Verdict:
        held = self.held.get(key)
        if held is None:
            self.held[key] = Held(entry.kind, 1, told.now)
            self.changed.add(key)
            self.made.add(key)
            return _MADE
        if _append_only(entry.kind):
            return Verdict(ACCEPTED, held.revision)  # the same content came before, by another way
        if key not in self.changed and base != held.revision:
            self.stale.add(key)
            return Verdict(STALE, held.revision)
        if key not in self.changed:
            held.revision += 1
            self.changed.add(key)
        held.body = held.body | told.now
        return Verdict(ACCEPTED, held.revision, numbered=True)


def changes_record(entry: SealedEntry) -> bool:
    """Whether an entry changes a record that is synced; a kind that we do not know comes from a newer desk and is."""
    synced = entry.kind not in RECORDS or RECORDS[entry.kind].synced
    return entry.deed in FIELD_DEEDS and entry.record_id is not None and synced


def _append_only(kind: str) -> bool:
    return kind in RECORDS and RECORDS[kind].append_only
