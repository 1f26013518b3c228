"""What the tests of rules share: the bundled policy and the stories' day."""

import datetime as dt

import pytest

from insuragent.products.policy_files import load_policy
from insuragent.rules.policy import Policy


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The bundled policy data."""
    return load_policy()


@pytest.fixture
def today() -> dt.date:
    """The day on which the stories are told."""
    return dt.date(2026, 11, 23)
