"""A customer changes hands: the new agent has everything, the old one's desks have nothing, and nothing is lost."""

import contextlib
import datetime as dt
import json
import signal
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from uuid_utils.compat import uuid7

from insuragent import cli
from insuragent.errors import Refused
from insuragent.headoffice.assignments import reassign
from insuragent.headoffice.confirmations import standings
from insuragent.models import Attachment, Customer, Entry, FamilyMember, Visit
from insuragent.models.attachment import AttachmentUse
from insuragent.models.family import Relation
from insuragent.models.visit import VisitPurpose
from insuragent.services import audit, customers, drafts, records, syncing
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.store.work import UnitOfWork
from insuragent.sync import syncer
from insuragent.sync.progress import Nobody, Step
from tests.office_fixtures import NewDesk
from tests.offices import PASSPHRASE, HeadOffice
from tests.sync.plain import text_of
from tests.sync.state import of_desk, of_office

Pair = tuple[Desk, Desk]


@pytest.fixture
def other_id(office: HeadOffice) -> UUID:
    """A second agent."""
    return office.appoint(name="陈思远", licence_no="00000244030000002026000456")


@pytest.fixture
def pair(office: HeadOffice, staff_id: UUID, other_id: UUID, make_desk: NewDesk) -> Pair:
    """The desk of the old agent and that of the new one."""
    return office.seat(make_desk("old"), staff_id), office.seat(make_desk("new"), other_id)


def add_family(desk: Desk, **values: object) -> Customer:
    """A customer with a wife, entered on a desk."""
    with desk.begin() as work:
        customer = customers.create(work, {"name": "欧阳明珠", "mobile": "13800138000", "remark": "爱喝龙井"} | values)
        records.create(
            work,
            FamilyMember,
            {"customer_id": customer.id, "relation": Relation.SPOUSE, "name": "李𬭎", "is_dependent": False},
        )
    return customer


def a_visit(customer: Customer, subject: str) -> Visit:
    """A visit that is planned for now."""
    now = dt.datetime.now(dt.UTC)
    times = {"planned_start": now, "planned_end": now + dt.timedelta(hours=1)}
    return Visit(customer_id=customer.id, purpose=VisitPurpose.CARE, subject=subject, **times)


def change(desk: Desk, customer: Customer, **values: object) -> None:
    """A change entered on a desk."""
    with desk.begin() as work:
        customers.change(work, customer.id, values)


def sync(*desks: Desk) -> None:
    """Each desk syncs once, in this order."""
    for desk in desks:
        offices.sync_now(desk)


def test_everything_moves_and_the_old_desk_holds_nothing(
    office: HeadOffice, pair: Pair, staff_id: UUID, other_id: UUID
) -> None:
    """The new desk gets every record whole, with the card of whoever it names; the old one wipes and confirms."""
    old, new = pair
    customer = add_family(old)
    stays = add_family(old, name="王小明", mobile="13900139000")
    sync(old)
    moved = reassign(office.database, str(customer.id), str(other_id))
    assert (moved.records, moved.from_agent) == (2, str(staff_id))
    sync(new, old)
    assert of_desk(new) == of_office(office.database, str(other_id))
    assert of_desk(old) == of_office(office.database, str(staff_id))
    with new.read() as work:
        held = work.get(Customer, customer.id)
        assert (held.remark, held.owner_id) == ("爱喝龙井", other_id)
    with old.read() as work:
        assert work.find(Customer, customer.id) is None
        assert work.get(Customer, stays.id).name == "王小明"
        assert audit.verify(work).sound
        texts = work.session.scalars(sa.select(Entry.changes).where(Entry.record_id == customer.id)).all()
        assert all(set(text or {}) <= {"records"} for text in texts)


def test_not_a_byte_of_the_customer_is_left_in_the_file(office: HeadOffice, pair: Pair, other_id: UUID) -> None:
    """Decrypted page by page, free ones and the log included: no name, no note, no token of the index, no bytes."""
    old, _new = pair
    with old.begin() as work:
        for number in range(200):  # so that pages are shared, split and freed
            work.add(Customer(name=f"客户{number}", remark="普通的一行" * 20))
    customer = add_family(old)
    change(old, customer, remark="爱喝龙井，周三下午在家" * 30)
    change(old, customer, remark="爱喝龙井，周三下午不在家" * 90)
    sync(old)
    # None is so short that chance writes it among the numbers of so many pages.
    words = ["欧阳明珠", "欧阳", "ingzhu", "爱喝龙井", "李𬭎", "13800138000"]
    before = text_of(old)
    assert [word for word in words if word.encode() not in before] == [], "what is looked for can be found"
    reassign(office.database, str(customer.id), str(other_id))
    sync(old)
    after = text_of(old)
    assert [word for word in words if word.encode() in after] == []
    assert "普通的一行".encode() in after


