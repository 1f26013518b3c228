"""Whom a desk believes: the company's own authority once it is pinned, else the system's; http on this machine only."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from insuragent.cli.console import PASSPHRASE_FILE
from insuragent.errors import BadFile, Refused
from insuragent.services import customers, syncing
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import client, place
from tests.office_fixtures import NewDesk
from tests.offices import PASSPHRASE, HeadOffice, new_desk, open_office
from tests.proxy import free_port
from tests.tls import tls_before


@pytest.fixture(scope="module")
def port() -> int:
    """Where TLS is served."""
    return free_port()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[HeadOffice]:
    """A head office that is addressed by the name of the proxy before it."""
    folder = tmp_path_factory.mktemp("headoffice")
    with open_office(f"sqlite:///{folder / 'headoffice.db'}", folder, (f"localhost:{port}",)) as opened:
        yield opened


@pytest.fixture(scope="module")
def company() -> trustme.CA:
    """The company's own certificate authority."""
    return trustme.CA()


@pytest.fixture
def ca_file(company: trustme.CA, tmp_path: Path) -> Path:
    """Its certificate, as head office hands it out."""
    company.cert_pem.write_to_path(str(tmp_path / "company.pem"))
    return tmp_path / "company.pem"


@pytest.fixture
def address(office: HeadOffice, company: trustme.CA, port: int) -> Iterator[str]:
    """Head office behind TLS with the company's own certificate."""
    with tls_before(office.port, company, port=port) as served:
        yield served


def seated(office: HeadOffice, desk: Desk, address: str, ca_file: Path | None) -> Desk:
    """Enrol a desk of a new agent."""
    offices.enrol(desk, address, office.code(office.appoint()), ca_file)
    return desk


def test_a_pinned_authority_is_believed(office: HeadOffice, make_desk: NewDesk, address: str, ca_file: Path) -> None:
    """Enrolment, sync and the look whether head office is there all go by it."""
    desk = seated(office, make_desk("one"), address, ca_file)
    with desk.begin() as work:
        customers.create(work, {"name": "王𬭎"})
    assert offices.sync_now(desk).sent > 0
    assert offices.in_reach(desk)
    with desk.read() as work:
        assert syncing.status(work).pending == 0
    offices.enrol(desk, address, office.code(desk.actor.staff_id or office.appoint()))
    with desk.read() as work:
        seat = place.seat(work)
    assert seat is not None
    assert "BEGIN CERTIFICATE" in seat.ca, "enrolled again without the file, it keeps what is pinned"


def test_without_the_pin_a_private_certificate_is_refused(office: HeadOffice, make_desk: NewDesk, address: str) -> None:
    """The system knows no such authority: told in words, and the code was never sent."""
    code, desk = office.code(office.appoint()), make_desk("one")
    with pytest.raises(Refused) as error:
        offices.enrol(desk, address, code)
    assert error.value.code == "not_trusted"
    assert "公司证书" in error.value.advice
    assert client.answers(address) is False
    with desk.read() as work:
        assert place.seat(work) is None


def test_another_authority_is_refused(
    office: HeadOffice, make_desk: NewDesk, address: str, ca_file: Path, company: trustme.CA, port: int
) -> None:
    """Somebody in the middle with a certificate of his own gets nothing, before the enrolment and after it."""
    stranger = ca_file.with_name("stranger.pem")
    trustme.CA().cert_pem.write_to_path(str(stranger))
    with pytest.raises(Refused, match="不能验证"):
        seated(office, make_desk("one"), address, stranger)
    desk = seated(office, make_desk("two"), address, ca_file)
    with desk.begin() as work:
        customers.create(work, {"name": "王𬭎"})
        seat = place.seat(work)
        assert seat is not None
        place.take_seat(work, place.Seat(f"https://localhost:{free_port()}", seat.key_id, seat.server_key, seat.ca))
    with desk.read() as work:
        moved = place.seat(work)
    assert moved is not None
    with tls_before(office.port, trustme.CA(), port=int(moved.address.rpartition(":")[2])):
        with pytest.raises(Refused) as error:
            offices.sync_now(desk)
        assert error.value.code == "not_trusted"
        assert offices.in_reach(desk) is False
    with desk.read() as work:
        assert syncing.status(work).pending > 0, "nothing was sent, and nothing is lost"


def test_a_certificate_for_another_name_is_refused(
    office: HeadOffice, make_desk: NewDesk, company: trustme.CA, ca_file: Path
) -> None:
    """The right authority, but not for this server."""
    with tls_before(office.port, company, name="other.example") as served:
        with pytest.raises(Refused) as error:
            seated(office, make_desk("one"), served, ca_file)
        assert error.value.code == "not_trusted"


def test_what_is_no_certificate_is_told(office: HeadOffice, make_desk: NewDesk, address: str, tmp_path: Path) -> None:
    """A file that is none, and none at all."""
    nonsense = tmp_path / "x.pem"
    nonsense.write_text("nonsense")
    with pytest.raises(Refused) as error:
        seated(office, make_desk("one"), address, nonsense)
    assert error.value.code == "bad_ca"
    with pytest.raises(BadFile):
        seated(office, make_desk("two"), address, tmp_path / "none.pem")


@pytest.mark.parametrize("address", ["http://office.example", "http://10.0.0.1:8040", "ftp://localhost", "nonsense"])
def test_plain_http_goes_to_this_machine_only(make_desk: NewDesk, address: str) -> None:
    """Whatever was typed, nothing goes over a network unencrypted."""
    with pytest.raises(Refused) as error:
        offices.enrol(make_desk("one"), address, "ABCD-EFGH-JKMN")
    assert error.value.code == "bad_address"


def test_the_command_line_enrols(
    office: HeadOffice, no_ring: None, address: str, ca_file: Path, tmp_path: Path
) -> None:
    """With the company's certificate; a wrong code is refused in words."""
    new_desk(tmp_path / "desk").close()
    (tmp_path / "pass").write_text(PASSPHRASE, encoding="utf-8")
    environment = os.environ | {
        PASSPHRASE_FILE: str(tmp_path / "pass"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }

    def run(code: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "insuragent", "enrol", "--json", "--profile", str(tmp_path / "desk")]
        command += [address, code, "--ca", str(ca_file)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    refused = run("WRNG-CODE-HERE")
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    told = run(office.code(office.appoint()))
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["staff"] == "林晓静"
