"""What the tests of services share: an agent who is known to head office, and an open desk."""

import datetime as dt
from collections.abc import Iterator

import pytest

from insuragent.models import Staff
from insuragent.security.keys import KdfCost
from insuragent.services import desk as desks
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor

PASSPHRASE = "晨光照在小河上 2026"
CHEAP = KdfCost(iterations=1, memory_kib=8, lanes=1)


@pytest.fixture
def agent(store: Store) -> Actor:
    """An agent whose licence is valid, as an enrolment leaves him."""
    with store.begin(Actor()) as work, work.taking_over():
        staff = work.add(
            Staff(
                name="林晓静",
                licence_no="00000244030000002026000123",
                licence_valid_to=dt.date(2027, 12, 31),
                company="示例人寿",
                branch="上海分公司",
                level="L3",
            )
        )
    return Actor(staff.id, "agent", "ab12cd34ef56")


@pytest.fixture
def desk(profile: Profile) -> Iterator[Desk]:
    """A new desk, opened."""
    opened, _code = desks.create(profile, PASSPHRASE, CHEAP)
    yield opened
    opened.close()