def test_what_was_pending_reaches_the_new_agent_as_a_conflict(
    office: HeadOffice, pair: Pair, staff_id: UUID, other_id: UUID
) -> None:
    """Typed at the old desk after the hand-over, a week offline: the new agent sees it, by whom and on which device."""
    old, new = pair
    customer = add_family(old)
    sync(old)
    reassign(office.database, str(customer.id), str(other_id))
    sync(new)
    change(new, customer, mobile="13922220000")
    sync(new)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=7)):
        change(old, customer, mobile="13911110000", occupation_text="教师")
        with old.begin() as work:
            work.add(a_visit(customer, "家访"))
    sync(old, new)
    with old.read() as work:
        assert work.find(Customer, customer.id) is None
        assert work.rows(sa.select(Visit.id)) == []
    with new.read() as work:
        asked = {one.label: one for one in syncing.contested(work)}
        assert asked.keys() == {"手机", "职业"}
        mine, theirs = asked["手机"].mine, asked["手机"].theirs
        assert (mine.words, mine.by, mine.device) == ("13911110000", "林晓静", old.actor.device_id)
        assert theirs.words == "13922220000"
        assert [visit.subject for visit in work.scalars(sa.select(Visit))] == ["家访"]
    with new.begin() as work:
        syncing.choose(work, asked["职业"].id, "mine")
    sync(new)
    held = of_office(office.database, str(other_id))[str(customer.id)][2]
    assert (held["mobile"], held["occupation_text"]) == ("13922220000", "教师")
    assert of_desk(old) == of_office(office.database, str(staff_id))


def test_an_open_conflict_is_asked_of_the_new_agent(
    office: HeadOffice, pair: Pair, staff_id: UUID, other_id: UUID, make_desk: NewDesk
) -> None:
    """Two desks of the old agent disagreed and nobody has chosen: what waits there waits here afterwards."""
    old, new = pair
    second = office.seat(make_desk("second"), staff_id)
    customer = add_family(old)
    sync(old, second)
    change(old, customer, mobile="13911110000")
    change(second, customer, mobile="13922220000")
    sync(old, second)
    reassign(office.database, str(customer.id), str(other_id))
    sync(second, old, new)
    with new.read() as work:
        (asked,) = syncing.contested(work)
        assert (asked.base, asked.mine.words, asked.theirs.words) == ("13800138000", "13922220000", "13911110000")
        assert asked.mine.device == second.actor.device_id
    for desk in (old, second):
        with desk.read() as work:
            assert syncing.contested(work) == []
            assert work.find(Customer, customer.id) is None
            assert audit.verify(work).sound
    (standing,) = standings(office.database)[:1]
    assert set(standing.confirmed) == {old.actor.device_id, second.actor.device_id}
    assert (standing.record, standing.waiting) == (str(customer.id), ())


def test_files_go_with_their_rows(office: HeadOffice, pair: Pair, other_id: UUID) -> None:
    """The bytes are overwritten at the old desk, unless another record there has the very same; drafts go too."""
    old, _new = pair
    customer, stays = add_family(old), add_family(old, name="王小明", mobile="13900139000")
    with old.begin() as work:
        shared, own = work.blobs.put(b"shared scan"), work.blobs.put(b"his own scan")
        for whose, digest in ((customer, shared), (stays, shared), (customer, own)):
            work.add(
                Attachment(
                    use=AttachmentUse.PHOTO,
                    subject_kind="customer",
                    subject_id=str(whose.id),
                    file_name="证据.png",
                    media_type="image/png",
                    size=4,
                    sha256=digest,
                )
            )
        drafts.keep(work, "visit:new", "visit", None, {"customer_id": customer.id, "subject": "欧阳家"})
        drafts.keep(work, "other", "visit", None, {"customer_id": stays.id, "subject": "王家"})
    sync(old)
    reassign(office.database, str(customer.id), str(other_id))
    sync(old)
    with old.read() as work:
        assert (work.blobs.has(shared), work.blobs.has(own)) == (True, False)
        assert [kept.form for kept in drafts.all_kept(work)] == ["other"]
        assert len(work.rows(sa.select(Attachment.id))) == 1


