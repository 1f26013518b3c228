"""Cuts at every byte: of each kind of message in turn, as desk and head office exchange them."""

import contextlib
import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import stamina

from insuragent.errors import HeadOfficeError, Unreachable
from insuragent.headoffice import tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.files import files_at
from insuragent.headoffice.identity import REVOKED
from insuragent.headoffice.parcels import Parcels
from insuragent.headoffice.signing import load_key
from insuragent.models import Customer
from insuragent.models.attachment import AttachmentUse
from insuragent.models.base import utc_now
from insuragent.services import customers, sheets
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.store.work import UnitOfWork
from insuragent.sync import client, syncer
from tests.offices import HeadOffice
from tests.proxy import Direction, Link

#: Every kind of message of a pass: the signed ones by their routes, those to an address of a file by their methods.
KINDS = ("hello", "pull", "push", "offer", "take", "files", "HEAD", "PATCH", "GET", "sealers", "receipt")
#: Those by which a push goes once the line has failed.
IN_STRETCHES = {"offer", "take"}
#: The messages about the device itself, at the beginning and the end of its time.
ABOUT_DEVICES = ("enrol", "wiped")
#: How often a message is cut within a pass that goes on, and how many passes end by a cut before it.
PATIENCE, BROKEN_PASSES = 16, 2

names = (f"客户{number}" for number in itertools.count())


class Cutter:
    """Cuts the messages of one direction: each kind after a first byte, the next one after ``step`` more, to its end.

    A kind whose messages were cut to the end passes from then on; so does one that was cut ``most`` times since
    :meth:`renew`, and any but ``only`` if that is named.
    """

    def __init__(self, link: Link, direction: Direction, step: int) -> None:
        self._link, self._direction, self._step = link, direction, step
        #: How many cuts there were, by kind.
        self.cuts: Counter[str] = Counter()
        #: The kinds of which no byte is left.
        self.done: set[str] = set()
        self._now = ""
        self.renew(0)

    def renew(self, most: int, only: str = "") -> None:
        """Begin another pass."""
        self.settle()
        self._most, self._only, self._spent = most, only, Counter[str]()

    def begin(self, request: httpx2.Request) -> None:
        """A message is about to be sent."""
        self.settle()
        kind = request.url.path.rpartition("/")[2] if request.method == "POST" else request.method
        if kind in self.done and not self._only and self._is_needed_broken(kind):
            self._link.cut = (self._direction, 1)
        if kind in self.done or self._spent[kind] >= self._most or self._only not in ("", kind):
            return
        self._spent[kind] += 1
        # Each kind begins at another byte, so that a wide step meets different parts of their like heads.
        first = 1 + KINDS.index(kind) % self._step
        self._now, self._link.cut = kind, (self._direction, first + self.cuts[kind] * self._step)

    def _is_needed_broken(self, kind: str) -> bool:
        """Whether others follow only where one of this kind broke: a HEAD after a PATCH, stretches after a push."""
        return (kind == "PATCH" and "HEAD" not in self.done) or (kind == "push" and not self.done >= IN_STRETCHES)

    def settle(self) -> None:
        """Look what became of the message before."""
        if self._now and self._link.cut is None:
            self.cuts[self._now] += 1
        elif self._now:
            self.done.add(self._now)  # it was shorter
        self._now, self._link.cut = "", None


@contextmanager
def cutting(link: Link, direction: Direction, step: int) -> Iterator[Cutter]:
    """A cutter through which every message of every desk goes for the length of a block."""
    cutter, line = Cutter(link, direction, step), client.line

    @contextmanager
    def watched(*where: Any) -> Iterator[httpx2.Client]:
        with line(*where) as wire:
            wire.event_hooks = {"request": [cutter.begin]}
            yield wire

    stamina.instrumentation.set_on_retry_hooks([])  # a line of the log a cut takes longer than the cut
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "line", watched)
        patch.setattr(link, "closes", True)
        patch.setattr(syncer, "WAIT", 0.0)
        patch.setattr(syncer, "LONGEST_WAIT", 0.0)
        yield cutter
    stamina.instrumentation.set_on_retry_hooks(None)
    link.heal()


