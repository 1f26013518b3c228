"""A head office with a hundred thousand agents beside one with a thousand: what is asked must cost the same.

Both are real servers on one PostgreSQL. Their databases are filled by COPY, as no fill by requests would end; what is
asked goes over the wire, signed or signed in, through row-level security.
"""

import datetime as dt
import hashlib
import itertools
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from bench import crowd, people
from bench.measure import Row, interleaved, row
from insuragent.headoffice import audit, directory, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.publishing import publish
from insuragent.models.base import utc_now
from insuragent.models.journal import GENESIS
from insuragent.rules.access import Role
from insuragent.sync.protocol import OWN, Hello, Pull
from insuragent.sync.protocol.sealers import SealersAsked
from tests import postgres
from tests.headoffice.people import Browser, signed_in
from tests.offices import BRANCH, HeadOffice, open_office

SMALL, LARGE, ROUNDS = 1_000, 100_000, 9
#: Of each agent: customers with an entry each. Of so many agents one has a complaint, and one has handed over.
CUSTOMERS, PER_COMPLAINT, PER_MOVE, PER_BRANCH, CHUNK = 3, 50, 20, 100, 2_000
#: A number that one customer has.
SOUGHT = "19912345678"
Filled = Iterator[tuple[sa.Table, str, dict[str, Any]]]


class Fill:
    """Rows of invented agents, a table at a time, as the server would have written them."""

    def __init__(self, database: Database, count: int) -> None:
        self._database, self._count = database, count
        self._now = utc_now()
        self._acts, self._chain = 0, GENESIS.hex()
        self._bodies = itertools.cycle([_body(values) for values in people.customers(CHUNK)])

    def run(self, connection: psycopg.Connection[Any]) -> None:
        """Write all of them."""
        for start in range(0, self._count, CHUNK):
            held: dict[sa.Table, list[dict[str, Any]]] = {}
            for number in range(start, min(start + CHUNK, self._count)):
                for (table, agent), made in itertools.groupby(self._agent(number), key=lambda one: one[:2]):
                    sealed = self._database.seal.sealed(table, agent, [told for _table, _agent, told in made])
                    held.setdefault(table, []).extend(
                        {"tenant": tables.TENANT, "agent": agent, **one} for one in sealed
                    )
            for table, written in held.items():
                _copy(connection, table, written)
        _copy(connection, tables.feed, [{"tenant": tables.TENANT, "agent": tables.OFFICE, "number": self._acts}])

    def _agent(self, number: int) -> Filled:
        staff, name, device = str(uuid7()), f"{people.SURNAMES[number % 40]}{number:x}", f"{number:012x}"
        branch = BRANCH if number < PER_BRANCH else f"第{number // PER_BRANCH}分公司"
        body = {"name": name, "licence_no": f"{number:026d}", "branch": branch, "status": "active", "role": "agent"}
        key = hashlib.sha256(device.encode()).hexdigest()
        catalogue = tables.CATALOGUE
        yield tables.feed, staff, {"number": CUSTOMERS}
        yield tables.record, staff, {"id": staff, "kind": "staff", "revision": 1, "body": body}
        yield from self._customers_of(number, staff, device)
        yield tables.device, staff, self._device(device, key)
        yield self._act("publish", staff)
        yield directory.member, catalogue, {"id": staff, "branch": branch, "status": "active"}
        yield self._act("enrol", device)
        told = {"device": device, "whose": staff, "state": "active", "seal_key": key, "number": self._acts}
        yield directory.member_device, catalogue, told
        yield self._act("seal_key", device)
        yield directory.colleague, catalogue, {"branch": branch, "id": staff, "number": self._acts}
        sealer = {"key": key, "device": device, "number": self._acts, "name": name, "licence_no": body["licence_no"]}
        yield tables.sealer, catalogue, sealer | {"since": self._now}
        for word in sorted(set(directory.hashes(self._database.seal, staff, body))):
            yield directory.member_word, catalogue, {"word": word, "id": staff}
        if number % PER_MOVE == 0:
            record = str(uuid7())
            yield self._act("reassign", record)
            yield directory.departure, catalogue, {
                "number": self._acts, "whose": staff, "record": record, "act": "reassign",
            }  # fmt: skip
            gone = {"kind": "customer", "root": record, "to_agent": staff, "at": self._now}
            yield tables.moved, staff, {"id": record, **gone}

    def _customers_of(self, number: int, staff: str, device: str) -> Filled:
        entries = []
        for place, body in enumerate(itertools.islice(self._bodies, CUSTOMERS), 1):
            record = str(uuid7())
            yield tables.record, staff, {"id": record, "kind": "customer", "revision": place, "body": body}
            entries.append(self._entry(place, record, device, body))
        if number % PER_COMPLAINT == 0:
            yield (
                tables.record,
                staff,
                {"id": str(uuid7()), "kind": "complaint", "revision": 1, "body": self._complaint()},
            )
        for entry in entries:
            yield tables.entry, staff, entry

    def _entry(self, number: int, record: str, device: str, body: Mapping[str, str]) -> dict[str, Any]:
        changes = {name: [None, value] for name, value in body.items()}
        sealed = [
            number,
            str(uuid7()),
            self._now.isoformat(),
            "create",
            "customer",
            record,
            changes,
            "",
            None,
            device,
            "",
        ]
        return {
            "device": device, "number": number, "feed_number": number, "id": sealed[1], "deed": "create",
            "kind": "customer", "record_id": record, "sealed": msgspec.json.encode(sealed).decode(), "base": 0,
            "chain": GENESIS.hex(), "result": "accepted", "revision": number, "code": "",
            "received_at": _micros(self._now),
        }  # fmt: skip

    def _complaint(self) -> dict[str, Any]:
        day = {f"due{days}": (self._now + dt.timedelta(days=days)).date().isoformat() for days in (15, 30, 60)}
        due = (self._now + dt.timedelta(days=1)).isoformat()
        told = {"complaint_no": "TS-1", "complainant_name": "王小明", "contact": "13800138000", "state": "captured"}
        more = {"category": "sale_mislead", "severity": "S3", "received_at": self._now.isoformat(), "facts": "…" * 200}
        return {**told, **more, **day, "first_response_due": due, "first_response_at": None}

    def _device(self, device: str, key: str) -> dict[str, Any]:
        seen = {"enrolled_at": self._now, "seen_at": self._now, "skew_seconds": 0, "seal_key": key}
        how = {"device": device, "name": "desk", "public_key": device.encode() * 3, "state": "active"}
        return {**how, "last": CUSTOMERS, "chain": GENESIS.hex(), **seen}

    def _act(self, act: str, subject: str) -> tuple[sa.Table, str, dict[str, Any]]:
        self._acts += 1
        told = {"number": self._acts, "at": self._now, "act": act, "subject": subject, "detail": {"by": "bench"}}
        self._chain = audit.chained(self._chain, told)
        return tables.audit, tables.OFFICE, told | {"chain": self._chain}


