"""What the tests of products share: the bundled policy and the stories' day."""

import datetime as dt

import pytest

from insuragent.products.package import Package
from insuragent.products.package_files import load_catalogue
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


@pytest.fixture(scope="session")
def catalogue(policy: Policy) -> dict[str, Package]:
    """The bundled sample packages by code."""
    return load_catalogue(policy)
