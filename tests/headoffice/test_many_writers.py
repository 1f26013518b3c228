"""Eight writers and a reader at a real PostgreSQL: nothing is skipped, and nothing comes out of order."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.ledger import Ledger
from insuragent.headoffice.routes import Device
from insuragent.headoffice.signing import load_key
from insuragent.models.journal import GENESIS
from insuragent.sync.protocol import OWN, Pull, Push, SealedEntry, decode
from insuragent.sync.protocol.devices import Enrol
from tests.headoffice.signed import HELLO, pushed
from tests.offices import HeadOffice

WRITERS, PUSHES = 8, 40
WHOLE = {"type": "person", "source": "other", "stage": "lead", "customer_class": "general", "created_at": HELLO.now}


class Writer:
    """A device of each of some agents; it pushes into their feeds in turn, as quickly as it can."""

    def __init__(self, office: HeadOffice, agents: Sequence[UUID]) -> None:
        self._ledger = Ledger(office.database)
        self._devices = [a_device(office, agent) for agent in agents]
        #: The ids of the records that were taken, by agent, in their order.
        self.taken: dict[str, list[UUID]] = {str(agent): [] for agent in agents}

    def write(self) -> None:
        """Push batches of one, two or three new customers."""
        numbers = Counter[str]()
        for turn, device in zip(range(PUSHES), itertools.cycle(self._devices), strict=False):
            made = [uuid4() for _ in range(1 + turn % 3)]
            first = numbers[device.device] + 1
            told = [
                pushed(number, "create", "customer", made_id, name=f"{turn}", **WHOLE)
                for number, made_id in enumerate(made, first)
            ]
            numbers[device.device] += len(made)
            answer = self._ledger.push(device, Push(told))
            assert [one.result for one in answer.answers] == ["accepted"] * len(made)
            self.taken[device.agent] += made


class Reader:
    """A device of each of some agents; it pulls their feeds in turn, each from where it was."""

    def __init__(self, office: HeadOffice, agents: Sequence[UUID]) -> None:
        self._ledger = Ledger(office.database)
        self._devices = [a_device(office, agent) for agent in agents]
        self._cursors = dict.fromkeys((str(agent) for agent in agents), 0)
        #: What came of each feed, (number, record), in its order; and how many pages brought something.
        self.seen: dict[str, list[tuple[int, UUID]]] = {str(agent): [] for agent in agents}
        self.pages = 0

    def read(self) -> None:
        """Pull every feed once."""
        for device in self._devices:
            page = self._ledger.pull(device, Pull(OWN, self._cursors[device.agent], 0, 10))
            self.pages += bool(page.items)
            self._cursors[device.agent] = page.cursor
            told = [(item.number, decode(bytes(item.sealed), SealedEntry).record_id) for item in page.items]
            self.seen[device.agent] += told  # type: ignore[arg-type]


def a_device(office: HeadOffice, agent: UUID) -> Device:
    """A further device of an agent."""
    device = Device(str(agent), uuid4().hex[:12])
    enrolment = Enrolment(office.database, load_key(office.database))
    enrolment.admit(Enrol("", bytes(32), bytes(64), 0, GENESIS.hex()), device.agent, device.device)
    return device


@pytest.mark.parametrize("feeds", [1, 50])
def test_a_reader_beside_eight_writers_misses_nothing(postgres_office: HeadOffice, feeds: int) -> None:
    """Whatever number it has read up to, nothing with a lower one appears behind it."""
    agents = [postgres_office.appoint() for _ in range(feeds)]
    # Of fifty feeds each writer has ten, and shares four of them with the next.
    writers = [
        Writer(postgres_office, (agents * 2)[6 * number % feeds :][: min(feeds, 10)]) for number in range(WRITERS)
    ]
    reader = Reader(postgres_office, agents)
    beside_one_another([writer.write for writer in writers], reader.read)
    during, before = reader.pages, -1
    while reader.pages != before:
        before = reader.pages
        reader.read()
    for agent, seen in reader.seen.items():
        numbers = [number for number, _record in seen]
        assert numbers == list(range(1, len(numbers) + 1))
        taken = [record for writer in writers for record in writer.taken.get(agent, [])]
        assert Counter(record for _number, record in seen[1:]) == Counter(taken), "each once, behind the agent's card"
        for writer in writers:
            order = {record: place for place, (_number, record) in enumerate(seen)}
            places = [order[record] for record in writer.taken.get(agent, [])]
            assert places == sorted(places), "what one device wrote comes in its order"
    assert during > 10, "it did read while they wrote"


def beside_one_another(works: Sequence[Callable[[], object]], meanwhile: Callable[[], object]) -> None:
    """Run every work in a thread of its own, and ``meanwhile`` again and again until all have ended."""
    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(work) for work in works]
        while not all(work.done() for work in running):
            meanwhile()
    for work in running:
        work.result()
