"""Many desks at one head office beside a PostgreSQL: entries taken a second, and whole syncs a second.

Every request is signed, every transaction walled off by row-level security and written through to the disk. The desks
are requests that were sealed, put in columns and signed beforehand, and go down a bare socket: the processors are the
server's and the database's as far as can be.

Two rates are told, as this machine may have fewer processors than there are parts that want one. The one by the wall
clock is what came out here, beside whatever else ran. The one by processor time is what the server process would take
with the database elsewhere: it has one interpreter, so that a second holds what the process can pay with one.
"""

import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils.compat import uuid7

from bench.measure import Row, cpu_of, row
from insuragent.models.base import utc_now
from insuragent.models.journal import GENESIS
from insuragent.sync import client
from insuragent.sync.client import Office
from insuragent.sync.protocol import (
    HEADER,
    MEDIA_TYPE,
    OWN,
    VERSION,
    Hello,
    HelloAnswer,
    Push,
    PushAnswer,
    PushEntry,
    pack,
    signing,
    unpack,
)
from insuragent.sync.protocol.devices import Enrol, enrolment_words
from tests import postgres
from tests.offices import HeadOffice, open_office

ROUNDS, DESKS, BATCHES, SYNCS = 5, 4, 5, 10
BATCH, PUSHED, PULLED = 1000, 200, 100
AT = "2026-11-24T02:00:00+00:00"
_WHOLE = {"name": "王小明", "type": "person", "source": "other", "stage": "lead", "customer_class": "general"}
_WHOLE |= {
    "created_at": AT,
    "mobile": "13800138000",
    "home_address": "上海市浦东新区世纪大道 8 号",
    "remark": "约定下周三再访，",
}