def test_files_that_were_still_to_be_sent_reach_the_new_desk(office: HeadOffice, pair: Pair, other_id: UUID) -> None:
    """Named before the hand-over or after it, sent only then: the old desk sends them before it wipes."""
    old, new = pair
    customer = add_family(old)
    sync(old)
    reassign(office.database, str(customer.id), str(other_id))
    scan = b"\x89PNG\r\n\x1a\n" + bytes(40)
    with old.begin() as work:
        digest = work.blobs.put(scan)
        told = {"file_name": "证据.png", "media_type": "image/png", "size": len(scan), "sha256": digest}
        subject = {"subject_kind": "customer", "subject_id": str(customer.id)}
        work.add(Attachment(use=AttachmentUse.PHOTO, **subject, **told))
    sync(old, new, new)
    with old.read() as work:
        assert not work.blobs.has(digest)
    with new.read() as work:
        assert work.blobs.get(digest) == scan


def test_a_link_to_the_customer_from_one_who_stays_is_loosened(
    office: HeadOffice, pair: Pair, staff_id: UUID, other_id: UUID, make_desk: NewDesk
) -> None:
    """Somebody's wife is a customer herself and changes hands; a desk that reads the feed from its start manages."""
    old, new = pair
    wife = add_family(old)
    with old.begin() as work:
        husband = customers.create(work, {"name": "王小明", "mobile": "13900139000"})
        told = {"customer_id": husband.id, "relation": Relation.SPOUSE, "name": "欧阳明珠", "is_dependent": False}
        work.add(FamilyMember(**told, linked_customer_id=wife.id))
        back = {"customer_id": wife.id, "relation": Relation.SPOUSE, "name": "王小小", "is_dependent": True}
        work.add(FamilyMember(**back, linked_customer_id=husband.id))
    sync(old)
    reassign(office.database, str(wife.id), str(other_id))
    fresh = office.seat(make_desk("fresh"), staff_id)
    sync(old, new, fresh)
    for desk in (old, fresh):
        assert of_desk(desk) == of_office(office.database, str(staff_id))
        with desk.read() as work:
            (member,) = work.scalars(sa.select(FamilyMember))
            assert (member.name, member.linked_customer_id) == ("欧阳明珠", None)
    assert of_desk(new) == of_office(office.database, str(other_id))
    assert b"13800138000" not in text_of(fresh), "a new desk never learns of whom it must not know"


def test_back_again_before_and_after_the_wipe(office: HeadOffice, pair: Pair, staff_id: UUID, other_id: UUID) -> None:
    """A customer who returns is there as he is now, whether the old desk had let go of him or not."""
    old, new = pair
    customer = add_family(old)
    sync(old)
    for is_wiped in (True, False):
        reassign(office.database, str(customer.id), str(other_id))
        sync(new)
        change(new, customer, remark=f"在新同事处，{is_wiped}")
        sync(new)
        if is_wiped:
            sync(old)
        change_here = {} if is_wiped else {"occupation_text": "医生"}
        if change_here:
            change(old, customer, **change_here)
        reassign(office.database, str(customer.id), str(staff_id))
        sync(old, new, old)
        with old.read() as work:
            held = work.get(Customer, customer.id)
            assert (held.remark, held.owner_id) == (f"在新同事处，{is_wiped}", staff_id)
            assert held.occupation_text == change_here.get("occupation_text")
        with new.read() as work:
            assert work.find(Customer, customer.id) is None
        assert of_desk(old) == of_office(office.database, str(staff_id))


