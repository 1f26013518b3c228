"""A customer whose data are restricted is not imported anew, and nothing of him is handed out (PIPL art. 47)."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from insuragent.errors import NotPermitted
from insuragent.models import Customer, Deed, Entry, Sheet
from insuragent.models.choices import Why
from insuragent.services import (
    complaints,
    customers,
    data_copy,
    importing,
    letters,
    papers,
    printing,
    retention,
    scans,
    sheet_gates,
    sheets,
)
from insuragent.services.papers import Paper
from insuragent.store.store import Store
from insuragent.store.work import Actor, UnitOfWork
from tests.services.test_sheet_duties import printed, sign
from tests.services.test_stories import CAPTURE, NOON, customer

ID = "11010119900307002X"


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """It is noon of 23 November 2026."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def restrict(store: Store, agent: Actor, who: Customer) -> None:
    """From now on his data are stored and nothing else."""
    with store.begin(agent) as work:
        retention.restrict(work, who.id, Why.ASKED)


def listed(path: Path, *rows: list[str]) -> Path:
    """A list of customers."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["姓名", "证件号码", "手机"], *rows])
    return path


def test_an_import_refuses_him_with_the_reason(store: Store, agent: Actor, tmp_path: Path) -> None:
    """By his document's number, else by name and telephone, archived or not; the others are taken."""
    by_number = customer(store, agent, name="李建国", doc_no=ID, mobile=None)
    by_phone = customer(store, agent, name="王小明", mobile="13900000001")
    for who in (by_number, by_phone):
        restrict(store, agent, who)
    with store.begin(agent) as work:
        work.get(Customer, by_phone.id).archived_at = work.now
    rows = [
        ["李建国", ID.lower(), ""],
        ["王小明", "", "139 0000 0001"],
        ["赵丽", "", "13900000002"],
        ["王小明", "", ""],
    ]
    with store.begin(agent) as work:
        shown = importing.preview(work, listed(tmp_path / "list.csv", *rows))
        importing.take(work, shown)
    assert [(one.row, one.column) for one in shown.refused] == [(2, "证件号码"), (3, "手机")]
    assert all("已限制处理" in one.reason and "个人信息保护法第四十七条" in one.reason for one in shown.refused)
    with store.read(agent) as work:
        names = list(work.session.scalars(sa.select(Customer.name).where(Customer.doc_no.is_(None))))
    assert sorted(names) == sorted(["王小明", "赵丽", "王小明"])


def test_once_it_is_lifted_he_is_known_as_before(store: Store, agent: Actor, tmp_path: Path) -> None:
    """The row is refused as that of a customer who is there, not for the restriction."""
    who = customer(store, agent, doc_no=ID)
    restrict(store, agent, who)
    with store.begin(agent) as work:
        retention.lift(work, who.id)
    with store.begin(agent) as work:
        (refused,) = importing.preview(work, listed(tmp_path / "list.csv", ["王𬭎", ID, ""])).refused
    assert "已有客户" in refused.reason


def papers_of(sheet: Sheet) -> dict[str, Callable[[UnitOfWork], Paper]]:
    """What could be handed out of a customer."""
    who = sheet.customer_id
    return {
        "sheet": lambda work: sheets.paper(work, sheet.id),
        "file": lambda work: printing.customer_file(work, who),
        "letter": lambda work: letters.consent_notice(work, who, letters.Purpose.MARKETING),
        "kept": lambda work: scans.paper(work, sheet.document_id),  # type: ignore[arg-type]
    }


@pytest.mark.parametrize("what", ["sheet", "file", "letter", "kept"])
def test_nothing_of_him_is_handed_out(store: Store, agent: Actor, tmp_path: Path, what: str) -> None:
    """Neither printed nor written to a file, signed or not; the gate names its rule and source, and is told."""
    sheet = sign(store, agent, printed(store, agent))
    make = papers_of(sheet)[what]
    with store.begin(agent) as work:
        papers.printed(work, make(work))
    with store.begin(agent) as work:
        ready = make(work)
        retention.restrict(work, sheet.customer_id, Why.DISPUTED)
    for deed in (
        lambda work: papers.printed(work, make(work)),
        lambda work: papers.printed(work, ready),
        lambda work: papers.exported(work, ready, tmp_path / "copy.pdf"),
    ):
        with pytest.raises(NotPermitted, match="个人信息保护法第四十七条"), store.begin(agent) as work:
            deed(work)
    assert not (tmp_path / "copy.pdf").exists()
    with store.read(agent) as work:
        told = work.session.scalars(sa.select(Entry.changes).where(Entry.deed == Deed.GATE_BLOCK)).all()
    assert [one["gates"] for one in told if one] == [[None, {"restricted": False}]] * 3


def test_the_gate_stands_first_among_a_sheets(store: Store, agent: Actor) -> None:
    """Whoever prepares one is told at once."""
    sheet = printed(store, agent)
    with store.begin(agent) as work:
        retention.restrict(work, sheet.customer_id, Why.ASKED)
    with store.read(agent) as work:
        found = sheet_gates.before(work, sheet.customer_id, sheet.product_code)
    gate = next(one for one in found if one.name == "restricted")
    assert (gate.open, gate.rule) == (False, "个人信息保护法第四十七条")


def test_what_he_is_owed_is_handed_out(store: Store, agent: Actor, tmp_path: Path) -> None:
    """The copy of his own data (PIPL art. 45), and the receipt of what he complains of."""
    who = customer(store, agent)
    restrict(store, agent, who)
    with store.begin(agent) as work:
        complaint = complaints.receive(work, {**CAPTURE, "customer_id": who.id})
        work.flush()
        papers.printed(work, printing.complaint_receipt(work, complaint.id))
        papers.printed(work, data_copy.data_copy(work, who.id))
        assert papers.exported(work, data_copy.data_copy(work, who.id), tmp_path / "copy.pdf")
    with store.read(agent) as work:
        assert any("限制处理" in words for words in customers.notices(work, work.get(Customer, who.id)))
