"""The journal proves itself: any altered, missing or added entry is found, here and in the exported file."""

import datetime as dt
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from insuragent.errors import BadFile, NotPermitted
from insuragent.models import Deed
from insuragent.services import audit, customers
from insuragent.store.store import Store
from insuragent.store.work import Actor

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def worked(store: Store, agent: Actor) -> Store:
    """A store in which something was done."""
    for name in ("王小明", "李小红", "张三丰"):
        with store.begin(agent) as work:
            customers.create(work, {"name": name})
    return store


def altered(store: Store, statement: str) -> audit.Finding:
    """What a verification finds after somebody with the key wrote into the file."""
    with store.engine.execution_options(write=True).begin() as connection:
        connection.execute(sa.text(statement))
    with store.read(Actor()) as work:
        return audit.verify(work)


def test_an_untouched_journal_is_sound(worked: Store) -> None:
    """Every entry is counted."""
    with worked.read(Actor()) as work:
        finding = audit.verify(work)
    assert (finding.sound, finding.entries) == (True, 3)
    assert finding.head == worked.head.chain.hex()


@pytest.mark.parametrize(
    ("statement", "fault_at"),
    [
        ("UPDATE journal SET reason = 'x' WHERE number = 2", 2),
        ("UPDATE journal SET at = at + 1 WHERE number = 1", 1),
        ("UPDATE journal SET digest = zeroblob(32) WHERE number = 3", 3),
        ("UPDATE journal SET chain = zeroblob(32) WHERE number = 3", 3),
        ("DELETE FROM journal WHERE number = 2", 3),
        ("DELETE FROM journal WHERE number = 3", 3),
    ],
)
def test_an_altered_journal_is_not(worked: Store, statement: str, fault_at: int) -> None:
    """The place of the first fault is named."""
    finding = altered(worked, statement)
    assert not finding.sound
    assert finding.fault_at == fault_at
    assert finding.reason


def exported(store: Store, agent: Actor, tmp_path: Path) -> Path:
    """The journal as a file."""
    path = tmp_path / "audit.jsonl"
    with store.begin(agent) as work:
        assert audit.export(work, path).entries == 3
    return path


def test_the_export_verifies_by_itself(worked: Store, agent: Actor, tmp_path: Path) -> None:
    """Requirement R1.4a: with the shipped tool, without the store; the export itself is told."""
    path = exported(worked, agent, tmp_path)
    assert audit.verify_file(path).sound
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["number"] for line in lines[1:]] == [1, 2, 3]
    with worked.read(agent) as work:
        assert work.head.number == 4
        assert audit.verify(work).sound


def test_one_changed_byte_fails(worked: Store, agent: Actor, tmp_path: Path) -> None:
    """Requirement R1.4a: whichever byte of an entry it is."""
    path = exported(worked, agent, tmp_path)
    data = path.read_bytes()
    second = data.index(b"\n", data.index(b"\n") + 1) + 1
    for place in range(second, data.index(b'"state"', second), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert not _sound(path), place


def _sound(path: Path) -> bool:
    try:
        return audit.verify_file(path).sound
    except BadFile:
        return False


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b'"insuragent_audit"', b'"insuragent_audix"'),
        (b'"insuragent_audit":1', b'"insuragent_audit":2'),
        (b'"entries"', b'"entriez"'),
        (b'"entries":3', b'"entries":2'),
        (b'"entries":3', b'"entries":3,"more":1'),
        (b'"follows":"0', b'"follows":"1'),
        (b'"state":"pending"', b'"state":"pendinx"'),
        (b'"state":"pending"', b'"more":1,"state":"pending"'),
        (b'"erased":false', b'"erased":true'),  # no entry tells of a wipe
        (b'"erased":false', b'"erased":0'),
    ],
)
def test_a_changed_heading_fails(worked: Store, agent: Actor, tmp_path: Path, was: bytes, now: bytes) -> None:
    """Every key and value of the first line counts, and no line may say more than its entry."""
    path = exported(worked, agent, tmp_path)
    assert was in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(was, now, 1))
    assert not _sound(path)


def test_a_line_that_is_gone_fails(worked: Store, agent: Actor, tmp_path: Path) -> None:
    """At the end too, where no later entry misses it."""
    path = exported(worked, agent, tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    for gone in (1, 2, 3):
        path.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
        assert not _sound(path)


def test_a_part_can_be_exported(worked: Store, agent: Actor, tmp_path: Path) -> None:
    """By days; an empty part is a sound file too."""
    path = tmp_path / "none.jsonl"
    with worked.begin(agent) as work:
        assert audit.export(work, path, first=dt.date(2020, 1, 1), last=dt.date(2020, 1, 2)).entries == 0
    assert audit.verify_file(path).sound


def test_an_administrator_may_not_take_it_away(worked: Store, tmp_path: Path) -> None:
    """Exporting is a right of its own."""
    with pytest.raises(NotPermitted), worked.begin(Actor(role="administrator")) as work:
        audit.export(work, tmp_path / "audit.jsonl")
    assert not (tmp_path / "audit.jsonl").exists()


def test_a_foreign_file_is_none(tmp_path: Path) -> None:
    """A message, never a fault."""
    path = tmp_path / "x"
    for content in (b"", b"{}", b"[1]\n[2]", b"\xff\xfe", b'{"follows": "zz", "entries": 1}', Deed.EXPORT.encode()):
        path.write_bytes(content)
        with pytest.raises(BadFile):
            audit.verify_file(path)
