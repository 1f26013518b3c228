"""A head office for tests: a real process on SQLite or PostgreSQL, with as many agents as a test wants."""

import datetime as dt
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from insuragent.headoffice import schema
from insuragent.headoffice.database import Database
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.signing import create_key, load_key
from insuragent.security.keys import KdfCost
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from tests.processes import Running, command, first_line

PASSPHRASE = "晨光照在小河上 2026"
#: A key derivation that is quick, because no test is about guessing.
CHEAP = KdfCost(iterations=1, memory_kib=64, lanes=1)
PATIENCE = 30
#: Where members of staff work unless a test says otherwise.
BRANCH = "上海分公司"


class HeadOffice:
    """A head office's database and, while it runs, its process."""

    def __init__(self, url: str, folder: Path, authorities: tuple[str, ...] = (), pull_from: int = 0) -> None:
        self.url, self.folder, self.authorities, self.pull_from = url, folder, authorities, pull_from
        self.port, self.address = 0, ""
        self.process: Running | None = None
        #: Further words of the command that serves.
        self.more: tuple[str, ...] = ()
        self.key_file = key_file_of(url)
        self.database = Database(url, self.key_file)
        schema.bring_up_to_date(self.database)
        create_key(self.database)

    def start(self) -> None:
        """Serve, on the same port as before."""
        words = ["headoffice", "serve", "--db", self.url, "--port", str(self.port), "--pull-from", str(self.pull_from)]
        words += ["--key-file", str(self.key_file), "--files", (self.folder / "files").as_uri()]
        for authority in self.authorities:
            words += ["--authority", authority]
        words += self.more
        self.process = Running(command, self.folder / "headoffice.log", *words)
        self.address = first_line(self.process)
        assert self.address, self.log()
        self.port = int(self.address.rpartition(":")[2])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process, politely or not."""
        if self.process is not None:
            self.process.end(how, PATIENCE)
            self.process = None

    def log(self) -> str:
        """What the process said."""
        return (self.folder / "headoffice.log").read_text(encoding="utf-8")

    def appoint(self, staff_id: UUID | None = None, **values: Any) -> UUID:
        """A new member of staff, an agent; returns the id."""
        staff_id = staff_id or uuid7()
        told = {
            "name": "林晓静",
            "licence_no": "00000244030000002026000123",
            "licence_valid_to": dt.date(2030, 1, 1).isoformat(),
            "company": "示例人寿保险股份有限公司",
            "branch": BRANCH,
        }
        publish(self.database, "staff", staff_id, told | values)
        return staff_id

    def code(self, staff_id: UUID) -> str:
        """A one-time code for a device of a member of staff."""
        return Enrolment(self.database, load_key(self.database)).issue(str(staff_id))

    def seat(self, desk: Desk, staff_id: UUID, address: str = "") -> Desk:
        """Enrol a desk."""
        offices.enrol(desk, address or self.address, self.code(staff_id))
        return desk


@contextmanager
def open_office(url: str, folder: Path, authorities: tuple[str, ...] = ()) -> Iterator[HeadOffice]:
    """A running head office for the length of a block."""
    office = HeadOffice(url, folder, authorities)
    office.start()
    try:
        yield office
    finally:
        office.stop(signal.SIGKILL)
        office.database.close()


def key_file_of(url: str) -> Path:
    """Where the key of a database lies in tests: beside it, on PostgreSQL in the server's own folder."""
    address = sa.make_url(url)
    return Path(str(address.query.get("host", "")), f"{address.database}.key")


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """No byte is left for the length of the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 512):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    yield
    ballast.unlink()


def new_desk(folder: Path) -> Desk:
    """A new desk with a cheap key."""
    desk, _code = desks.create(Profile(folder), PASSPHRASE, CHEAP)
    return desk


def is_ci() -> bool:
    """Whether a missing part is a failure rather than a reason to skip."""
    return os.environ.get("CI") == "true" or bool(os.environ.get("INSURAGENT_CI"))