class Load:
    """A device that sends what was sealed beforehand."""

    def __init__(self, office: HeadOffice, stack: ExitStack) -> None:
        staff, self._key = office.appoint(), Ed25519PrivateKey.generate()
        public, code = self._key.public_key().public_bytes_raw(), office.code(staff)
        proof = self._key.sign(enrolment_words(code, public))
        self._seat = client.enrol(office.address, Enrol(code, public, proof, 0, GENESIS.hex()))
        line = stack.enter_context(client.line(office.address))
        self.office, self.staff = Office(line, self._key, self._seat.key_id, self._seat.server_key), str(staff)
        self._place = f"127.0.0.1:{office.port}"
        self._socket = stack.enter_context(socket.create_connection(("127.0.0.1", office.port)))
        self._read = stack.enter_context(self._socket.makefile("rb"))
        self.number = 0
        self.cursor = 0

    def seal(self, count: int) -> Push:
        """The next entries, each a new customer."""
        sealed = []
        for _ in range(count):
            self.number += 1
            changes = {name: [None, value] for name, value in _WHOLE.items()}
            told = [self.number, uuid7(), AT, "create", "customer", uuid7(), changes, "", None, "d", "1"]
            sealed.append(PushEntry(0, msgspec.Raw(msgspec.json.encode(told, order="sorted"))))
        return Push(sealed).turned()

    def batches(self) -> list[bytes]:
        """The requests of pushes of many entries."""
        return [self._signed("push", self.seal(BATCH)) for _ in range(BATCHES)]

    def syncs(self) -> list[bytes]:
        """The requests of whole passes: greet and ask for the page that comes along, push and take the receipt."""
        told = []
        for _ in range(SYNCS):
            first, now = self.number, utc_now().isoformat()
            told.append(self._signed("hello", Hello(first, first, now, cursors={OWN: self.cursor}, near=True)))
            told.append(self._signed("push", msgspec.structs.replace(self.seal(PUSHED), receipt=first + 1)))
            self.cursor += PULLED
        return told

    def send(self, requests: Iterable[bytes]) -> list[bytes]:
        """The bodies of the answers to requests, one after the other."""
        return [self._send(one) for one in requests]

    def _signed(self, route: str, message: msgspec.Struct) -> bytes:
        body, path = pack(message), f"/v1/{route}"
        told = {"content-type": MEDIA_TYPE, HEADER: str(VERSION)}
        moment = int(utc_now().timestamp()), token_hex(12)
        told |= signing.write(self._seat.key_id, self._key.sign, moment, (self._place, path), told, body)
        told |= {"host": self._place, "content-length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body

    def _send(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        status, length = self._read.readline(), 0
        while (line := self._read.readline().lower()) != b"\r\n":
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        body = self._read.read(length)
        assert status.split()[1] == b"200", (status, body)
        return body


@dataclass(frozen=True)
class Spent:
    """What some work took, in seconds: by the wall clock, and of processors."""

    wall: float
    server: float
    database: float
    load: float

    def each(self, count: int) -> "Spent":
        """What one of so many took."""
        return Spent(self.wall / count, self.server / count, self.database / count, self.load / count)


class Crowd:
    """A served head office on a PostgreSQL of its own, and desks."""

    def __init__(self, stack: ExitStack) -> None:
        self._database = stack.enter_context(postgres.running(durable=True))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = self._database.url(self._database.create())
        self._office = stack.enter_context(open_office(url, folder))
        self._desks = [Load(self._office, stack) for _ in range(DESKS)]

    def push(self) -> Spent:
        """What an entry of pushes of many takes."""
        answers, spent = self._together([desk.batches() for desk in self._desks])
        assert all(len(unpack(one, PushAnswer).answers) == BATCH for one in answers)
        return spent.each(DESKS * BATCHES * BATCH)

    def sync(self) -> Spent:
        """What a whole sync takes."""
        answers, spent = self._together([desk.syncs() for desk in self._desks])
        for greeted, pushed in zip(answers[::2], answers[1::2], strict=True):
            assert unpack(greeted, HelloAnswer).pages[OWN].count == PULLED
            assert unpack(pushed, PushAnswer).receipt is not None
        return spent.each(DESKS * SYNCS)

    def _together(self, requests: Sequence[list[bytes]]) -> tuple[list[bytes], Spent]:
        """All desks send at once, each its own requests: the answers, and what it took until the last one came."""
        with ThreadPoolExecutor(DESKS) as pool:
            begun = self._now()
            asked = [pool.submit(desk.send, told) for desk, told in zip(self._desks, requests, strict=True)]
            answers = [one for done in asked for one in done.result()]
            ended = self._now()
        return answers, Spent(*(after - before for before, after in zip(begun, ended, strict=True)))

    def _now(self) -> tuple[float, float, float, float]:
        assert self._office.process is not None
        server, database = cpu_of(self._office.process.pid), cpu_of(self._database.pid)
        return time.perf_counter(), server, database, time.process_time()


def measured(rounds: int = ROUNDS) -> tuple[Spent, Spent] | None:
    """What an entry and a whole sync take, medians; None where there is no PostgreSQL."""
    try:
        with ExitStack() as stack:
            crowd = Crowd(stack)
            return _median(crowd.push, rounds), _median(crowd.sync, rounds)
    except postgres.PostgresMissing:
        return None


def _median(work: Callable[[], Spent], rounds: int) -> Spent:
    found = [work() for _ in range(rounds)]
    return Spent(*(statistics.median(getattr(one, name) for one in found) for name in Spent.__annotations__))


def rows() -> list[Row]:
    """The rates by the wall clock and by the server's processor time, and the processor time of each part."""
    entry, sync = measured() or (None, None)
    return [*_rows(entry, "entry", "entries"), *_rows(sync, "sync", "syncs")]


def _rows(spent: Spent | None, one: str, many: str) -> list[Row]:
    def told(metric: str, value: Callable[[Spent], float], unit: str) -> Row:
        return row(metric, None if spent is None else value(spent), unit)

    return [
        told(f"{many}_per_s", lambda of: 1 / of.wall, "1/s by the wall clock"),
        told(f"{many}_per_server_cpu_s", lambda of: 1 / of.server, "1/CPU s of the server"),
        told(f"{one}_cpu_ms:server", lambda of: 1000 * of.server, "CPU ms"),
        told(f"{one}_cpu_ms:database", lambda of: 1000 * of.database, "CPU ms"),
        told(f"{one}_cpu_ms:load", lambda of: 1000 * of.load, "CPU ms"),
    ]


def await_port(port: int, seconds: float = 30) -> None:
    """Return as soon as somebody listens. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")
