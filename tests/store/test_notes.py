"""The desk's own small values: kept and read within one transaction, by a writer alone."""

from typing import Any

import pytest

from insuragent.store.store import Store
from insuragent.store.work import Actor


@pytest.mark.parametrize("value", [0, False, "", [], {"number": 7, "chain": "ab"}, "张伟", None])
def test_a_note_comes_back_as_it_was_kept(store: Store, actor: Actor, value: Any) -> None:
    """Nothing, too, is a value: only what was never kept is the default."""
    with store.begin(actor) as work:
        assert work.note("place", "never kept") == "never kept"
        work.set_note("place", "before")
        work.set_note("place", value)
        assert work.note("place", "never kept") == value
    with store.read(actor) as work:
        assert work.note("place", "never kept") == value
        assert work.note("another") is None
        assert work.changed == set()


def test_a_note_shares_the_fate_of_its_transaction(store: Store, actor: Actor) -> None:
    """A failed use case, and a savepoint that is taken back, leave the value that was there."""
    with store.begin(actor) as work:
        work.set_note("cursor", 1)
        with pytest.raises(LookupError), work.session.begin_nested():
            work.set_note("cursor", 2)
            raise LookupError
        assert work.note("cursor") == 1
    with pytest.raises(LookupError), store.begin(actor) as work:
        work.set_note("cursor", 3)
        raise LookupError
    with store.read(actor) as work:
        assert work.note("cursor") == 1


def test_a_reader_keeps_no_note(store: Store, actor: Actor) -> None:
    """A unit of work for reading refuses it at once, not only when something is flushed."""
    with store.read(actor) as work:
        with pytest.raises(RuntimeError, match="only reads"):
            work.set_note("cursor", 1)
        assert work.note("cursor") is None
