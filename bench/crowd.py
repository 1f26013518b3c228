"""Many desks at one head office beside a PostgreSQL: entries taken a second, and whole syncs a second.

Every request is signed and every transaction walled off by row-level security. The desks are entries that were sealed
and put in columns beforehand, so that the machine's processors are the server's and the database's as far as can be.
"""

import socket
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from insuragent.models.base import utc_now
from insuragent.models.journal import GENESIS
from insuragent.sync import client
from insuragent.sync.client import Office
from insuragent.sync.protocol import OWN, Hello, Push, PushEntry
from insuragent.sync.protocol.devices import Enrol, enrolment_words
from tests import postgres
from tests.offices import HeadOffice, open_office

ROUNDS, DESKS, BATCHES, SYNCS = 5, 4, 5, 10
PUSHED, PULLED = 200, 100
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
        staff, key = office.appoint(), Ed25519PrivateKey.generate()
        public, code = key.public_key().public_bytes_raw(), office.code(staff)
        proof = key.sign(enrolment_words(code, public))
        seat = client.enrol(office.address, Enrol(code, public, proof, 0, GENESIS.hex()))
        line = stack.enter_context(client.line(office.address))
        self.office, self.staff = Office(line, key, seat.key_id, seat.server_key), str(staff)
        self.number = 0
        self.cursor = 0

    def seal(self, count: int) -> Push:
        """The next entries, each a new customer."""
        sealed = []
        for _ in range(count):
            self.number += 1
            changes = {name: [None, value] for name, value in _WHOLE.items()}
            told = [self.number, uuid.uuid4(), AT, "create", "customer", uuid.uuid4(), changes, "", None, "d", "1"]
            sealed.append(PushEntry(0, msgspec.Raw(msgspec.json.encode(told, order="sorted"))))
        return Push(sealed).turned()

    def sync(self, push: Push, first: int) -> None:
        """A whole pass: greet and read the page that comes along, push and take the receipt."""
        now = utc_now().isoformat()
        told = self.office.hello(Hello(first + len(push.bases), first, now, cursors={OWN: self.cursor}))
        if OWN in told.pages:
            assert told.pages[OWN].count == PULLED
            self.cursor = told.pages[OWN].cursor
        answer = self.office.push(msgspec.structs.replace(push, receipt=first + 1))
        assert answer.receipt is not None


@contextmanager
def _crowd() -> Iterator[list[Load]]:
    with ExitStack() as stack:
        server = stack.enter_context(postgres.running())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        office = stack.enter_context(open_office(server.url(server.create()), folder))
        yield [Load(office, stack) for _ in range(DESKS)]


def measured() -> tuple[float | None, float | None]:
    """Entries a second and whole syncs a second, medians; None where there is no PostgreSQL."""
    try:
        with _crowd() as desks:
            entries = [DESKS * BATCHES * 1000 / _together(_pushing(desks)) for _ in range(ROUNDS)]
            syncs = [DESKS * SYNCS / _together(_syncing(desks)) for _ in range(ROUNDS)]
    except postgres.PostgresMissing:
        return None, None
    return statistics.median(entries), statistics.median(syncs)


def _pushing(desks: Sequence[Load]) -> list[Callable[[], object]]:
    batches = [(desk, [desk.seal(1000) for _ in range(BATCHES)]) for desk in desks]
    return [lambda desk=desk, told=told: [desk.office.push(one) for one in told] for desk, told in batches]  # type: ignore[misc]


def _syncing(desks: Sequence[Load]) -> list[Callable[[], object]]:
    told = []
    for desk in desks:
        passes = []
        for _ in range(SYNCS):
            first = desk.number
            passes.append((desk.seal(PUSHED), first))
        told.append((desk, passes))
    return [lambda desk=desk, passes=passes: [desk.sync(*one) for one in passes] for desk, passes in told]  # type: ignore[misc]


def _together(works: Sequence[Callable[[], object]]) -> float:
    """The seconds until all of them, each in a thread, have ended. Raises what the first of them raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        begun = time.perf_counter()
        for done in [pool.submit(work) for work in works]:
            done.result()
        return time.perf_counter() - begun


def await_port(port: int, seconds: float = 30) -> None:
    """Return as soon as somebody listens. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")
