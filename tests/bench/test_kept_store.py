"""The store that the benches keep holds the people whom the bench would invent today."""

from pathlib import Path

import pytest

from bench import people, store
from insuragent.models import Customer
from insuragent.store.store import Store
from insuragent.store.work import Actor


def held() -> list[str]:
    """The names in the kept store."""
    with Store(store.kept_store(), store.KEY) as opened, opened.read(Actor()) as work:
        return [row.name for row in work.rows(Customer.__table__.select().order_by(Customer.number))]


def test_a_stale_store_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept as long as the people are the same; other people, or an older program's mark, mean another store."""
    monkeypatch.setattr(store, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(store, "COUNT", 3)
    first = held()
    assert len(first) == 3
    made = (tmp_path / "kept" / "store.db").stat().st_ino
    assert held() == first
    assert (tmp_path / "kept" / "store.db").stat().st_ino == made
    (tmp_path / "kept" / "done").write_text("")
    assert held() == first
    monkeypatch.setattr(people, "SURNAMES", "欧")
    assert {name[0] for name in held()} == {"欧"}
