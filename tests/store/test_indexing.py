"""The index follows what is saved: found by the next reader, whatever happens in between."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from insuragent.errors import DiskFull
from insuragent.models import Customer
from insuragent.settings import Profile
from insuragent.store import indexing, search
from insuragent.store.store import Store
from insuragent.store.work import Actor, UnitOfWork


def save(store: Store, actor: Actor, *names: str) -> None:
    """Customers with these names."""
    with store.begin(actor) as work:
        for name in names:
            work.add(Customer(name=name))


def found(work: UnitOfWork, question: str) -> set[str]:
    """The names that a question finds."""
    return {customer.name for customer in search.find(work.session, Customer, question)}


def marks(store: Store, actor: Actor) -> list[tuple[int, int]]:
    """What the index is behind with, as seen by a writer, for whom nothing is brought up to date."""
    with store.begin(actor) as work:
        return [(first, last) for _kind, first, last in indexing.behind(work.session)]


def test_saving_marks_and_reading_enters(store: Store, actor: Actor) -> None:
    """Neighbours are one mark; after the reader nothing is marked any more."""
    save(store, actor, "王芳", "李强", "张伟")
    assert marks(store, actor) == [(1, 3)]
    with store.read(actor) as work:
        assert found(work, "zhangwei") == {"张伟"}
    assert marks(store, actor) == []


def test_what_was_marked_and_is_gone_is_not_entered(store: Store, actor: Actor) -> None:
    """A customer is changed and erased before anybody reads: nothing of him is left to be entered."""
    save(store, actor, "王芳", "李强")
    with store.read(actor):
        pass
    with store.begin(actor) as work:
        work.scalars(sa.select(Customer).where(Customer.number == 1))[0].name = "王芬"
        work.flush()
        indexing.forget(work.session, Customer.kind(), [1])
        work.session.connection().exec_driver_sql("DELETE FROM customer WHERE number = 1")
    with store.read(actor) as work:
        assert (found(work, "王芳"), found(work, "李强")) == (set(), {"李强"})
    assert marks(store, actor) == []


def test_what_the_index_does_not_read_marks_nothing(store: Store, actor: Actor) -> None:
    """A new stage is no new token; a new name is, and takes the old one's place."""
    save(store, actor, "王芳")
    with store.read(actor) as work:
        assert found(work, "王芳") == {"王芳"}
    with store.begin(actor) as work:
        search.find(work.session, Customer, "王芳")[0].stage = "in_force"
    assert marks(store, actor) == []
    with store.begin(actor) as work:
        search.find(work.session, Customer, "王芳")[0].name = "王秀英"
    assert marks(store, actor) == [(1, 1)]
    with store.read(actor) as work:
        assert (found(work, "王芳"), found(work, "xiuying")) == (set(), {"王秀英"})


def test_a_unit_of_work_finds_what_it_has_not_committed(store: Store, actor: Actor) -> None:
    """A writer asks within its own transaction, and what it rolls back is found by nobody."""
    with pytest.raises(KeyError), store.begin(actor) as work:
        work.add(Customer(name="欧阳修"))
        assert found(work, "ouyang") == {"欧阳修"}
        raise KeyError
    with store.read(actor) as work:
        assert found(work, "ouyang") == set()


def test_an_end_before_the_reader_loses_no_mark(profile: Profile, key: bytes, actor: Actor) -> None:
    """The mark is as durable as the record: the next start finds it."""
    with Store(profile, key, create=True) as store:
        save(store, actor, "司马光")
    with Store(profile, key) as store, store.read(actor) as work:
        assert found(work, "simaguang") == {"司马光"}


def test_a_reader_does_not_wait_for_a_writer(store: Store, actor: Actor) -> None:
    """He reads what was there before; the one after the writer finds everything."""
    save(store, actor, "王芳")
    writing, read = threading.Event(), threading.Event()

    def write() -> None:
        with store.begin(actor) as work:
            work.add(Customer(name="李强"))
            work.flush()
            writing.set()
            assert read.wait(20)

    thread = threading.Thread(target=write)
    thread.start()
    assert writing.wait(20)
    with store.read(actor) as work:
        assert [customer.name for customer in work.scalars(sa.select(Customer))] == ["王芳"]
    read.set()
    thread.join()
    with store.read(actor) as work:
        assert (found(work, "王芳"), found(work, "李强")) == ({"王芳"}, {"李强"})


def test_a_reader_within_a_writer_leaves_the_index_alone(store: Store, actor: Actor) -> None:
    """The same thread holds the write lock of the file already: to wait for it would be for ever."""
    save(store, actor, "王芳")
    with store.begin(actor), store.read(actor) as work:
        assert work.count(Customer) == 1
    assert marks(store, actor) == [(1, 1)]


def test_a_full_disk_stops_no_reader(store: Store, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records are read all the same, and found once there is room."""
    save(store, actor, "王芳")
    enter: Callable[..., None] = indexing.catch_up

    def no_room(session: object) -> None:
        raise DiskFull

    monkeypatch.setattr(indexing, "catch_up", no_room)
    with store.read(actor) as work:
        assert work.count(Customer) == 1
    monkeypatch.setattr(indexing, "catch_up", enter)
    with store.read(actor) as work:
        assert found(work, "wangfang") == {"王芳"}
