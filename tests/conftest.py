"""What every test may ask for: an open store in a temporary profile, a member of staff, a fixed day."""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from uuid_utils.compat import uuid7

from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["OPENPYXL_LXML"] = "False"  # spreadsheets are written the same whether lxml is there or not
pytest_plugins = ["tests.office_fixtures"]


@pytest.fixture
def key() -> bytes:
    """A data key."""
    return secrets.token_bytes(32)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """An empty profile."""
    return Profile(tmp_path / "profile")


@pytest.fixture
def actor() -> Actor:
    """An agent on an enrolled device."""
    return Actor(staff_id=uuid7(), role="agent", device_id="device-a")


@pytest.fixture
def new_store(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Make further stores, each a desk of its own; all are closed at the end."""
    opened: list[Store] = []

    def make(name: str) -> Store:
        opened.append(Store(Profile(tmp_path / name), secrets.token_bytes(32), create=True))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(profile: Profile, key: bytes) -> Iterator[Store]:
    """A new, empty store."""
    with Store(profile, key, create=True) as opened:
        yield opened