def _body(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(one) for name, one in values.items() if one is not None}


def _copy(connection: psycopg.Connection[Any], table: sa.Table, rows: list[dict[str, Any]]) -> None:
    names = [column.name for column in table.columns if column.name in rows[0]]
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{name}"' for name in names)
        with cursor.copy(f'copy "{table.name}" ({columns}) from stdin'.encode()) as copy:
            for one in rows:
                copy.write_row([_written(one[name]) for name in names])


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return _micros(value) if isinstance(value, dt.datetime) else value


def _micros(moment: dt.datetime) -> int:
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


class Company:
    """A served head office of so many agents, with people who are signed in and a desk that greets."""

    def __init__(self, server: postgres.Postgres, stack: ExitStack, count: int) -> None:
        folder, name = Path(stack.enter_context(tempfile.TemporaryDirectory())), server.create()
        self.office: HeadOffice = stack.enter_context(open_office(server.url(name), folder))
        begun = time.perf_counter()
        with psycopg.connect(f"host={server.folder} user=postgres dbname={name}", autocommit=True) as connection:
            Fill(self.office.database, count).run(connection)
            connection.execute("vacuum analyze")
        self.seconds = time.perf_counter() - begun
        self.desk = crowd.Load(self.office, stack)
        publish(self.office.database, "customer", uuid.uuid4(), {"name": "王小明", "mobile": SOUGHT}, self.desk.staff)
        self.desk.cursor = self.desk.office.pull(Pull(OWN, 0)).cursor
        self.people = {role: signed_in(self.office, role) for role in (Role.COMPLIANCE, Role.SUPERVISOR)}
        for browser in self.people.values():
            stack.callback(browser.line.close)
        self._named = f"{people.SURNAMES[7]}{7:x}"

    def questions(self) -> dict[str, Callable[[], float]]:
        """What is asked, by what it is called; each answers with its milliseconds."""
        compliance, supervisor = self.people[Role.COMPLIANCE], self.people[Role.SUPERVISOR]
        return {
            "agents": _page(compliance, "/agents"),
            "devices": _page(compliance, "/devices"),
            "journal": _page(compliance, "/journal"),
            "complaints": _page(compliance, "/complaints"),
            "overview": _page(compliance, ""),
            "search_name": _page(compliance, f"/agents?q={self._named}"),
            "search_branch": _page(compliance, "/agents?q=上海"),
            "search_device": _page(compliance, f"/devices?q={7:012x}"),
            "supervisor_agents": _page(supervisor, "/agents"),
            "supervisor_overview": _page(supervisor, ""),
            "find_number": lambda: _timed(lambda: compliance.post("/search", number=SOUGHT)),
            "hello_one_entry": self._hello,
            "pull_one_entry": self._pull,
            "keys": lambda: _timed(lambda: self.desk.office.sealers(SealersAsked(0, near=True))),
        }

    def _news(self) -> None:
        publish(self.office.database, "customer", uuid.uuid4(), {"name": "王小明"}, self.desk.staff)

    def _hello(self) -> float:
        self._news()
        greeting = Hello(0, 0, utc_now().isoformat(), cursors={OWN: self.desk.cursor}, near=True)

        def greet() -> None:
            page = self.desk.office.hello(greeting).pages[OWN]
            assert len(page.items) == 1
            self.desk.cursor = page.cursor

        return _timed(greet)

    def _pull(self) -> float:
        self._news()

        def pull() -> None:
            page = self.desk.office.pull(Pull(OWN, self.desk.cursor))
            assert len(page.items) == 1
            self.desk.cursor = page.cursor

        return _timed(pull)


def _page(browser: Browser, path: str) -> Callable[[], float]:
    def ask() -> None:
        assert browser.get(path).status_code == 200, path

    return lambda: _timed(ask)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def rows() -> list[Row]:
    """Each question's milliseconds at the large company beside the small one's; none where there is no PostgreSQL."""
    try:
        with ExitStack() as stack:
            server = stack.enter_context(postgres.running())
            small, large = (Company(server, stack, count) for count in (SMALL, LARGE))
            told = [row("fill", large.seconds, "s")]
            asked = small.questions()
            for name, question in large.questions().items():
                found = interleaved({"small": asked[name], "large": question}, ROUNDS)
                told.append(row(name, found["large"], "ms", f"{SMALL:,} agents", found["small"]))
            return told
    except postgres.PostgresMissing:
        return []
