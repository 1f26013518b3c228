"""An old desk with a new head office: it pushes all, keeps what it does not know, and adopts it once it is updated."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
import time_machine
from uuid_utils.compat import uuid7

from insuragent.errors import ProtocolTooOld, Refused
from insuragent.headoffice import versions as versions_module
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.versions import Versions
from insuragent.models import Customer, FamilyMember
from insuragent.models.family import Relation
from insuragent.models.fields import fields_of
from insuragent.products.policy_files import load_policy
from insuragent.services import customers, records, syncing
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.store import schema
from insuragent.sync import client
from insuragent.sync.protocol import (
    COLUMNS_FROM,
    OWN,
    PULL_FROM,
    PUSH_FROM,
    SUPERSEDED,
    VERSION,
    Pull,
    PullPage,
    Push,
    pack,
    unpack,
)
from tests.headoffice.signed import Signer, code_of, pushed
from tests.headoffice.test_judging import CREATED
from tests.office_fixtures import NewDesk
from tests.offices import PASSPHRASE, HeadOffice, open_office
from tests.sync.older import forget
from tests.sync.state import of_desk, of_office

#: The newest that knows no columns, and the previous one.
OLD = sorted({COLUMNS_FROM - 1, VERSION - 1})


@contextmanager
def old_program(version: int) -> Iterator[None]:
    """A program of an older version: it knows no family and no remark."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "VERSION", version)
        forget(patch, "family_member")
        known = {name: field for name, field in fields_of(Customer).items() if name != "remark"}
        patch.setattr(Customer, "_fields_cache", known)
        yield


@pytest.mark.parametrize("version", OLD)
def test_an_old_desk_that_may_not_pull_pushes_everything(tmp_path: Path, make_desk: NewDesk, version: int) -> None:
    """It is asked to update, and what was saved on it has arrived by then."""
    with open_office(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path) as office:
        staff_id = office.appoint()
        desk = office.seat(make_desk("old"), staff_id)
        office.stop()
        office.pull_from = VERSION
        office.start()
        with old_program(version):
            with desk.begin() as work:
                customer = customers.create(work, {"name": "王小明"})
            with pytest.raises(ProtocolTooOld, match="更新"):
                offices.sync_now(desk)
            with desk.read() as work:
                assert syncing.pending(work) == 0
        assert str(customer.id) in of_office(office.database, str(staff_id))
        publish(office.database, "customer", customer.id, {"remark": "总公司"}, str(staff_id))
        offices.sync_now(desk)
        assert of_desk(desk) == of_office(office.database, str(staff_id))


@pytest.mark.parametrize("version", OLD)
def test_an_old_desk_keeps_what_it_does_not_know_and_adopts_it(
    sqlite_office: HeadOffice, make_desk: NewDesk, version: int
) -> None:
    """A field and a kind of a newer desk pass through the old one unharmed; updated, it shows both."""
    office = sqlite_office
    staff_id = office.appoint()
    newer, desk = (office.seat(make_desk(name), staff_id) for name in ("newer", "old"))
    with newer.begin() as work:
        customer = customers.create(work, {"name": "王小明", "remark": "第一次来访"})
        family = {"customer_id": customer.id, "relation": Relation.SPOUSE, "name": "李四", "is_dependent": False}
        made = records.create(work, FamilyMember, family)
    offices.sync_now(newer)
    with old_program(version):
        offices.sync_now(desk)
        with desk.begin() as work:
            assert work.get(Customer, customer.id).unknown == {"remark": "第一次来访"}
            customers.change(work, customer.id, {"occupation_text": "教师"})
        offices.sync_now(desk)
    held = of_office(office.database, str(staff_id))
    assert held[str(customer.id)][2]["remark"] == "第一次来访"
    assert str(made.id) in held
    desk = updated(desk)
    try:
        with desk.begin() as work:
            assert [one.id for one in records.find(work, Customer, "小明")] == [customer.id]
            assert work.get(Customer, customer.id).remark == "第一次来访"
            customers.change(work, customer.id, {"remark": "第二次"})
        offices.sync_now(desk)
        offices.sync_now(newer)
        assert of_desk(desk) == of_desk(newer) == of_office(office.database, str(staff_id))
        with newer.read() as work:
            past = records.history(work, customer.id)[0].changes["remark"]
        assert list(past) == ["第一次来访", "第二次"], "the change knows what it replaced"
    finally:
        desk.close()


