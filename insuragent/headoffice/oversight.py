"""What head office sets for all desks and learns of each: the offline lease, and that a withdrawn device was wiped."""

from typing import Any

import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.headoffice import audit, directory, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.identity import LEAVING, WIPED
from insuragent.headoffice.routes import Device, Route
from insuragent.headoffice.statements import prepared
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.sync.protocol.devices import Noted, Wiped

#: For how many days a desk opens without having reached head office; 0: for ever.
LEASE_DAYS = "lease-days"
#: Every setting, with its default and its highest value.
SETTINGS = {LEASE_DAYS: (0, 365)}

_NO_SETTING = N_("没有这个设置，或数值超出范围：{name}")
_NOT_ORDERED = N_("总公司没有要求本设备清除资料")


def asked(name: str) -> sa.ScalarSelect[Any]:
    """The question for a setting beside others, in a transaction that may reach for the rows of ``CATALOGUE``; it finds
    nothing where the default holds."""
    s = tables.setting.c
    return prepared(sa.select(s.value).where(s.name == name), tables.setting, agent=tables.CATALOGUE).scalar_subquery()


def get(rows: Rows, name: str) -> int:
    """What is set."""
    row = rows.of(tables.CATALOGUE).get(tables.setting, name=name)
    return value_of(name, row and row.value)


def value_of(name: str, found: int | None) -> int:
    """A setting of which this was found."""
    return SETTINGS[name][0] if found is None else int(found)


def put(database: Database, name: str, value: int) -> None:
    """Set something for all desks; each learns it with its next receipt. Raises Refused "bad_setting"."""
    if name not in SETTINGS or not 0 <= value <= SETTINGS[name][1]:
        raise Refused("bad_setting", _NO_SETTING, name=name)
    with database.begin(tables.CATALOGUE) as rows:
        rows.upsert_many(tables.setting, [{"name": name, "value": value}])
        audit.tell(rows, Act.SET, name, value=value)


def holders(database: Database, number: str) -> list[dict[str, str]]:
    """The records that hold the number of a document or a telephone, by agent, kind and id; the look is audited."""
    r, blind = tables.record.c, database.seal.blind(number)
    wanted = sa.select(r.agent, r.kind, r.id).where(sa.or_(r.blind_number == blind, r.blind_phone == blind))
    found = database.everywhere(wanted.where(r.tenant == tables.TENANT))
    with database.begin(tables.OFFICE) as rows:
        audit.tell(rows, Act.LOOK_UP, blind, found=len(found))
    return [dict(row._mapping) for row in found]


class Oversight:
    """What devices tell about themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def routes(self) -> list[Route[Any]]:
        """What a device may tell, also when it was withdrawn."""
        return [Route("wiped", Wiped, self.wiped, withdrawn=True)]

    def wiped(self, device: Device, told: Wiped) -> Noted:
        """A device confirms that its keys are destroyed. Raises Refused "not_ordered" for one that shall stay."""
        now, d = utc_now(), tables.device.c
        with self._database.begin(device.agent) as rows:
            device.admit(rows)
            row = rows.find(tables.device, d.device == device.device, lock=True)
            assert row is not None, "the device was recognised by its row"
            if row.ordered_at is None:
                raise Refused("not_ordered", _NOT_ORDERED)
            if row.wiped_at is None:
                rows.update(tables.device, {"state": WIPED, "wiped_at": now}, d.device == device.device)
                audit.tell(rows, Act.WIPED, device.device, by=device.key_id, entries=row.last)
                directory.stands(rows, device.device, WIPED)
        return Noted(now.isoformat())


def is_leaving(row: sa.Row[Any]) -> bool:
    """Whether a device is to be wiped once everything of it is here."""
    return bool(row.state == LEAVING)
