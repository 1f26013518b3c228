"""Customers' data are kept no longer than is right: overdue, restricted, erased on every side, told in the journal."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine

from insuragent import cli
from insuragent.errors import NotPermitted, ValidationError
from insuragent.headoffice import audit, tables
from insuragent.models import Customer, Entry
from insuragent.models.choices import Why
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.models.customer import Stage
from insuragent.services import agenda, complaints, customers, records, retention
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from tests.office_fixtures import NewDesk
from tests.offices import PASSPHRASE, HeadOffice

NOW = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2024, 11, 22, 2, tzinfo=dt.UTC)
CLAIM = {
    "category": "service_attitude",
    "channel": "phone",
    "facts": "电话没有人接，多次联系未果",
    "complainant_name": "王小明",
    "contact": "13800138000",
}


@pytest.fixture
def desk(make_desk: NewDesk) -> Iterator[Desk]:
    """A desk of today's, which holds a customer of two years and a day ago and one of today."""
    with time_machine.travel(LONG_AGO, tick=False) as clock:
        made = make_desk("one")
        add(made, "王小明")
        clock.move_to(NOW)
        add(made, "李建国")
        yield made


def add(desk: Desk, name: str, **values: Any) -> UUID:
    """A customer; his id."""
    with desk.begin() as work:
        return customers.create(work, {"name": name} | values).id


def named(desk: Desk, name: str) -> UUID:
    """The id of a customer by his name."""
    with desk.read() as work:
        return work.session.scalars(sa.select(Customer.id).where(Customer.name == name)).one()


def due(desk: Desk) -> list[str]:
    """Whose data nothing asks for any more."""
    with desk.read() as work:
        return [one.name for one in retention.overdue(work)]


def test_a_prospect_of_two_years_ago_is_overdue(desk: Desk) -> None:
    """The others are not; neither is he once a law asks for what is kept."""
    assert due(desk) == ["王小明"]
    old = named(desk, "王小明")
    with desk.read() as work:
        found = retention.standing(work, old)
    assert found.keeping.until == dt.date(2026, 11, 22)
    assert found.words.startswith("未成交，最后联系后保存，至")
    with desk.begin() as work:
        work.get(Customer, old).stage = Stage.IN_FORCE
    assert due(desk) == []
    with desk.begin() as work:
        work.get(Customer, old).stage = Stage.LEAD
        complaints.receive(work, {**CLAIM, "customer_id": old})
    assert due(desk) == []


def test_a_restricted_customer_is_stored_and_nothing_else(desk: Desk) -> None:
    """Nothing is written about him, except what he complains of; looking stays possible; it is lifted as he wishes."""
    who = named(desk, "李建国")
    with desk.begin() as work:
        retention.restrict(work, who, Why.DISPUTED)
    for deed in (
        lambda work: customers.change(work, who, {"remark": "下周再访"}),
        lambda work: customers.add_family(work, who, {"name": "李小红", "relation": "spouse"}),
        lambda work: customers.grant(work, who, Purpose.MARKETING, "李建国", ConsentMethod.VOICE_REF),
    ):
        with pytest.raises(NotPermitted, match="限制处理"), desk.begin() as work:
            deed(work)
    with desk.begin() as work:
        complaints.receive(work, {**CLAIM, "customer_id": who})
        assert records.reveal(work, Customer, who, "name", "核对身份") == "李建国"
        assert any("限制处理" in words for words in customers.notices(work, work.get(Customer, who)))
        entry = work.session.scalars(sa.select(Entry).where(Entry.record_id == who, Entry.deed == "change")).one()
        assert (list(entry.changes or {}), entry.reason) == (["restricted_at"], Why.DISPUTED.label)
    with desk.begin() as work:
        retention.lift(work, who)
        customers.change(work, who, {"remark": "下周再访"})


def test_nobody_is_reminded_of_a_restricted_customer(desk: Desk) -> None:
    """Neither of a birthday nor of a document that runs out: that would be use."""
    day = dt.date(2026, 11, 23)
    who = add(desk, "赵一", birth_date=dt.date(1990, 11, 24), doc_valid_to=dt.date(2026, 11, 30))

    def told() -> list[str]:
        with desk.read() as work:
            return [one.key for one in agenda.reminders(work, day) if str(who) in one.key]

    assert len(told()) == 2
    with desk.begin() as work:
        retention.restrict(work, who, Why.ASKED)
    assert told() == []


def test_erasure_needs_the_name_and_no_law_against_it(desk: Desk) -> None:
    """Another name, an insured customer: nothing is ordered, and what can be done instead is said."""
    who = named(desk, "李建国")
    with pytest.raises(ValidationError), desk.begin() as work:
        retention.erase(work, who, Why.ASKED, "李建")
    with desk.begin() as work:
        work.get(Customer, who).stage = Stage.SERVICE
    with pytest.raises(NotPermitted, match="保险关系存续") as error, desk.begin() as work:
        retention.erase(work, who, Why.ASKED, "李建国")
    assert "限制处理" in error.value.advice
    with desk.read() as work:
        assert not work.session.scalars(sa.select(Entry).where(Entry.deed == "erase")).all()
        assert not retention.standing(work, who).may_erase


def test_who_was_erased_is_gone_everywhere(office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID) -> None:
    """Here, at head office and on the other device; both journals keep that it was done, and why, and no name."""
    one, other = two
    who = add(one, "王不留行", remark="只问过一次")
    for desk in (one, other):
        offices.sync_now(desk)
    with one.begin() as work:
        retention.erase(work, who, Why.ASKED, " 王不留行 ")
    for desk in (one, other):
        offices.sync_now(desk)
    for desk in (one, other):
        with desk.read() as work:
            assert work.find(Customer, who) is None
            told = work.session.scalars(sa.select(Entry).where(Entry.record_id == who)).all()
            assert "王不留行" not in str([(entry.changes, entry.reason) for entry in told])
    with one.read() as work:
        order = work.session.scalars(sa.select(Entry).where(Entry.record_id == who, Entry.deed == "erase")).one()
        assert order.reason == Why.ASKED.label
    with office.database.read(str(staff_id)) as rows:
        assert rows.find(tables.record, tables.record.c.id == str(who)) is None
    assert [act["act"] for act in audit.acts(office.database) if act["subject"] == str(who)] == ["erase"]


def test_by_commands(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list, restriction and its end, an erasure that is refused and one that is ordered."""
    old, young = named(desk, "王小明"), named(desk, "李建国")
    profile = str(desk.profile.folder)
    desk.close()
    typed = tmp_path / "typed"
    typed.write_text(PASSPHRASE)
    monkeypatch.setenv("INSURAGENT_PASSPHRASE_FILE", str(typed))

    def run(*words: str) -> tuple[int, Any]:
        code = cli.run(["retention", *words, "--profile", profile, "--json"])
        told = capsys.readouterr()
        return code, json.loads(told.out or told.err)

    code, told = run("list")
    assert (code, [one["name"] for one in told["overdue"]]) == (0, ["王小明"])
    assert run("restrict", str(young), "--reason", "asked")[0] == 0
    assert run("lift", str(young))[0] == 0
    assert run("erase", str(old), "--reason", "expired", "--confirm", "王小")[0] == 1
    assert run("erase", str(old), "--reason", "expired", "--confirm", "王小明")[0] == 0
    assert run("erase", "nobody", "--reason", "asked", "--confirm", "王小明")[0] == 1