def updated(desk: Desk) -> Desk:
    """The same desk opened by a newer program, which brings its file up to date."""
    desk.close()
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(schema, "bring_up_to_date", lambda _engine: True)
        return desks.unlock(desk.profile, PASSPHRASE)


def test_an_old_desk_reads_and_writes_entries_one_by_one(
    sqlite_office: HeadOffice, make_desk: NewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns are for those who know them: neither side sends any to an older one."""
    office = sqlite_office
    staff_id = office.appoint()
    signer, desk = Signer(office, staff_id), office.seat(make_desk("old"), staff_id)
    entry = pushed(1, "create", "customer", uuid7(), **CREATED)
    assert signer.ask("push", Push([entry]), version=str(COLUMNS_FROM - 1)).status_code == 200
    page = unpack(signer.ask("pull", Pull(OWN, 0), version=str(COLUMNS_FROM - 1)).content, PullPage)
    assert entry.sealed in [item.sealed for item in page.items]
    assert page.columns is None
    newer = unpack(signer.ask("pull", Pull(OWN, 0, columns=True)).content, PullPage)
    assert not newer.items
    assert newer.straight() == page
    sent: list[Push] = []
    monkeypatch.setattr(client, "pack", lambda message: (sent.append(message), pack(message))[1])
    for program in (old_program(COLUMNS_FROM - 1), nullcontext()):
        with desk.begin() as work:
            customers.create(work, {"name": "王小明"})
        with program:
            offices.sync_now(desk)
    assert [bool(one.entries) for one in sent if isinstance(one, Push)] == [True, False]


@pytest.mark.parametrize("told", ["", "0", "x", "-1", "٣", "9" * 30])
def test_a_version_that_is_none_is_refused_and_a_newer_one_served(told: str, sqlite_office: HeadOffice) -> None:
    """The header is signed like the rest."""
    signer = Signer(sqlite_office, sqlite_office.appoint())
    versions = Versions(load_policy())
    if told == "9" * 30:
        versions.check(told, pulls=True)
        return
    for pulls in (True, False):
        with pytest.raises(Refused) as refused:
            versions.check(told, pulls=pulls)
        assert refused.value.code == "old_protocol"
    if told.isascii() and told:
        assert code_of(signer.ask(version=told)) == "old_protocol"


def test_pushing_stays_open_for_at_least_ninety_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the dated policy, whatever the program no longer pulls; then it closes."""
    monkeypatch.setattr(versions_module, "PUSH_FROM", 3)
    monkeypatch.setattr(versions_module, "SUPERSEDED", {1: dt.date(2026, 3, 1), 2: dt.date(2026, 12, 1)})
    versions = Versions(load_policy(), pull_from=3)
    for day, served in ((dt.date(2026, 12, 2), True), (dt.date(2027, 2, 28), True), (dt.date(2027, 3, 1), False)):
        with time_machine.travel(dt.datetime(day.year, day.month, day.day, 4, tzinfo=dt.UTC)):
            for version, expected in ((2, served), (1, False), (3, True)):
                assert takes(versions, version, pulls=False) == expected
            assert not takes(versions, 2, pulls=True)


def takes(versions: Versions, version: int, *, pulls: bool) -> bool:
    """Whether a version is served."""
    try:
        versions.check(str(version), pulls=pulls)
    except Refused:
        return False
    return True


def test_every_older_version_is_known_by_its_day() -> None:
    """Whoever raises the version enters the day; no version is shut out of pushing within ninety days of it."""
    assert set(SUPERSEDED) == set(range(1, VERSION))
    assert 1 <= PUSH_FROM <= PULL_FROM <= VERSION
    assert list(SUPERSEDED.values()) == sorted(SUPERSEDED.values())
