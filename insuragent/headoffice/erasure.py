"""Erasure: the text of a record, and of all that hangs on it, leaves head office's files; the chains still verify."""

from insuragent.headoffice import audit, directory, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.blocks import Texts
from insuragent.headoffice.database import Rows
from insuragent.headoffice.departures import TEXTLESS, mark_moved
from insuragent.models import RECORDS, Deed
from insuragent.sync import hanging
from insuragent.sync.protocol import SealedEntry, decode


def erase(rows: Rows, root: str, by: str) -> set[str]:
    """Erase a record that an agent holds, what hangs on it, and every word of them in the journals, also those of
    the agents who had it before (PIPL art. 47); returns the ids of what is gone.

    Head office's journal keeps that it was done, and for which device (``by``); it is the last to be locked.
    """
    r = tables.record.c
    held = rows.all(rows.select(tables.record))
    ids = hanging.tree([root], {row.id: hanging.parents(row.kind, row.body) for row in held})
    gone = {row.id: row.kind for row in held if row.id in ids}
    former = {agent for row in held if row.id in ids for agent in row.former or ()}
    files = {one for row in held if row.id in ids for one in hanging.contents(row.kind, row.body)}
    rows.delete(tables.record, rows.one_of(r.id, ids))
    mark_moved(rows, gone, root, "")
    for agent in sorted({rows.agent, *former}):
        theirs = rows.of(agent)
        theirs.update(tables.moved, {"to_agent": ""}, theirs.one_of(tables.moved.c.id, ids))
        theirs.delete(tables.late, theirs.one_of(tables.late.c.record_id, ids))
        _let_go_of_files(theirs, files)
        local = _local(theirs, ids)
        mark_moved(theirs, local, root, "")
        _erase_texts(theirs, ids | local.keys())
    act = audit.tell(rows, Act.ERASE, root, by=by, records=len(ids))
    directory.depart(rows, root, rows.agent, Act.ERASE, act.number)
    return ids


def _let_go_of_files(rows: Rows, files: set[str]) -> None:
    """Nobody can send or fetch the bytes any more, unless another record of this agent names them."""
    if files:
        held = rows.all(rows.select(tables.record))
        needed = {one for row in held for one in hanging.contents(row.kind, row.body)}
        mine = rows.one_of(tables.file.c.sha256, files - needed)
        gone = {row.place for row in rows.all(rows.select(tables.file, mine))}
        rows.delete(tables.file, mine)
        # The store is no part of the transaction: what it shall let go of is kept until it has (files.sweep).
        rows.insert_missing(tables.unneeded, [{"place": place} for place in sorted(gone)])


def _erase_texts(rows: Rows, ids: set[str]) -> None:
    e = tables.entry.c
    about = rows.one_of(e.record_id, ids)
    told = rows.all(rows.select(tables.entry, about, e.deed.not_in(TEXTLESS), e.digest.is_(None)))
    Texts(rows, told).erase(told)


def _local(rows: Rows, ids: set[str]) -> dict[str, str]:
    """The kinds by id of the records that desks keep for themselves, such as a conflict, and that hang on these."""
    e = tables.entry.c
    kinds = [kind for kind, record_type in RECORDS.items() if not record_type.synced]
    made = rows.all(rows.select(tables.entry, e.kind.in_(kinds), e.deed == Deed.CREATE, e.digest.is_(None)))
    texts = Texts(rows, made)
    told = (decode(texts.of(row), SealedEntry) for row in made)
    return {
        str(entry.record_id): entry.kind
        for entry in told
        if ids.intersection(hanging.parents(entry.kind, hanging.now_of(entry.changes)))
    }
