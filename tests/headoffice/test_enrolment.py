"""One-time codes: used once, for a quarter of an hour, ten guesses, and never kept as they are."""

import datetime as dt
import secrets
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.enrolment import MOST_TRIES, Enrolment
from insuragent.headoffice.signing import create_key, load_key
from insuragent.models.journal import GENESIS
from insuragent.sync.protocol.devices import Enrol, EnrolAnswer, enrolment_words
from tests.offices import HeadOffice

NOW = dt.datetime(2026, 11, 24, 2, tzinfo=dt.UTC)


@pytest.fixture
def office(tmp_path: Path) -> HeadOffice:
    """A head office that does not serve; its rules are asked directly."""
    return HeadOffice(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path)


@pytest.fixture
def enrolment(office: HeadOffice) -> Enrolment:
    """The list of devices."""
    return Enrolment(office.database, load_key(office.database))


def message(code: str, proved: str | None = None) -> Enrol:
    """An enrolment with a key of its own; ``proved`` is the code that the proof is for."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    proof = key.sign(enrolment_words(code if proved is None else proved, public))
    return Enrol(code, public, proof, 0, GENESIS.hex(), "office laptop")


def enrol(enrolment: Enrolment, code: str, address: str = "10.0.0.1", proved: str | None = None) -> EnrolAnswer:
    """Enrol a new device."""
    return enrolment.enrol(message(code, proved), address)


def test_a_code_makes_a_device_known_once(office: HeadOffice, enrolment: Enrolment) -> None:
    """The first use is answered with the agent's record; the second is refused."""
    staff_id = office.appoint()
    code = enrolment.issue(str(staff_id))
    answer = enrol(enrolment, code)
    assert (answer.staff_id, answer.staff["name"]) == (staff_id, "林晓静")
    with pytest.raises(Refused) as told:
        enrol(enrolment, code)
    assert told.value.code == "bad_code"
    (device,) = enrolment.devices()
    assert (device.device, device.name, device.state) == (answer.device_id, "office laptop", "active")


def test_a_code_may_be_typed_as_people_type(office: HeadOffice, enrolment: Enrolment) -> None:
    """Small letters and blanks do not matter."""
    code = enrolment.issue(str(office.appoint()))
    assert enrol(enrolment, code.lower().replace("-", " ")).device_id


def test_a_code_ends_after_a_quarter_of_an_hour(office: HeadOffice, enrolment: Enrolment) -> None:
    """And not before."""
    with time_machine.travel(NOW, tick=False) as clock:
        codes = [enrolment.issue(str(office.appoint())) for _ in range(2)]
        clock.shift(dt.timedelta(minutes=14, seconds=59))
        assert enrol(enrolment, codes[0]).device_id
        clock.shift(dt.timedelta(seconds=2))
        with pytest.raises(Refused):
            enrol(enrolment, codes[1])


def test_a_guessed_code_dies_after_ten_tries(office: HeadOffice, enrolment: Enrolment) -> None:
    """Also when each guess comes from another address."""
    code = enrolment.issue(str(office.appoint()))
    handle = code[:4]
    for number in range(MOST_TRIES):
        with pytest.raises(Refused):
            enrol(enrolment, handle + secrets.token_hex(4), f"10.0.1.{number}")
    with pytest.raises(Refused):
        enrol(enrolment, code, "10.0.2.1")


def test_an_address_that_guesses_is_shut_out_for_a_while(office: HeadOffice, enrolment: Enrolment) -> None:
    """Ten wrong codes, then even a right one; others are not held up, and a while later it may try again."""
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(MOST_TRIES):
            with pytest.raises(Refused):
                enrol(enrolment, "ZZZZZZZZZZZZ")
        code = enrolment.issue(str(office.appoint()))
        with pytest.raises(Refused) as told:
            enrol(enrolment, code)
        assert told.value.code == "too_many_tries"
        assert enrol(enrolment, code, "10.0.0.2").device_id
        clock.shift(dt.timedelta(minutes=16))
        assert enrol(enrolment, enrolment.issue(str(office.appoint()))).device_id


def test_a_key_must_be_proved(office: HeadOffice, enrolment: Enrolment) -> None:
    """Somebody else's public key, or a proof for another code, enrols nothing and uses nothing up."""
    code = enrolment.issue(str(office.appoint()))
    with pytest.raises(Refused):
        enrol(enrolment, code, proved="another code")
    assert enrol(enrolment, code).device_id


def test_a_desk_of_another_agent_is_refused(office: HeadOffice, enrolment: Enrolment) -> None:
    """One agent's desk with another's code would carry its customers over; the code of the right one still works."""
    theirs, mine = office.appoint(), office.appoint()
    told = message(enrolment.issue(str(theirs)))
    for bent in ({"settled": 7, "chain": "ab" * 32}, {"staff_id": mine}):
        with pytest.raises(Refused) as refused:
            enrolment.admit(msgspec.structs.replace(told, **bent), str(theirs), "device")
        assert refused.value.code == "foreign_journal"
    assert enrolment.devices() == []


def test_what_a_desk_says_was_taken_is_looked_up(office: HeadOffice, enrolment: Enrolment) -> None:
    """Nobody skips entries by saying that they were taken: known by number and hash, or told again from the first."""
    staff_id = office.appoint()
    with office.database.read(str(staff_id)) as rows:
        (entry,) = rows.all(rows.select(tables.entry))
    told = msgspec.structs.replace(message("x"), staff_id=staff_id)
    for name, number, chain, last in (("a", 1, entry.chain, 1), ("b", 1, "ab" * 32, 0), ("c", 2, entry.chain, 0)):
        enrolment.admit(msgspec.structs.replace(told, settled=number, chain=chain), str(staff_id), name)
        with office.database.read(str(staff_id)) as rows:
            row = rows.find(tables.device, tables.device.c.device == name)
        assert row is not None
        assert (row.last, row.chain) == (last, entry.chain if last else GENESIS.hex())


def test_nobody_unknown_gets_a_code(enrolment: Enrolment) -> None:
    """A code is for a member of staff."""
    with pytest.raises(Refused) as told:
        enrolment.issue("nobody")
    assert told.value.code == "unknown_staff"


def test_the_database_does_not_hold_the_code(office: HeadOffice, enrolment: Enrolment) -> None:
    """Whoever reads the database cannot enrol with what is there."""
    code = enrolment.issue(str(office.appoint())).replace("-", "")
    with office.database.read(tables.OFFICE) as rows:
        (row,) = rows.all(rows.select(tables.code))
    assert code[4:].encode() not in row.digest
    assert code not in str(row)


def test_the_key_stays_the_same(office: HeadOffice) -> None:
    """Initialising twice changes nothing: every desk knows head office by it."""
    before = load_key(office.database).public_bytes
    create_key(office.database)
    assert load_key(office.database).public_bytes == before


def test_withdrawing_an_unknown_device_is_told(enrolment: Enrolment) -> None:
    """A clear answer, and no device of another name harmed."""
    with pytest.raises(Refused) as told:
        enrolment.revoke("none")
    assert told.value.code == "unknown_device"
    assert sa.inspect(enrolment._database.engine).has_table("device")
