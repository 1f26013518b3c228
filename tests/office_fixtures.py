"""Fixtures of syncing: head offices as real processes, desks as real files, one agent a test."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import keyring.backends.fail
import keyring.core
import pytest

from insuragent.services.desk import Desk
from tests import postgres
from tests.offices import HeadOffice, is_ci, new_desk, open_office
from tests.proxy import Link, failing_link, free_port

NewDesk = Callable[[str], Desk]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    mounted = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]).returncode == 0
    if not mounted:
        if is_ci():
            pytest.fail("a small tmpfs cannot be mounted here")
        pytest.skip("mounting a small tmpfs needs root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device keys of tests lie in their own folders."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """A real PostgreSQL."""
    try:
        with postgres.running() as server:
            yield server
    except postgres.PostgresMissing as error:
        (pytest.fail if is_ci() else pytest.skip)(str(error))


@pytest.fixture(scope="session")
def postgres_url(postgres_server: postgres.Postgres) -> str:
    """The address of the database of the session's head office on PostgreSQL."""
    return postgres_server.url(postgres_server.create())


@pytest.fixture
def empty_postgres(postgres_server: postgres.Postgres) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeadOffice]:
    """A running head office on SQLite."""
    folder = tmp_path_factory.mktemp("headoffice")
    with open_office(f"sqlite:///{folder / 'headoffice.db'}", folder) as office:
        yield office


@pytest.fixture(scope="session")
def postgres_office(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeadOffice]:
    """A running head office on PostgreSQL."""
    with open_office(postgres_url, tmp_path_factory.mktemp("headoffice")) as office:
        yield office


@pytest.fixture(params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest) -> HeadOffice:
    """A running head office, once on each database."""
    found: HeadOffice = request.getfixturevalue(f"{request.param}_office")
    return found


@pytest.fixture(scope="session")
def broken(
    postgres_server: postgres.Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[HeadOffice, Link]]:
    """A head office on PostgreSQL behind a link that can be broken; who uses it begins with ``heal``."""
    folder, port = tmp_path_factory.mktemp("behind"), free_port()
    url = postgres_server.url(postgres_server.create())
    with open_office(url, folder, (f"127.0.0.1:{port}",)) as office, failing_link(office.port, port) as link:
        yield office, link


@pytest.fixture
def make_desk(tmp_path: Path, no_ring: None) -> Iterator[NewDesk]:
    """Make desks that are closed at the end of the test."""
    made: list[Desk] = []

    def make(name: str) -> Desk:
        made.append(new_desk(tmp_path / name))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def staff_id(office: HeadOffice) -> UUID:
    """An agent of this test alone."""
    return office.appoint()


@pytest.fixture
def two(office: HeadOffice, staff_id: UUID, make_desk: NewDesk) -> tuple[Desk, Desk]:
    """Two enrolled desks of one agent."""
    one, other = (office.seat(make_desk(name), staff_id) for name in ("one", "other"))
    return one, other
