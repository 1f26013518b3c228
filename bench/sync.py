"""A day's work synced by us, by Anki and by PouchDB: the same records and edits, CPU of both ends, bytes on the wire.

Ours has its audit chain, signatures and conflicts on, and every store writes through to the disk. Head office is the
default, on SQLite; how much one server takes beside a PostgreSQL is measured by :mod:`bench.crowd`.
"""

import datetime as dt
import os
import random
import statistics
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import crowd, floor, peers
from bench.measure import ROOT, Row, cpu_of, row
from bench.peers import Worker
from tests.offices import HeadOffice
from tests.proxy import Link, failing_link, free_port

COUNT, EDITS, ROUNDS = 10_000, 1_000, 5
#: What is measured each way: processor time of both ends and of each alone, and what went over the wire.
FIGURES = ("cpu_s", "desk_cpu_s", "office_cpu_s", "wire_mb")
RESETS = (300, 100, 30, 10)
#: How often a step may be broken before a pass over a resetting link counts as one that never finishes.
PATIENCE = 400
OURS, ANKI, POUCH = "insuragent", "anki", "pouchdb"
STREETS = ("北京市朝阳区建国路", "上海市浦东新区世纪大道", "广州市天河区体育西路", "成都市武侯区人民南路")
WORK = ("教师", "工程师", "个体工商户", "公务员", "护士", "销售经理", "退休", "自由职业者", "会计", "司机")
NOTES = (
    "客户关注重疾险的保障范围与等待期，",
    "已说明犹豫期与退保损失，",
    "希望为子女配置教育年金，",
    "对分红不确定性已书面提示，",
    "既往有高血压病史，需如实告知，",
    "约定下周三下午三点上门签署投保单，",
    "配偶在场并参与讨论，",
)
#: The bits that make a number a UUID of version 7, in the order of time.
_VERSION_7 = (0x0190 << 112) | (0x7 << 76) | (0x8 << 60)
STAGES = ("lead", "contacted", "needs_done", "proposed")


def records(count: int = COUNT) -> list[dict[str, Any]]:
    """Customers of twelve fields, the same ones every time."""
    dice = random.Random(7)
    return [
        {
            "id": str(uuid.UUID(int=_VERSION_7 | number << 80 | dice.getrandbits(60))),
            "name": dice.choice("王李张刘陈杨赵黄周吴") + "".join(dice.sample("伟芳娜秀英敏静丽强磊军洋勇艳杰", 2)),
            "gender": dice.choice("MF"),
            "birth_date": (dt.date(1950, 1, 1) + dt.timedelta(days=dice.randrange(20_000))).isoformat(),
            "doc_no": str(dice.randrange(10**17, 10**18)),
            "mobile": f"1{dice.randrange(3 * 10**9, 10**10)}",
            "home_address": f"{dice.choice(STREETS)}{dice.randint(1, 999)}号{dice.randint(101, 2909)}室",
            "occupation_text": dice.choice(WORK),
            "annual_income": dice.randint(5, 200) * 1_000_000,
            "score": dice.randint(1, 100),
            "stage": dice.choice(STAGES),
            "remark": "".join(dice.sample(NOTES, dice.randint(2, 4))),
        }
        for number in range(count)
    ]


def edits(of: list[dict[str, Any]]) -> list[list[str]]:
    """A new number and a longer note for a tenth of them."""
    dice = random.Random(8)
    chosen = dice.sample(of, min(EDITS, len(of)))
    return [
        [one["id"], f"1{dice.randrange(3 * 10**9, 10**10)}", f"{one['remark']}【跟进{n}】"]
        for n, one in enumerate(chosen)
    ]


class Contender:
    """Two desks and a server behind a link that counts; made anew for each round."""

    def __init__(self, link: Link, server: int, first: Worker, second: Worker) -> None:
        self.link, self.server, self.first, self.second = link, server, first, second

    def round(self, rows: list[dict[str, Any]], changed: list[list[str]]) -> dict[str, float]:
        """Push all and pull all, then the same with the edits; both desks have synced before, as on most days."""
        for worker in (self.first, self.second):
            worker.ask(op="sync")
        found = dict.fromkeys((f"{way}_{figure}" for figure in FIGURES for way in ("push", "pull")), 0.0)
        for step, told in (("load", {"rows": rows}), ("edit", {"edits": changed})):
            self.first.ask(op=step, **told)
            for way, worker in (("push", self.first), ("pull", self.second)):
                for figure, value in zip(FIGURES, self._sync(worker, way), strict=True):
                    found[f"{way}_{figure}"] += value
        assert self.second.ask(op="count")["count"] >= len(rows), "not everything arrived"
        return found

    def _sync(self, worker: Worker, way: str) -> tuple[float, float, float, float]:
        """The CPU seconds of both ends and of each, and the megabytes that went the way of the data."""
        direction = "up" if way == "push" else "down"
        bytes_before, cpu_before = self.link.passed[direction], cpu_of(self.server)
        desk = worker.ask(op="sync", way=way)["cpu"]
        office = cpu_of(self.server) - cpu_before
        return desk + office, desk, office, (self.link.passed[direction] - bytes_before) / 1e6

    def close(self) -> None:
        """End both desks."""
        self.first.close()
        self.second.close()


# --- who takes part ----------------------------------------------------------------------------------------------