def cut_everything(
    link: Link, direction: Direction, step: int, desks: Sequence[Desk], look: Callable[[Desk], object]
) -> Counter[str]:
    """Cut every kind of message at every ``step``th byte; returns the cuts by kind.

    Some cuts end a pass, the others are met by its next try. ``look`` judges after each pass that went through. The
    desks take turns, so that each has records and a file to send and to fetch.
    """
    kinds, glanced = itertools.cycle(KINDS), syncer.GLANCED
    with cutting(link, direction, step) as cutter, pytest.MonkeyPatch.context() as patch:
        for turn, desk in enumerate(itertools.cycle(desks)):
            # In every other round the pages come by themselves, as they do when there is more than a greeting brings.
            patch.setattr(syncer, "GLANCED", glanced if turn // len(desks) % 2 else ())
            for kind in itertools.islice(kinds, BROKEN_PASSES):
                if kind not in cutter.done:
                    work_a_little(desk)
                    cutter.renew(1, only=kind)
                    with trying(1), contextlib.suppress(HeadOfficeError):
                        offices.sync_now(desk)
            work_a_little(desk)
            cutter.renew(PATIENCE)
            with trying(PATIENCE + 1):
                offices.sync_now(desk)
            look(desk)
            cutter.settle()
            if cutter.done == set(KINDS):
                return cutter.cuts
    raise AssertionError("the desks take turns without an end")


def cut_each(link: Link, direction: Direction, step: int, send: Callable[[], object]) -> int:
    """Cut the one message that ``send`` sends at every ``step``th byte until none is left; returns the cuts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link, "closes", True)
        for cuts in itertools.count():
            link.cut = (direction, 1 + cuts * step)
            send()
            if link.cut is not None:  # it was shorter
                link.heal()
                return cuts
    raise AssertionError("a message without an end")


class Enrolling:
    """A desk that is enrolled again and again over a line that breaks."""

    def __init__(self, office: HeadOffice, desk: Desk, staff_id: UUID, address: str) -> None:
        self._office, self._desk, self._staff_id, self._address = office, desk, staff_id, address
        #: How many codes were used, and how many enrolments ended before their answer came.
        self.codes = self.broken = 0

    def once(self) -> None:
        """With a new code; what a cut hindered is done by asking again with the same one."""
        code = self._office.code(self._staff_id)
        self.codes += 1
        try:
            offices.enrol(self._desk, self._address, code)
        except Unreachable:
            self.broken += 1
            offices.enrol(self._desk, self._address, code)

    def devices(self) -> list[str]:
        """The devices that head office knows of this agent."""
        with self._office.database.read(str(self._staff_id)) as rows:
            return [row.device for row in rows.all(rows.select(tables.device))]


class Leaving:
    """A device that is ordered to be wiped again and again, and confirms it over a line that breaks."""

    def __init__(self, office: HeadOffice, desk: Desk, staff_id: UUID, folder: Path) -> None:
        self._office, self._desk, self._staff_id, self._folder = office, desk, staff_id, folder
        self._seat, self._device = offices._seat(desk), desk.actor.device_id
        key, place = load_key(office.database), (office.folder / "files").as_uri()
        self._parcels = Parcels(office.database, key, files_at(place, office.database, key))
        #: How often a file was left in place of the message, and how often head office did not hear it exactly once.
        self.left = self.unheard = 0

    def once(self) -> None:
        """Be ordered, and leave; the data stay, or there would be nothing to leave a second time."""
        mine = tables.device.c.device == self._device
        with self._office.database.begin(str(self._staff_id)) as rows:
            rows.update(tables.device, {"state": REVOKED, "ordered_at": utc_now(), "wiped_at": None}, mine)
        before = self._heard()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(offices, "destroy", lambda _desk: None)
            file = offices._leave(self._desk, *self._seat, self._folder)
        if file is not None:
            self.left += 1
            self._parcels.take(file.read_bytes())
            file.unlink()
        self.unheard += self._heard() != before + 1

    def _heard(self) -> int:
        a = tables.audit.c
        with self._office.database.read(tables.OFFICE) as rows:
            return len(rows.all(rows.select(tables.audit, a.act == Act.WIPED, a.subject == self._device)))


@contextmanager
def trying(attempts: int) -> Iterator[None]:
    """Within the block each step of a pass is tried so often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(syncer, "ATTEMPTS", attempts)
        patch.setattr(syncer, "GREETINGS", attempts)
        yield


def work_a_little(desk: Desk) -> UUID:
    """A customer, a small file that hangs on him, and a change; returns the customer's id."""
    with desk.begin() as work:
        work.set_note("sealers_near", 0)  # the list of keys is asked for in each pass, not only when it changed
        customer = customers.create(work, {"name": next(names), "remark": "第一次来访"})
    with desk.begin() as work:
        customers.change(work, customer.id, {"remark": "又来一次"})
        attach_to(work, customer, b"%PDF-1.7\n" + secrets.token_bytes(40))
    return customer.id


def attach(desk: Desk, data: bytes) -> str:
    """A file that hangs on a new customer; returns its hash."""
    with desk.begin() as work:
        return attach_to(work, customers.create(work, {"name": next(names)}), data)


def attach_to(work: UnitOfWork, customer: Customer, data: bytes) -> str:
    """A file that hangs on a customer; returns its hash."""
    return sheets.attach(work, customer, AttachmentUse.EVIDENCE, "证据.pdf", "application/pdf", data).sha256