@pytest.mark.parametrize("after", range(1, 12))
def test_a_desk_that_dies_between_any_two_commits(
    sqlite_office: HeadOffice, make_desk: NewDesk, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The next pass goes on from there: wiped whole, confirmed once for all, and what was pending has arrived."""
    office, (one, two) = sqlite_office, (sqlite_office.appoint(), sqlite_office.appoint(name="陈思远"))
    old, new = office.seat(make_desk("old"), one), office.seat(make_desk("new"), two)
    customer = add_family(old)
    sync(old)
    reassign(office.database, str(customer.id), str(two))
    change(old, customer, occupation_text="教师")
    begin, left = Desk.begin, after

    @contextlib.contextmanager
    def dying(self: Desk) -> Iterator[UnitOfWork]:
        nonlocal left
        with begin(self) as work:
            yield work
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(Desk, "begin", dying)
    with contextlib.suppress(KeyboardInterrupt):
        offices.sync_now(old)
    monkeypatch.undo()
    old.close()
    old = desks.unlock(old.profile, PASSPHRASE)
    try:
        sync(old, new)
        assert b"13800138000" not in text_of(old)
        with old.read() as work:
            assert audit.verify(work).sound
        with new.read() as work:
            assert [asked.mine.words for asked in syncing.contested(work)] == ["教师"]
        standing = next(one for one in standings(office.database) if one.record == str(customer.id))
        assert standing.waiting == ()
    finally:
        old.close()


def test_the_new_desk_gets_all_over_a_line_that_breaks_and_a_server_that_is_killed(
    office: HeadOffice, pair: Pair, other_id: UUID
) -> None:
    """Half of the records are there when the server dies; the next pass brings the rest, linked as they were."""
    old, new = pair
    customer = add_family(old)
    with old.begin() as work:
        for number in range(60):
            work.add(a_visit(customer, f"第{number}次"))
    sync(old)
    reassign(office.database, str(customer.id), str(other_id))
    pages = 0

    class Stopping(Nobody):
        def tell(self, step: Step) -> None:
            nonlocal pages
            pages += step.words == "正在接收"
            if pages == 3:
                office.stop(signal.SIGKILL)
                office.start()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(syncer, "GLANCED", ())
        patch.setattr(syncer, "BATCH_ENTRIES", 20)
        patch.setattr(syncer, "MOST_SHARE", 1.0)
        offices.sync_now(new, Stopping())
    assert pages > 3
    assert of_desk(new) == of_office(office.database, str(other_id))
    sync(old)
    with old.read() as work:
        assert work.rows(sa.select(Visit.id)) == []


def test_an_agent_who_leaves_hands_over_everything(
    office: HeadOffice, pair: Pair, staff_id: UUID, other_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the command line, by name or id; what waits for a desk is told until it has confirmed."""
    old, new = pair
    made = [add_family(old, name=f"客户{number}", mobile=f"1390013900{number}") for number in range(3)]
    sync(old)
    base = ["headoffice", "reassign", "--db", office.url, "--key-file", str(office.key_file)]
    assert cli.run([*base, "--from", str(staff_id), "--all", "--to", str(other_id)]) == 0
    assert "共 2 条记录" in capsys.readouterr().out
    held = of_office(office.database, str(staff_id))
    assert {kind for kind, _revision, _values in held.values()} == {"staff"}
    cli.run([*base, "--status", "--json"])
    waiting = [one for one in json.loads(capsys.readouterr().out)["moves"] if one["from_agent"] == str(staff_id)]
    assert [one["waiting"] for one in waiting] == [[old.actor.device_id]] * 3
    sync(old, new)
    assert {str(customer.id) for customer in made} <= of_desk(new).keys()
    cli.run([*base, "--status", "--json"])
    waiting = [one for one in json.loads(capsys.readouterr().out)["moves"] if one["from_agent"] == str(staff_id)]
    assert [(one["waiting"], one["confirmed"]) for one in waiting] == [([], [old.actor.device_id])] * 3
    for wrong in ([], ["--to", str(other_id)], [str(made[0].id)], [str(made[0].id), "--from", "x", "--to", "y"]):
        assert cli.run([*base, *wrong]) == 1, wrong


def test_what_cannot_be_handed_over_is_refused(office: HeadOffice, pair: Pair, staff_id: UUID, other_id: UUID) -> None:
    """A part of a customer's file, a member of staff, and what is not there; twice is the same as once."""
    old, _new = pair
    customer = add_family(old)
    sync(old)
    held = of_office(office.database, str(staff_id))
    member = next(key for key, (kind, _revision, _values) in held.items() if kind == "family_member")
    for record, code in ((member, "not_alone"), (str(staff_id), "office_owned"), (str(uuid7()), "unknown_record")):
        with pytest.raises(Refused) as told:
            reassign(office.database, record, str(other_id))
        assert told.value.code == code
    assert of_office(office.database, str(staff_id)) == held
    assert [reassign(office.database, str(customer.id), str(other_id)).records for _twice in range(2)] == [2, 0]
