"""The list of keys that seal documents, as far as this desk has taken it over from head office."""

from typing import cast

import sqlalchemy as sa

from insuragent.models import Sealer
from insuragent.store import bulk
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec
from insuragent.sync.protocol.sealers import SealerList

_NOTE = "sealers"
_TABLE = cast(sa.Table, Sealer.__table__)
_COLUMNS = ("key", "device", "name", "licence_no", "since", "until")


def known(work: UnitOfWork) -> int:
    """The number up to which the list was taken over; 0 before the first key."""
    return int(work.note(_NOTE, 0))


def take(work: UnitOfWork, told: SealerList) -> None:
    """Take over what changed; where head office begins anew, the list of before goes."""
    connection = work.session.connection()
    if told.since == 0:
        connection.execute(sa.delete(_TABLE))
    rows = (
        (one.key, one.device, one.name, one.licence_no, codec.moment(one.since), codec.moment(one.until))
        for one in told.sealers
    )
    bulk.insert(connection, _TABLE, _COLUMNS, (row for row in rows if row[4] is not None), replace=True)
    work.set_note(_NOTE, told.number)
