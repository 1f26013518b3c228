"""Links to records that this agent has no more: head office loosens them, but a feed read from its start tells of
them before it tells that."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from insuragent.models import RECORDS, Record
from insuragent.models.fields import fields_of
from insuragent.store.work import UnitOfWork


def loosen(work: UnitOfWork, arrived: Sequence[Record]) -> None:
    """Empty the links of records taken over that lead nowhere here."""
    pointing: dict[str, dict[uuid.UUID, list[tuple[Record, str]]]] = {}
    for record in arrived:
        for name, field in fields_of(type(record)).items():
            to = getattr(record, name) if field.link and field.optional else None
            if field.link and to is not None:
                pointing.setdefault(field.link, {}).setdefault(to, []).append((record, name))
    here = {record.id for record in arrived}
    for kind, links in pointing.items():
        known = sa.select(RECORDS[kind].id).where(RECORDS[kind].id.in_(links.keys() - here))
        for to in links.keys() - here - set(work.session.scalars(known)):
            for record, name in links[to]:
                setattr(record, name, None)
