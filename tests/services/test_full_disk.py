"""A disk that fills while a sheet is signed or a copy is written: no half file, no half record, then as before."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from insuragent.documents.fonts import MissingGlyph
from insuragent.errors import DiskFull
from insuragent.models import Attachment, Customer, Deed, Entry, Sheet
from insuragent.models.sheet import SheetState
from insuragent.services import audit, papers, printing, sheets, verifying
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests.offices import filled
from tests.services.test_stories import NOON, PWL, STATEMENT, customer, png, ready

BORN = dt.date(1986, 5, 1)


@pytest.fixture
def store(small_disk: Path, key: bytes) -> Iterator[Store]:
    """A store on a disk of two megabytes."""
    with Store(Profile(small_disk / "profile"), key, create=True) as opened:
        yield opened


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """Everything happens on 23 November 2026."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def files(folder: Path) -> set[Path]:
    """What lies there, beside the database's own files."""
    return {path for path in folder.rglob("*") if path.is_file() and ".db" not in path.name}


def state(store: Store, agent: Actor, sheet: Sheet) -> tuple[object, ...]:
    """What the store says of a sheet: itself, the attachments, the entries."""
    with store.read(agent) as work:
        held = work.get(Sheet, sheet.id)
        return (
            held.state, held.signed_at, held.document_id, held.print_count, work.count(Attachment),
            work.session.scalar(sa.select(sa.func.count()).select_from(Entry)),
        )  # fmt: skip


def test_a_signature_on_a_full_disk_is_none(store: Store, agent: Actor, small_disk: Path) -> None:
    """Neither picture, nor strokes, nor PDF, nor a signed record; with room again the customer signs."""
    sheet = ready(store, agent, customer(store, agent, birth_date=BORN), PWL)
    with store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    before, there = state(store, agent, sheet), files(small_disk)
    with filled(small_disk), pytest.raises(DiskFull) as caught, store.begin(agent) as work:
        sheets.sign(work, sheet.id, png(), "[]", STATEMENT)
    assert caught.value.advice
    assert state(store, agent, sheet) == before
    assert files(small_disk) == there
    with store.begin(agent) as work:
        sheets.sign(work, sheet.id, png(), "[]", STATEMENT)
    with store.read(agent) as work:
        assert verifying.verify_bytes(sheets.preview(work, sheet.id)).sound
        assert audit.verify(work).sound


def test_a_copy_onto_a_full_disk_is_none(key: bytes, tmp_path: Path, small_disk: Path) -> None:
    """A stick that is full keeps no part of the file, and nothing is told as handed out."""
    with Store(Profile(tmp_path / "roomy"), key, create=True) as store:
        agent = Actor(None, "agent", "ab12cd34ef56")
        with store.begin(Actor()) as work, work.taking_over():
            who = work.add(Customer(name="王小明"))
        with store.begin(agent) as work:
            paper = printing.customer_file(work, who.id)
        with filled(small_disk), pytest.raises(DiskFull), store.begin(agent) as work:
            papers.exported(work, paper, small_disk / "copy.pdf")
        assert {path.name for path in files(small_disk)} == set()
        with store.read(agent) as work:
            assert not work.scalars(sa.select(Entry).where(Entry.deed == Deed.EXPORT))  # type: ignore[type-var]
        with store.begin(agent) as work:
            assert papers.exported(work, paper, small_disk / "copy.pdf")
        assert {path.name for path in files(small_disk)} == {"copy.pdf"}


def test_a_name_without_a_glyph_stops_the_sheet(store: Store, agent: Actor) -> None:
    """S01: named by its code, before anything is printed, counted or kept; the draft stays as it is."""
    who = customer(store, agent, birth_date=BORN)
    sheet = ready(store, agent, who, PWL)
    with store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    with store.begin(Actor()) as work, work.taking_over():
        work.get(Customer, who.id).name = "王\U0003134f"
    before = state(store, agent, sheet)
    with pytest.raises(MissingGlyph, match=r"U\+3134F"), store.begin(agent) as work:
        sheets.paper(work, sheet.id)
    with pytest.raises(MissingGlyph, match=r"U\+3134F"), store.begin(agent) as work:
        sheets.sign(work, sheet.id, png(), "[]", STATEMENT)
    assert state(store, agent, sheet) == before
    assert before[0] == SheetState.PRINTED
