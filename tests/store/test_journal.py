"""Every change enters the one journal, in the same transaction, and nothing can pass it by."""

import hashlib

import pytest
import sqlalchemy as sa

from insuragent.errors import NotPermitted, StoreDamaged
from insuragent.models import Customer, Deed, Entry, Visit
from insuragent.models.base import utc_now
from insuragent.models.journal import GENESIS, link_chain
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor


def entries(store: Store, actor: Actor) -> list[Entry]:
    """The whole journal in order."""
    with store.read(actor) as work:
        return list(work.session.scalars(sa.select(Entry).order_by(Entry.number)))


def new_customer(store: Store, actor: Actor, **values: object) -> Customer:
    """Save one customer."""
    with store.begin(actor) as work:
        return work.add(Customer(**({"name": "张伟"} | values)))


def test_a_creation_and_a_change_are_entered(store: Store, actor: Actor) -> None:
    """Was and now of each changed field, who and on which device; unchanged fields are not mentioned."""
    customer = new_customer(store, actor, mobile="13800138000")
    with store.begin(actor) as work:
        work.get(Customer, customer.id).mobile = "13900139000"
    created, changed = entries(store, actor)
    assert (created.deed, created.changes["name"]) == (Deed.CREATE, [None, "张伟"])
    assert (changed.deed, changed.changes) == (Deed.CHANGE, {"mobile": ["13800138000", "13900139000"]})
    assert (changed.kind, changed.record_id, changed.actor_id) == ("customer", customer.id, actor.staff_id)
    assert (changed.device_id, changed.number, changed.state) == ("device-a", 2, "pending")


def test_setting_the_same_value_enters_nothing(store: Store, actor: Actor) -> None:
    """A form that saves what was there leaves no trace."""
    customer = new_customer(store, actor)
    with store.begin(actor) as work:
        work.get(Customer, customer.id).name = "张伟"
    assert len(entries(store, actor)) == 1


def test_archive_and_restore_have_their_own_deeds(store: Store, actor: Actor) -> None:
    """Archiving is a change of one field that the journal calls by its name."""
    customer = new_customer(store, actor)
    for moment in (utc_now(), None):
        with store.begin(actor) as work:
            work.get(Customer, customer.id).archived_at = moment
    assert [e.deed for e in entries(store, actor)] == [Deed.CREATE, Deed.ARCHIVE, Deed.RESTORE]


def test_a_rolled_back_change_leaves_no_entry(store: Store, actor: Actor) -> None:
    """Entry and change stand or fall together, and the numbering stays without a gap."""
    with pytest.raises(ZeroDivisionError), store.begin(actor) as work:
        work.add(Customer(name="李娜"))
        work.flush()
        raise ZeroDivisionError
    new_customer(store, actor)
    assert [e.number for e in entries(store, actor)] == [1]


def test_records_are_never_deleted(store: Store, actor: Actor) -> None:
    """Deleting is refused with a reason."""
    customer = new_customer(store, actor)
    with pytest.raises(NotPermitted), store.begin(actor) as work:
        work.session.delete(work.get(Customer, customer.id))
    with store.read(actor) as work:
        assert work.count(Customer) == 1


@pytest.mark.parametrize(
    "statement", [sa.update(Customer).values(name="x"), sa.delete(Customer), sa.insert(Customer).values(name="x")]
)
def test_bulk_statements_on_records_are_refused(store: Store, actor: Actor, statement: sa.Executable) -> None:
    """A bulk statement would change records behind the journal's back."""
    with pytest.raises(RuntimeError, match="journal"), store.begin(actor) as work:
        work.session.execute(statement)


def test_the_chain_covers_every_entry(store: Store, actor: Actor) -> None:
    """Each digest covers its content, each link the digest and the link before."""
    for number in range(5):
        new_customer(store, actor, remark=f"第{number}位")
    before = GENESIS
    for entry in entries(store, actor):
        assert entry.digest == hashlib.sha256(entry.sealed()).digest()
        before = link_chain(before, entry.digest)
        assert entry.chain == before
    assert store.head.chain == before


def test_a_deed_without_a_change_is_told(store: Store, actor: Actor) -> None:
    """A reveal names the record, the field and the reason, never the value."""
    customer = new_customer(store, actor)
    with store.begin(actor) as work:
        work.tell(Deed.VIEW_SENSITIVE, work.get(Customer, customer.id), "核对身份", field="doc_no")
    told = entries(store, actor)[-1]
    assert (told.deed, told.reason, told.changes) == (Deed.VIEW_SENSITIVE, "核对身份", {"field": [None, "doc_no"]})


def test_what_head_office_sent_is_not_entered_again(store: Store, actor: Actor) -> None:
    """Taking over keeps the record and announces it, but the desk's own journal stays silent."""
    with store.begin(actor) as work, work.taking_over():
        work.add(Customer(name="王芳"))
    assert (entries(store, actor), [kind for kind, _ in work.changed]) == ([], ["customer"])


def test_a_link_to_nothing_is_refused_at_commit(store: Store, actor: Actor) -> None:
    """Within a transaction the order is free; at its end every link must lead somewhere."""
    now = utc_now()
    stray = Customer(name="未保存")
    with pytest.raises(sa.exc.IntegrityError), store.begin(actor) as work:
        work.add(Visit(customer_id=stray.id, purpose="care", planned_start=now, planned_end=now))
    assert entries(store, actor) == []


def test_a_rolled_back_file_raises_an_alarm(store: Store, profile: Profile, key: bytes, actor: Actor) -> None:
    """An old copy of the file opens without an error; the anchor outside knows better and counts what is missing."""
    new_customer(store, actor)
    store.close()
    old = profile.database.read_bytes()
    with Store(profile, key) as opened:
        assert opened.alarms == []
        for _ in range(3):
            new_customer(opened, actor)
    profile.database.write_bytes(old)
    with Store(profile, key) as opened:
        (alarm,) = opened.alarms
        assert "3" in str(alarm)
        assert alarm.advice


def test_a_lost_anchor_is_told_and_made_anew(store: Store, profile: Profile, key: bytes, actor: Actor) -> None:
    """Deleting the anchor does not go unnoticed, and does not stop the day."""
    new_customer(store, actor)
    store.close()
    profile.anchor.unlink()
    with Store(profile, key) as opened:
        assert len(opened.alarms) == 1
        new_customer(opened, actor)
    with Store(profile, key) as opened:
        assert opened.alarms == []


def test_an_altered_journal_is_refused(store: Store, profile: Profile, key: bytes, actor: Actor) -> None:
    """Rewriting the newest entry breaks the anchor."""
    new_customer(store, actor)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE journal SET chain = zeroblob(32)")
        connection.commit()
    store.close()
    with pytest.raises(StoreDamaged):
        Store(profile, key)


def test_a_reader_cannot_write(store: Store, actor: Actor) -> None:
    """A unit of work for reading refuses a flush, and a deed as well."""
    with pytest.raises(RuntimeError, match="only reads"), store.read(actor) as work:
        work.add(Customer(name="x"))
        work.flush()
    with pytest.raises(RuntimeError, match="only reads"), store.read(actor) as work:
        work.tell(Deed.UNLOCK)
