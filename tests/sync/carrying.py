"""Day packages carried on a stick between a desk and head office, and what each side holds before and after."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.files import files_at
from insuragent.headoffice.parcels import Parcels
from insuragent.headoffice.signing import load_key
from insuragent.models import Attachment, Customer
from insuragent.models.attachment import AttachmentUse
from insuragent.services import customers
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from tests.offices import HeadOffice


def parcels_of(office: HeadOffice) -> Parcels:
    """What takes packages in at head office."""
    key = load_key(office.database)
    return Parcels(office.database, key, files_at((office.folder / "files").as_uri(), office.database, key))


def add(desk: Desk, name: str, **values: Any) -> Customer:
    """A customer entered on a desk."""
    with desk.begin() as work:
        return customers.create(work, {"name": name} | values)


def attach(desk: Desk, customer: Customer, data: bytes) -> str:
    """A photo of a customer's."""
    with desk.begin() as work:
        digest = work.blobs.put(data)
        told = {"file_name": "a.png", "media_type": "image/png", "size": len(data), "sha256": digest}
        work.add(Attachment(use=AttachmentUse.PHOTO, subject_kind="customer", subject_id=str(customer.id), **told))
    return digest


def carry(desk: Desk, parcels: Parcels, folder: Path) -> offices.Outcome | None:
    """A whole round: the package goes to head office, and the answer comes back."""
    day, answer = folder / "day.parcel", folder / "answer.parcel"
    offices.export_parcel(desk, day)
    answer.write_bytes(parcels.take(day.read_bytes())[0])
    return offices.import_parcel(desk, answer)


def rows(database: Database, agent: UUID) -> dict[str, list[Any]]:
    """Everything that head office holds of an agent, but for when it saw the device and gave a receipt."""
    found = {}
    with database.read(str(agent)) as reading:
        for table in (tables.record, tables.entry, tables.feed, tables.file, tables.late):
            found[table.name] = sorted(map(repr, reading.all(reading.select(table))))
        devices = reading.all(reading.select(tables.device))
        found["device"] = sorted((row.device, row.last, row.chain) for row in devices)
    return found


def refused(code: str, taking: Any) -> None:
    """Raises unless ``taking`` is refused with this code."""
    with pytest.raises(Refused) as found:
        taking()
    assert found.value.code == code


def altered(data: bytes) -> list[bytes]:
    """The same with one byte flipped, in each region, or with its end cut off or lengthened."""
    head = data.index(b"\n") + 1
    places = [*range(head + 32), *range(head + 32, len(data) - 64, max(1, len(data) // 60)), *range(-64, 0)]
    flipped = [data[: place % len(data)] + bytes([data[place] ^ 1]) + data[place % len(data) + 1 :] for place in places]
    return [*flipped, data[:-1], data + b"\0", data[:head], b""]


def state(office: HeadOffice, device: str) -> str:
    """How a device stands at head office."""
    found = Enrolment(office.database, load_key(office.database)).devices()
    return next(one.state for one in found if one.device == device)
