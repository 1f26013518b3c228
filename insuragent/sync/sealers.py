"""The list of keys that seal documents, as far as this desk has taken it over from head office."""

from typing import cast

import sqlalchemy as sa

from insuragent.models import Sealer
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec
from insuragent.sync.protocol.sealers import SealerList

_NOTE = "sealers"


def known(work: UnitOfWork) -> int:
    """The number up to which the list was taken over; 0 before the first key."""
    return int(work.note(_NOTE, 0))


def take(work: UnitOfWork, told: SealerList) -> None:
    """Take over what changed; where head office begins anew, the list of before goes."""
    if told.since == 0:
        work.session.execute(sa.delete(cast(sa.Table, Sealer.__table__)))
    for one in told.sealers:
        since, until = codec.moment(one.since), codec.moment(one.until)
        if since is not None:
            held = Sealer(
                key=one.key, device=one.device, name=one.name, licence_no=one.licence_no, since=since, until=until
            )
            work.session.merge(held)
    work.set_note(_NOTE, told.number)
