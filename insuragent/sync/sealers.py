"""The keys that seal documents, as far as this desk has taken them over from head office.

Head office tells those that the desk can meet. Any other that a document bears is noted when it is looked at, and asked
for by its name with the next pass: then it is a device's, or nobody's of the company.
"""

from collections.abc import Collection
from typing import cast

import sqlalchemy as sa

from insuragent.models import Sealer
from insuragent.store import bulk
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec
from insuragent.sync.protocol.sealers import MOST_NAMED, SealerList, SealersAsked

#: Notes of the desk: up to which act it was told, which keys it has to ask for, and which are nobody's.
_NOTE, _MET, _STRANGE = "sealers_near", "sealers_met", "sealers_strange"
_TABLE = cast(sa.Table, Sealer.__table__)
_COLUMNS = ("key", "device", "name", "licence_no", "since", "until")
#: So many strange keys are remembered; a forger may make as many as he likes.
_MOST_STRANGE = 1000


def known(work: UnitOfWork) -> int:
    """The number up to which the list was taken over; 0 before the first key."""
    return int(work.note(_NOTE, 0))


def asked(work: UnitOfWork, newest: int | None = None) -> SealersAsked | None:
    """What there is to ask for; None where head office's ``newest`` change is known and no strange key was met."""
    since, keys = known(work), list(work.note(_MET, []))
    if newest is not None and since > newest:
        since = 0  # it counts anew
    return None if since == newest and not keys else SealersAsked(since, near=True, keys=keys)


def meet(work: UnitOfWork, key: str) -> None:
    """A document bears a key that is not in the list: head office is asked whose it is."""
    met = list(work.note(_MET, []))
    if key not in met:
        work.set_note(_MET, [*met, key][-MOST_NAMED:])


def strange(work: UnitOfWork) -> frozenset[str]:
    """The keys of which head office said that they are nobody's."""
    return frozenset(work.note(_STRANGE, []))


def take(work: UnitOfWork, told: SealerList, named: Collection[str] = ()) -> None:
    """Take over what changed, and the answer about the keys that were ``named``; where head office begins anew, the
    list of before goes."""
    connection = work.session.connection()
    if told.since == 0:
        connection.execute(sa.delete(_TABLE))
    rows = [
        (one.key, one.device, one.name, one.licence_no, since, codec.moment(one.until))
        for one in told.sealers
        if (since := codec.moment(one.since)) is not None
    ]
    bulk.insert(connection, _TABLE, bulk.turned(_COLUMNS, rows), replace=True)
    work.set_note(_NOTE, told.number)
    there = {one.key for one in told.sealers}
    nobodys = [key for key in work.note(_STRANGE, []) if key not in there]
    nobodys += [key for key in named if key not in there and key not in nobodys]
    work.set_note(_STRANGE, nobodys[-_MOST_STRANGE:])
    work.set_note(_MET, [key for key in work.note(_MET, []) if key not in named])
