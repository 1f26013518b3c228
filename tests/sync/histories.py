"""Random days of several desks and an office: anything may break at any moment, and in the end all must be equal.

The desks are real stores and the ledger is the real one; only the wire between them is replaced, so that thousands
of histories fit into a minute and a message can be lost on either way.
"""

import contextlib
import datetime as dt
import itertools
import secrets
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import time_machine

from insuragent.errors import Refused, Unreachable
from insuragent.headoffice import schema, tables
from insuragent.headoffice.assignments import reassign
from insuragent.headoffice.database import Database
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.files import Files
from insuragent.headoffice.filestore import FileStore
from insuragent.headoffice.ledger import Ledger
from insuragent.headoffice.offers import Offers
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.receipts import Receipts
from insuragent.headoffice.routes import Device
from insuragent.headoffice.sealers import Sealers
from insuragent.headoffice.signing import create_key, load_key
from insuragent.models import Customer, FamilyMember
from insuragent.models.family import Relation
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor, UnitOfWork
from insuragent.sync import conflicts, place, wiping
from insuragent.sync.protocol.devices import Enrol
from insuragent.sync.syncer import Syncer
from tests.sync.lines import Line

KEY = bytes(range(32))
#: The contested fields: one that is asked about, one that is joined, one that head office wins.
FIELDS = ("mobile", "remark", "occupation_text", "score")
MOST_PASSES = 30
_worlds = itertools.count(1)


class Crash(Exception):
    """The program died; nothing after this moment happened."""


class Machine:
    """A desk: a store that can crash, be set back to an older copy, and be enrolled anew."""

    def __init__(self, world: "World", folder: Path, staff_id: uuid.UUID) -> None:
        self.world, self.folder, self.staff_id = world, folder, staff_id
        shutil.copytree(world.template, folder)
        self.device = Device(str(staff_id), "")
        self.copy: Path | None = None
        self.copied = 0
        self.restored = False
        self.skew = dt.timedelta()
        self.open()
        self.enrol()

    def open(self) -> None:
        """Start the program."""
        self.store = Store(Profile(self.folder), KEY)

    def enrol(self) -> None:
        """Become a device of the agent, keeping every entry."""
        with self.store.read(Actor()) as work:
            settled = place.settled(work)
            chain = place.chain_at(work, settled).hex()
        name = secrets.token_hex(4)
        self.world.enrolment.admit(
            Enrol("", secrets.token_bytes(32), bytes(64), settled, chain), str(self.staff_id), name
        )
        self.device = Device(str(self.staff_id), name)

    @property
    def actor(self) -> Actor:
        """Whoever works here."""
        return Actor(self.staff_id, "agent", self.device.device)

    def edit(self, change: Callable[[UnitOfWork], object]) -> None:
        """One saved change, by this desk's own clock."""
        clock: AbstractContextManager[object] = contextlib.nullcontext()
        if self.skew:
            clock = time_machine.travel(dt.datetime.now(dt.UTC) + self.skew)
        with clock, self.store.begin(self.actor) as work:
            change(work)

    def customers(self) -> list[uuid.UUID]:
        """Whom this desk knows, in the order of their ids."""
        with self.store.read(self.actor) as work:
            return sorted(work.session.scalars(sa.select(Customer.id)))

    def sync(self, lost: list[str], dies_after: int = 0, between: Callable[[], object] | None = None) -> None:
        """A pass over a line that loses messages; with ``dies_after`` the program dies after so many commits."""
        left = dies_after

        @contextlib.contextmanager
        def begin() -> Iterator[UnitOfWork]:
            nonlocal left
            with self.store.begin(self.actor) as work:
                yield work
            left -= 1
            if left == 0:
                raise Crash

        line = Line(self.world, self.device, list(lost), between)
        try:
            Syncer(begin, line, overwrite=self.store.overwrite).run()  # type: ignore[arg-type]
        except Unreachable:
            pass
        except Crash:
            self.store.close()
            self.open()
        except Refused as refused:
            if refused.code != "renumbered":
                raise
            self.enrol()

    def set_back(self) -> None:
        """Restore the copy that was made earlier: what was saved since is gone from this disk."""
        if self.copy is not None:
            self.store.close()
            shutil.rmtree(self.folder)
            shutil.copytree(self.copy, self.folder)
            self.restored = True
            self.world.typed = [one for one in self.world.typed if one.at is not self or one.turn < self.copied]
            self.world.seen = [one for one in self.world.seen if one.at is not self or one.turn < self.copied]
            self.open()

    def keep_copy(self) -> None:
        """Make a backup."""
        self.copied = len(self.world.typed)
        self.copy = self.folder.with_name(f"{self.folder.name}-copy")
        shutil.rmtree(self.copy, ignore_errors=True)
        self.store.close()
        shutil.copytree(self.folder, self.copy)
        self.open()


