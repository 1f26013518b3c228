"""Desks and a head office end equal, whoever changed what, and nothing is lost, doubled or silently overwritten."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine

from insuragent.errors import Refused, Unreachable
from insuragent.headoffice.publishing import publish
from insuragent.models import Attachment, Customer, Deed, Entry, FamilyMember, Received, Staff, State, Visit
from insuragent.models.attachment import AttachmentUse
from insuragent.models.family import Relation
from insuragent.models.journal import digest_of, link_chain
from insuragent.security.device import DeviceKey, DeviceKeys
from insuragent.services import agenda, checklists, customers, records, syncing
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from insuragent.sync import place
from tests.office_fixtures import NewDesk
from tests.offices import PASSPHRASE, HeadOffice
from tests.sync.state import of_desk, of_office

BEFORE, MINE, THEIRS = "13800138000", "13911112222", "13933334444"


def add_customer(desk: Desk, **values: object) -> Customer:
    """A customer entered on a desk."""
    with desk.begin() as work:
        return customers.create(work, {"name": "王小明", "mobile": BEFORE} | values)


def change(desk: Desk, customer: Customer, **values: object) -> None:
    """A change entered on a desk."""
    with desk.begin() as work:
        customers.change(work, customer.id, values)


def read(desk: Desk, customer: Customer) -> Customer:
    """The customer as a desk has it."""
    with desk.read() as work:
        return work.get(Customer, customer.id)


def sync_all(*syncing_desks: Desk) -> None:
    """Every desk syncs, twice, so that each has seen what the other did last."""
    for desk in syncing_desks * 2:
        offices.sync_now(desk)


def test_what_one_desk_saves_the_other_has(office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID) -> None:
    """Records of several types travel with all their fields; both desks and head office end equal."""
    one, other = two
    customer = add_customer(one, remark="第一次来访\n已婚", occupation_text="教师")
    with one.begin() as work:
        records.create(
            work,
            FamilyMember,
            {"customer_id": customer.id, "relation": Relation.SPOUSE, "name": "李𬭎", "is_dependent": False},
        )
    sync_all(one, other)
    assert of_desk(one) == of_desk(other) == of_office(office.database, str(staff_id))
    assert read(other, customer).occupation_text == "教师"
    with other.read() as work:
        assert [past.by for past in records.history(work, customer.id)] == ["林晓静"]


def test_two_hands_tick_one_checklist(two: tuple[Desk, Desk]) -> None:
    """What either desk ticked at a visit is ticked on both (requirement R1.1d), and nobody is asked."""
    one, other = two
    start = dt.datetime.now(dt.UTC)
    told = {"purpose": "care", "planned_start": start, "planned_end": start + dt.timedelta(hours=1)}
    with one.begin() as work:
        visit = agenda.plan(work, told)
    sync_all(one, other)
    for desk, item in ((one, "不推介产品"), (other, "着装整洁得体")):
        with desk.begin() as work:
            checklists.tick(work, visit.id, item, done=True)
    sync_all(one, other)
    for desk in (one, other):
        with desk.read() as work:
            ticked = [item for item, done in work.get(Visit, visit.id).checklist.items() if done]
            assert syncing.contested(work) == []
        assert sorted(ticked) == ["不推介产品", "着装整洁得体"]


def test_the_same_field_of_two_hands_is_asked_and_the_rest_is_joined(two: tuple[Desk, Desk]) -> None:
    """Story S11: phone and note changed on both; the note is joined, the phone waits for a choice, nothing is lost."""
    one, other = two
    customer = add_customer(one, remark="老客户")
    sync_all(one, other)
    change(one, customer, mobile=MINE, remark="老客户\n周三再访")
    change(other, customer, mobile=THEIRS, remark="老客户\n要看年金", occupation_text="医生")
    sync_all(one, other)
    for desk in two:
        held = read(desk, customer)
        assert held.mobile == MINE
        assert held.remark == "老客户\n周三再访\n要看年金"
        assert held.occupation_text == "医生"
    with other.begin() as work:
        (contested,) = syncing.contested(work)
        assert (contested.base, contested.mine.words, contested.theirs.words) == (BEFORE, THEIRS, MINE)
        assert (contested.theirs.by, contested.theirs.device) == ("林晓静", one.actor.device_id)
        syncing.choose(work, contested.id, "mine")
    sync_all(other, one)
    assert read(one, customer).mobile == read(other, customer).mobile == THEIRS
    with one.read() as work:
        kept = [past.changes.get("mobile") for past in records.history(work, customer.id) if "mobile" in past.changes]
    assert len(kept) >= 3, "the loser stays in the history"


def test_equal_values_are_no_conflict(two: tuple[Desk, Desk]) -> None:
    """Both typed the same number: nobody is asked."""
    one, other = two
    customer = add_customer(one)
    sync_all(one, other)
    change(one, customer, mobile=MINE)
    change(other, customer, mobile=MINE)
    sync_all(one, other)
    with other.read() as work:
        assert syncing.contested(work) == []
    assert of_desk(one) == of_desk(other)


def test_whoever_types_into_a_contested_field_has_chosen(two: tuple[Desk, Desk]) -> None:
    """The conflict closes with an ordinary change, which both desks then hold."""
    one, other = two
    customer = add_customer(one)
    sync_all(one, other)
    change(one, customer, mobile=MINE)
    change(other, customer, mobile=THEIRS)
    sync_all(one, other)
    change(other, customer, mobile="13955556666")
    with other.read() as work:
        assert syncing.contested(work) == []
    sync_all(other, one)
    assert read(one, customer).mobile == "13955556666"


def test_an_open_conflict_follows_the_newest_theirs(two: tuple[Desk, Desk]) -> None:
    """Theirs changed once more before anybody chose: the newest is what is asked about."""
    one, other = two
    customer = add_customer(one)
    sync_all(one, other)
    change(one, customer, mobile=MINE)
    change(other, customer, mobile=THEIRS)
    sync_all(one, other)
    change(one, customer, mobile="13977778888")
    sync_all(one, other)
    with other.read() as work:
        (contested,) = syncing.contested(work)
    assert (contested.mine.words, contested.theirs.words) == (THEIRS, "13977778888")


def test_many_changes_of_one_record_arrive_as_they_were(two: tuple[Desk, Desk]) -> None:
    """A day's changes on one file, with the other desk's between them."""
    one, other = two
    customer = add_customer(one)
    for turn in range(4):
        change(one, customer, remark=f"第 {turn} 次")
        sync_all(one)
        sync_all(other)
        change(other, customer, occupation_text=f"职业{turn}")
    sync_all(one, other)
    assert of_desk(one) == of_desk(other)
    assert (read(one, customer).remark, read(one, customer).occupation_text) == ("第 3 次", "职业3")


def test_a_pass_with_nothing_new_changes_nothing(office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID) -> None:
    """Repeating is harmless: no new revision, no new entry in a feed."""
    one, other = two
    add_customer(one)
    sync_all(one, other)
    before = of_office(office.database, str(staff_id))
    outcome = offices.sync_now(one)
    assert (outcome.received, outcome.changed) == (0, set())
    assert of_office(office.database, str(staff_id)) == before


def test_head_office_changes_an_agents_record(office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID) -> None:
    """An office edit meets a desk's own change of another field: both stay."""
    one, other = two
    customer = add_customer(one)
    sync_all(one)
    change(one, customer, remark="下周再访")
    publish(office.database, "customer", customer.id, {"occupation_text": "会计"}, str(staff_id))
    sync_all(one, other)
    assert (read(other, customer).remark, read(other, customer).occupation_text) == ("下周再访", "会计")
    publish(office.database, "staff", staff_id, {"branch": "北京分公司"})
    sync_all(one)
    with one.read() as work:
        assert work.get(Staff, staff_id).branch == "北京分公司"


