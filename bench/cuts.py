"""A link that breaks at every byte of every kind of message, up and down; how many of the breaks were not healed."""

import tempfile
from collections import Counter
from pathlib import Path
from uuid import UUID

from bench.measure import Row, row
from insuragent.services.desk import Desk
from tests.offices import HeadOffice, new_desk, open_office
from tests.proxy import Direction, Link, failing_link, free_port
from tests.sync.cutting import Enrolling, Leaving, cut_each, cut_everything
from tests.sync.state import of_desk, of_office


def _cut(office: HeadOffice, link: Link, folder: Path, direction: Direction) -> tuple[Counter[str], int]:
    """The cuts of a direction by kind of message, and how often desk and head office differed after a pass."""
    staff_id, different = office.appoint(), 0

    def look(desk: Desk) -> None:
        nonlocal different
        different += of_desk(desk) != of_office(office.database, str(staff_id))

    desks = [_desk(office, link, folder / f"{direction}{number}", staff_id) for number in range(2)]
    try:
        cuts = cut_everything(link, direction, 1, desks, look)
    finally:
        for desk in desks:
            desk.close()
    return cuts, different


def _cut_devices(office: HeadOffice, link: Link, folder: Path, direction: Direction) -> tuple[dict[str, int], int]:
    """The same of the messages by which a device comes and goes: the cuts, and how many of them were not healed."""
    staff_id = office.appoint()
    desk = _desk(office, link, folder / f"{direction}-device", staff_id)
    enrolling, leaving = Enrolling(office, desk, staff_id, link.address), Leaving(office, desk, staff_id, folder)
    before = len(enrolling.devices())
    try:
        cuts = {"wiped": cut_each(link, direction, 1, leaving.once)}
        cuts["enrol"] = cut_each(link, direction, 1, enrolling.once)
    finally:
        desk.close()
    return cuts, leaving.unheard + len(enrolling.devices()) - before - enrolling.codes


def _desk(office: HeadOffice, link: Link, folder: Path, staff_id: UUID) -> Desk:
    return office.seat(new_desk(folder), staff_id, link.address)


def rows() -> list[Row]:
    """How many cuts there were in each direction, and after how many passes the sides differed."""
    told, port = [], free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, names = f"sqlite:///{folder / 'headoffice.db'}", (f"127.0.0.1:{port}",)
        with open_office(url, folder, names) as office, failing_link(office.port, port) as link:
            for direction in ("up", "down"):
                cuts, different = _cut(office, link, folder, direction)
                coming_and_going, unhealed = _cut_devices(office, link, folder, direction)
                cuts.update(coming_and_going)
                told += [row(f"cuts_{direction}:{kind}", number, "cuts") for kind, number in sorted(cuts.items())]
                told.append(row(f"different_{direction}", different + unhealed, "passes"))
    return told