@contextmanager
def ours(folder: Path) -> Iterator[Contender]:
    """Two desks of one agent, and head office on SQLite."""
    port = free_port()
    office = HeadOffice(f"sqlite:///{folder / 'headoffice.db'}", folder, (f"127.0.0.1:{port}",))
    office.start()
    assert office.process is not None
    try:
        with failing_link(office.port, port) as link:
            staff = office.appoint()
            workers = [desk(folder / name, link.address, office.code(staff)) for name in ("first", "second")]
            contender = Contender(link, office.process.pid, *workers)
            yield contender
            contender.close()
    finally:
        office.stop()
        office.database.close()


def desk(folder: Path, address: str, code: str) -> Worker:
    """Our desk in a process of its own."""
    env = os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    command: list[str | Path] = [sys.executable, "-m", "bench.peers.desk", folder, address, code]
    return Worker(command, ROOT, env, folder.parent / "desk.log")


@contextmanager
def anki(folder: Path) -> Iterator[Contender]:
    """Two collections and Anki's own server."""
    python = peers.anki()
    assert python is not None, "asked only where it is installed"
    port, fields = free_port(), ",".join(records(1)[0])
    env = os.environ | {"SYNC_USER1": "u:p", "SYNC_HOST": "127.0.0.1", "SYNC_PORT": str(port), "RUST_LOG": "anki=error"}
    server = Worker([python, "-m", "anki.syncserver"], folder, env | {"SYNC_BASE": str(folder)}, folder / "server.log")
    try:
        with failing_link(port) as link:
            crowd.await_port(port)
            workers = []
            for role in ("first", "second"):
                (folder / role).mkdir()
                command: list[str | Path] = [
                    python,
                    peers.HERE / "anki_worker.py",
                    folder / role,
                    f"{link.address}/",
                    role,
                    fields,
                ]
                workers.append(Worker(command, folder, dict(os.environ), folder / "client.log"))
                workers[-1].ask(op="count")  # the first must have made its type before the second looks for it
            contender = Contender(link, server.process.pid, *workers)
            yield contender
            contender.close()
    finally:
        server.close()


@contextmanager
def pouch(folder: Path) -> Iterator[Contender]:
    """Two databases and express-pouchdb."""
    home = peers.pouch()
    assert home is not None, "asked only where it is installed"
    port = free_port()
    (folder / "server").mkdir()
    server = Worker(["node", "server.js", str(port), folder / "server"], home, dict(os.environ), folder / "server.log")
    try:
        with failing_link(port) as link:
            crowd.await_port(port)
            workers = [
                Worker(
                    ["node", "client.js", folder / name, f"{link.address}/cust"], home, dict(os.environ), folder / "log"
                )
                for name in ("first", "second")
            ]
            contender = Contender(link, server.process.pid, *workers)
            yield contender
            contender.close()
    finally:
        server.close()


def contenders() -> Mapping[str, Any]:
    """Whoever can take part here."""
    found: dict[str, Any] = {OURS: ours}
    if peers.anki() is not None:
        found[ANKI] = anki
    if peers.pouch() is not None:
        found[POUCH] = pouch
    return found


def measured(rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """The medians of each contender's figures; they take turns."""
    rows, taking_part = records(), contenders()
    changed = edits(rows)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in taking_part}
    for _ in range(rounds):
        for name, contender in taking_part.items():
            with tempfile.TemporaryDirectory() as folder, contender(Path(folder)) as running:
                found[name].append(running.round(rows, changed))
    return {name: {m: statistics.median(one[m] for one in each) for m in each[0]} for name, each in found.items()}


# --- a link that resets ------------------------------------------------------------------------------------------


def over_resets(kilobytes: int) -> float | None:
    """What is sent over a link that resets every so many kilobytes, against what there is to send; None: never done."""
    rows = records()
    sent = []
    for every in (0, kilobytes * 1000):
        with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as running:
            running.first.ask(op="patient", attempts=PATIENCE)
            running.first.ask(op="load", rows=rows)
            before = running.link.passed["up"]
            if every:
                running.link.reset_every("up", every)
            try:
                running.first.ask(op="sync")
            except RuntimeError:
                return None
            sent.append(running.link.passed["up"] - before)
    return round(sent[1] / sent[0], 3)


def _floor_of_office() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name, ours(Path(name)) as running:
        taken, empty = (Path(name) / file for file in ("headoffice.db", "empty.db"))
        HeadOffice(f"sqlite:///{empty}", Path(name)).database.close()
        running.first.ask(op="load", rows=records())
        running.first.ask(op="sync")
        return floor.of_office(taken, empty, ROUNDS)


def rows() -> list[Row]:
    """Every figure of sync.json."""
    found, least = measured(), floor.measured(records(), ROUNDS) | floor.of_desk(records(), ROUNDS) | _floor_of_office()
    mine = found[OURS]
    told = []
    for metric, value in mine.items():
        unit = "s" if metric.endswith("_s") else "MB"
        told += [row(metric, value, unit, peer, found.get(peer, {}).get(metric)) for peer in (ANKI, POUCH)]
        told.append(row(metric, value, unit, "floor", least.get(metric)))
    told += [row(f"reset_{size}kb_overhead", over_resets(size), "sent / payload") for size in RESETS]
    return [*told, *crowd.rows()]