@dataclass(frozen=True)
class Typed:
    """A value that somebody typed: it must never be lost unseen. ``turn`` counts them."""

    at: Machine
    turn: int
    customer: str
    name: str
    value: Any


class World:
    """Two agents, two desks of the one and one of the other, and head office."""

    def __init__(self, folder: Path, template: Path, database: Database) -> None:
        self.folder, self.template, self.database = folder, template, database
        key = load_key(database)
        self.receipts, self.sealers = Receipts(database, key), Sealers(database, key)
        self.ledger = Ledger(database, receipts=self.receipts)
        self.files = Files(database, FileStore((folder / "files").as_uri(), KEY), KEY)
        self.offers = Offers(database, self.files, self.ledger)
        self.enrolment = Enrolment(database, key)
        with database.begin(tables.CATALOGUE) as rows:
            rows.delete(tables.sealer)  # of the worlds before, whose desks are no more
        self.agents = [uuid.uuid4(), uuid.uuid4()]
        told = {"licence_no": "1", "licence_valid_to": "2030-01-01", "company": "c", "branch": "b"}
        for agent, name in zip(self.agents, ("林晓静", "陈思远"), strict=True):
            publish(database, "staff", agent, told | {"name": name})
        self.added, self.number = 0, next(_worlds)
        self.typed: list[Typed] = []
        self.seen: list[Typed] = []
        seats = (self.agents[0], self.agents[0], self.agents[1])
        self.machines = [Machine(self, folder / f"desk-{number}", agent) for number, agent in enumerate(seats)]
        self.add(0, 1)
        for machine in self.machines:
            machine.sync([])

    def close(self) -> None:
        """Put everything away."""
        for machine in self.machines:
            machine.store.close()

    # --- what may happen -----------------------------------------------------------------------------------------

    def add(self, at: int, value: int) -> None:
        """A new customer, and a child of his."""
        self.added += 1
        customer_id = uuid.UUID(
            int=self.number << 32 | self.added
        )  # in a known order: a history that fails must fail again

        def enter(work: UnitOfWork) -> None:
            work.add(Customer(id=customer_id, name=f"客户{value}"))
            if value % 2:
                work.add(FamilyMember(customer_id=customer_id, relation=Relation.SPOUSE, name=f"孩子{value}"))

        self.machines[at].edit(enter)

    def change(self, at: int, whom: int, name: int, value: int) -> None:
        """A field of some customer, typed on a desk; whoever types into a contested field has chosen."""
        machine = self.machines[at]
        known = machine.customers()
        if known:

            def enter(work: UnitOfWork) -> None:
                found = work.get(Customer, known[whom % len(known)])
                self._see(machine, work, found.id, FIELDS[name])
                _set(found, FIELDS[name], value)
                conflicts.close_conflicts(work, found, [FIELDS[name]])
                typed = f"第 {value} 行" if FIELDS[name] == "remark" else getattr(found, FIELDS[name])
                self.typed.append(Typed(machine, len(self.typed), str(found.id), FIELDS[name], typed))

            machine.edit(enter)

    def archive(self, at: int, whom: int) -> None:
        """A customer is archived, or brought back."""
        machine = self.machines[at]
        known = machine.customers()
        if known:

            def enter(work: UnitOfWork) -> None:
                found = work.get(Customer, known[whom % len(known)])
                found.archived_at = None if found.archived_at else dt.datetime(2026, 11, 24, tzinfo=dt.UTC)

            machine.edit(enter)

    def office_edit(self, whom: int, name: int, value: int) -> None:
        """Head office changes a field of a record that it holds."""
        found = self._customers()
        if found:
            row = found[whom % len(found)]
            told: Any = value if FIELDS[name] == "score" else f"总公司{value}"
            publish(self.database, "customer", uuid.UUID(row.id), {FIELDS[name]: told}, row.agent)

    def hand_over(self, whom: int) -> None:
        """A customer goes to the other agent."""
        found = self._customers()
        if found:
            row = found[whom % len(found)]
            (to,) = {str(agent) for agent in self.agents} - {row.agent}
            reassign(self.database, row.id, to)

    def hand_over_amid(self, at: int, whom: int, name: int, value: int) -> None:
        """The same while one of his desks, which has changed him, is about to push."""
        self.change(at, whom, name, value)
        self.machines[at].sync([], between=lambda: self.hand_over(whom))

    def erase(self, at: int, whom: int) -> None:
        """A customer is to be erased everywhere."""
        machine = self.machines[at]
        known = machine.customers()
        if known:
            chosen = known[whom % len(known)]
            machine.edit(lambda work: wiping.order(work, work.get(Customer, chosen)))

    def _customers(self) -> list[sa.Row[Any]]:
        """Every customer that head office holds, of either agent."""
        found: list[sa.Row[Any]] = []
        for agent in map(str, self.agents):
            with self.database.read(agent) as rows:
                found += rows.all(rows.select(tables.record, tables.record.c.kind == "customer"))
        return sorted(found, key=lambda row: str(row.id))

    def choose(self, at: int, mine: bool) -> None:
        """Somebody settles the oldest open conflict."""
        machine = self.machines[at]
        with machine.store.read(machine.actor) as work:
            waiting = conflicts.open_conflicts(work)
        if waiting:
            oldest = waiting[0]
            side = oldest.mine if mine else oldest.theirs

            def enter(work: UnitOfWork) -> None:
                self._see(machine, work, uuid.UUID(oldest.record_id), oldest.field_name)
                conflicts.resolve(work, oldest.id, side["value"])

            machine.edit(enter)

    def sync(self, at: int, lost: list[str]) -> None:
        """A pass that may lose messages."""
        self.machines[at].sync(lost)

    def crash(self, at: int, after: int) -> None:
        """A pass in which the program dies between two commits."""
        self.machines[at].sync([], dies_after=after)

    def clash(self, whom: int, name: int, value: int) -> None:
        """Both desks change the same field of the same customer, twice each."""
        for at in (0, 1, 0, 1):
            self.change(at, whom, name, value + at)

    def race(self, at: int, whom: int, name: int, value: int) -> None:
        """The same, and while one desk is about to push, the other completes a pass."""
        self.clash(whom, name, value)
        other = self.machines[1 - at]
        self.machines[at].sync([], between=lambda: other.sync([]))

    def keep_copy(self, at: int) -> None:
        """A backup is made."""
        self.machines[at].keep_copy()

    def set_back(self, at: int) -> None:
        """An older backup takes the place of a desk."""
        self.machines[at].set_back()

    def set_clock(self, at: int, hours: int) -> None:
        """A desk's clock goes wrong."""
        self.machines[at].skew = dt.timedelta(hours=hours)

    def _see(self, machine: Machine, work: UnitOfWork, customer: uuid.UUID, name: str) -> None:
        """Whoever chooses for a contested field has both values before his eyes; he may let go of either."""
        for conflict in conflicts.open_conflicts(work, customer):
            if conflict.field_name == name:
                for side in (conflict.mine, conflict.theirs):
                    self.seen.append(Typed(machine, len(self.typed), str(customer), name, side["value"]))

    # --- rest ----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Everybody syncs until nothing moves any more."""
        for _pass in range(MOST_PASSES):
            before = self._moved()
            for machine in self.machines:
                machine.sync([])
            if self._moved() == before:
                return
        raise AssertionError("desks and head office do not come to rest")

    def _moved(self) -> tuple[object, ...]:
        tips: list[object] = []
        for agent in self.agents:
            with self.database.read(str(agent)) as rows:
                feed = rows.find(tables.feed)
                tips.append((feed.number if feed else 0, len(rows.all(rows.select(tables.late)))))
        for machine in self.machines:
            with machine.store.read(machine.actor) as work:
                tips.append((place.settled(work), work.head.number, machine.device.device))
        return tuple(tips)


def _set(customer: Customer, name: str, value: int) -> None:
    if name == "score":
        customer.score = value
    elif name == "remark":
        customer.remark = f"{customer.remark or ''}\n第 {value} 行".strip()
    else:
        setattr(customer, name, f"{name}{value}")


def make_template(folder: Path) -> Path:
    """An empty desk to copy from: its migration is the slowest part of a new one."""
    with Store(Profile(folder), KEY, create=True):
        pass
    return folder


def make_database(folder: Path) -> Database:
    """Head office's database for many histories, each with an agent of its own."""
    database = Database(f"sqlite:///{folder / 'headoffice.db'}")
    schema.bring_up_to_date(database)
    create_key(database)
    return database