def test_office_owned_records_come_and_are_never_taken_from_a_desk(
    office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID
) -> None:
    """A desk that changed its own licence is refused, keeps the entry, and shows head office's value again."""
    one, _other = two
    with one.begin() as work:
        work.get(Staff, staff_id).branch = "自己改的"
    offices.sync_now(one)
    with one.read() as work:
        assert work.get(Staff, staff_id).branch == "上海分公司"
        (refused,) = syncing.status(work).refused
        assert "总公司维护" in refused.reason
        entry = work.session.scalars(sa.select(Entry).where(Entry.number == refused.number)).one()
    assert entry.changes == {"branch": ["上海分公司", "自己改的"]}, "what was refused is kept"


def test_a_refused_record_never_blocks_the_queue_and_can_be_sent_again(two: tuple[Desk, Desk]) -> None:
    """Quarantine: what follows goes through; put right, the record goes as a whole."""
    one, other = two
    customer = add_customer(one)
    with one.begin() as work:
        work.session.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
        entry = work.session.scalars(sa.select(Entry).where(Entry.record_id == customer.id)).one()
        broken = dict(entry.changes or {}) | {"name": [None, "一" * 201]}
        entry.changes = broken  # as a faulty older program would have entered it
        previous = work.session.get(Entry, entry.number - 1)
        assert previous is not None
        entry.digest = digest_of(entry.sealed())
        entry.chain = link_chain(previous.chain, entry.digest)
        work._head = None
    one.store._head = one.store._stored_head()
    second = add_customer(one, name="李四", mobile="13900139000")
    offices.sync_now(one)
    with one.begin() as work:
        (refused,) = syncing.status(work).refused
        assert refused.record_id == customer.id
        syncing.resubmit(work, refused.number)
    sync_all(one, other)
    assert read(other, customer).name == "王小明"
    assert read(other, second).name == "李四"
    with one.read() as work:
        assert syncing.status(work).refused == ()


def test_a_filed_document_is_never_changed_only_replaced(two: tuple[Desk, Desk]) -> None:
    """Append-only: the same id with other content is refused and stays as it was, on both sides."""
    one, other = two
    customer = add_customer(one)
    with one.begin() as work:
        filed = work.add(
            Attachment(
                use=AttachmentUse.EVIDENCE,
                subject_kind="customer",
                subject_id=str(customer.id),
                file_name="证据.pdf",
                media_type="application/pdf",
                size=4,
                sha256=work.blobs.put(b"scan"),
            )
        )
    sync_all(one, other)
    with one.begin() as work:
        work.get(Attachment, filed.id).file_name = "别的.pdf"
    sync_all(one, other)
    for desk in two:
        with desk.read() as work:
            assert work.get(Attachment, filed.id).file_name == "证据.pdf"
    with one.read() as work:
        assert [refused.kind for refused in syncing.status(work).refused] == ["attachment"]


def test_fields_of_a_newer_program_are_kept_and_go_back(
    office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID
) -> None:
    """A field that this desk does not know survives its changes."""
    one, other = two
    customer = add_customer(one)
    sync_all(one)
    publish(office.database, "customer", customer.id, {"wechat_mood": "好", "stage": "a_new_stage"}, str(staff_id))
    sync_all(one)
    change(one, customer, remark="改一下")
    sync_all(one, other)
    held = of_office(office.database, str(staff_id))[str(customer.id)]
    assert (held[2]["wechat_mood"], held[2]["stage"], held[2]["remark"]) == ("好", "a_new_stage", "改一下")
    assert read(other, customer).unknown == {"wechat_mood": "好"}
    assert of_desk(one) == of_desk(other)


def test_an_answer_that_was_lost_is_given_again(
    office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The push arrived, its answer did not: the next pass learns it, and each entry was taken once."""
    from insuragent.sync.client import Office

    one, other = two
    customer = add_customer(one)
    push = Office.push

    def lose(self: Office, *told: Any) -> None:
        push(self, *told)
        raise KeyboardInterrupt

    monkeypatch.setattr(Office, "push", lose)
    with pytest.raises(KeyboardInterrupt):
        offices.sync_now(one)
    monkeypatch.undo()
    change(one, customer, remark="又改了")
    change(other, add_customer(other, name="李四"), remark="同时")
    sync_all(other, one)
    sync_all(other, one)
    assert of_desk(one) == of_desk(other) == of_office(office.database, str(staff_id))
    assert read(one, customer).revision == 2


def test_a_restored_backup_is_noticed_and_healed(
    office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID, tmp_path: Path
) -> None:
    """Numbers that head office has under other ids: the device enrols again and keeps its entries."""
    one, other = two
    customer = add_customer(one)
    offices.sync_now(one)
    one.close()
    copy = Profile(tmp_path / "copy")
    shutil.copytree(one.profile.folder, copy.folder)
    one = desks.unlock(one.profile, PASSPHRASE)
    change(one, customer, remark="后来的")
    offices.sync_now(one)
    one.close()
    restored = desks.unlock(copy, PASSPHRASE)
    try:
        change(restored, customer, occupation_text="从备份继续")
        with pytest.raises(Refused, match="重新登记"):
            offices.sync_now(restored)
        assert read(restored, customer).occupation_text == "从备份继续"
        office.seat(restored, staff_id)
        sync_all(restored, other)
        assert of_desk(restored) == of_desk(other) == of_office(office.database, str(staff_id))
        held = read(restored, customer)
        assert (held.remark, held.occupation_text) == ("后来的", "从备份继续")
    finally:
        restored.close()


def test_a_wrong_clock_is_told_on_both_sides_and_stops_nobody(
    office: HeadOffice, two: tuple[Desk, Desk], staff_id: UUID
) -> None:
    """Two hours ahead: the pass goes through, times stay as they are, and the difference is noted."""
    one, _other = two
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)):
        customer = add_customer(one)
        offices.sync_now(one)
    with one.read() as work:
        skew = work.session.scalars(sa.select(Entry).where(Entry.deed == Deed.CLOCK_SKEW)).first()
        assert skew is not None
        assert 7100 < (skew.changes or {})["seconds"][1] < 7300
    with office.database.read(str(staff_id)) as rows:
        from insuragent.headoffice import tables

        seen = {row.device: row.skew_seconds for row in rows.all(rows.select(tables.device))}
    assert 7100 < seen[one.actor.device_id] < 7300
    assert str(customer.id) in of_office(office.database, str(staff_id))


def test_without_head_office_nothing_is_lost_and_the_person_is_told(make_desk: NewDesk) -> None:
    """No network is a state: a clear word, everything kept."""
    desk = make_desk("alone")
    with desk.begin() as work:
        place.take_seat(work, place.Seat("http://127.0.0.1:9", "a/b", "00" * 32))
    DeviceKeys(desk.profile.folder, desk.key).keep(DeviceKey.generate())
    customer = add_customer(desk)
    with pytest.raises(Unreachable):
        offices.sync_now(desk)
    assert read(desk, customer).name == "王小明"
    with desk.read() as work:
        assert syncing.pending(work) == 1


def test_a_desk_that_was_never_enrolled_is_told_what_to_do(make_desk: NewDesk) -> None:
    """Not a fault: the person is told to ask for a code."""
    with pytest.raises(Refused) as told:
        offices.sync_now(make_desk("new"))
    assert told.value.code == "not_enrolled"
    assert "登记码" in told.value.advice


def test_what_was_pulled_is_in_the_history_once(two: tuple[Desk, Desk]) -> None:
    """The feed brings own entries back; they are known by their ids."""
    one, other = two
    customer = add_customer(one)
    sync_all(one, other)
    sync_all(one, other)
    with one.read() as work:
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Received)) == 1  # the staff record
        states = set(work.session.scalars(sa.select(Entry.state).where(Entry.record_id == customer.id)))
    assert states == {State.ACCEPTED}
    with other.read() as work:
        wanted = sa.select(sa.func.count()).select_from(Received).where(Received.record_id == customer.id)
        assert work.session.scalar(wanted) == 1
