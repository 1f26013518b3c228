"""Whose keys seal documents: head office publishes them, desks take them over, and a file is verified by them."""

import dataclasses
import datetime as dt
import json
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from insuragent import cli
from insuragent.documents.sheet import archive_sheet
from insuragent.documents.signing import Signer
from insuragent.errors import BadFile, DeviceRevoked, Refused
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.sealers import Sealers as Published
from insuragent.headoffice.signing import load_key
from insuragent.services import office as offices
from insuragent.services import proving, sealers, verifying
from insuragent.services.desk import Desk
from insuragent.services.sealers import Sealers
from insuragent.sync.protocol.sealers import SealerList
from tests.documents import sample_sheet
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice

LICENCE = "00000244030000002026000123"


def sealed(desk: Desk, at: dt.datetime, name: str = "林晓静", licence_no: str = LICENCE) -> bytes:
    """A sheet that a desk sealed at a moment."""
    shown = sample_sheet.shown("DEMO-TERM")
    proof = proving.proof(
        shown, "SM-1", {**sample_sheet.CASES["DEMO-TERM"], "product": "DEMO-TERM", "date": "2026-11-23"}
    )
    content = dataclasses.replace(sample_sheet.signed("DEMO-TERM"), printed_at=at)
    with desk.read() as work:
        key = work.document_key.private_key
    return archive_sheet(content, proof, Signer(key, name, licence_no, "d", "客户签署 SM-1"))


def keys_of(desk: Desk) -> Sealers:
    """What a desk knows."""
    with desk.read() as work:
        return sealers.sealers(work)


def device_of(office: HeadOffice, desk: Desk) -> str:
    """A desk's name at head office."""
    with desk.read() as work:
        return work.actor.device_id


def written(office: HeadOffice, file: Path) -> Path:
    """The list as head office writes it to a file."""
    listed = Published(office.database, load_key(office.database)).listed()
    file.write_bytes(msgspec.json.encode(listed))
    return file


def now() -> dt.datetime:
    """This second."""
    return dt.datetime.now(dt.UTC)


def test_a_colleagues_desk_says_whose_device_sealed(
    office: HeadOffice, two: tuple[Desk, Desk], make_desk: NewDesk
) -> None:
    """It comes with an ordinary pass; a stranger's key, an agent's name or not, is asked for once it was met, and is
    none of the company's."""
    one, other = two
    stranger = make_desk("stranger")
    data = sealed(one, now() + dt.timedelta(minutes=1))
    assert verifying.verify_bytes(data, keys_of(other)).known_key == "unknown"
    offices.sync_now(one)
    offices.sync_now(other)
    found = verifying.verify_bytes(data, keys_of(other))
    assert found.faults == ()
    assert (found.known_key, found.agent, found.device_valid) == ("yes", f"林晓静 {LICENCE}", "yes")
    assert found.device == device_of(office, one)
    forged = sealed(stranger, now())
    met = verifying.verify_bytes(forged, keys_of(other))
    assert (met.known_key, met.agent, met.device_valid) == ("unknown", "", "unknown")
    with other.begin() as work:
        sealers.ask(work, met.key)
    offices.sync_now(other)
    refused = verifying.verify_bytes(forged, keys_of(other))
    assert (refused.known_key, refused.sound) == ("no", False)
    assert verifying.verify_bytes(data, keys_of(other)).sound


def test_a_device_that_was_withdrawn_is_known_for_what_it_sealed_before(
    office: HeadOffice, two: tuple[Desk, Desk]
) -> None:
    """What it sealed afterwards is refused; what it sealed before it was made known at a table is told apart."""
    one, other = two
    offices.sync_now(one)
    early, before = sealed(one, now() - dt.timedelta(days=1)), sealed(one, now())
    Enrolment(office.database, load_key(office.database)).revoke(device_of(office, one))
    after = sealed(one, now() + dt.timedelta(minutes=1))
    with pytest.raises(DeviceRevoked):
        offices.sync_now(one)
    offices.sync_now(other)
    keys = keys_of(other)
    assert [verifying.verify_bytes(data, keys).device_valid for data in (early, before, after)] == [
        "before",
        "yes",
        "after",
    ]
    assert verifying.verify_bytes(before, keys).sound
    assert verifying.verify_bytes(early, keys).sound
    assert any("已停用这台设备" in fault for fault in verifying.verify_bytes(after, keys).faults)


def test_a_seal_tells_whole_seconds() -> None:
    """One of the second in which its device was made known is not from before; one of the second after the end is."""
    since = dt.datetime(2026, 11, 26, 3, 0, 0, 700_000, dt.UTC)
    device = sealers.Device("d", "林晓静", LICENCE, since, since + dt.timedelta(minutes=1))
    second, moment = dt.timedelta(seconds=1), since.replace(microsecond=0)
    told = [device.standing(at) for at in (moment - second, moment, moment + 60 * second, moment + 61 * second)]
    assert told == ["before", "yes", "yes", "after"]


def test_a_device_seals_in_its_own_agents_name(office: HeadOffice, two: tuple[Desk, Desk]) -> None:
    """A colleague's name in the certificate is a fault, though the key is known."""
    one, other = two
    offices.sync_now(one)
    offices.sync_now(other)
    lent = verifying.verify_bytes(sealed(one, now(), "别人", "1"), keys_of(other))
    assert lent.known_key == "yes"
    assert any("不是这台设备的人员" in fault for fault in lent.faults)


def test_only_what_changed_is_told(office: HeadOffice, staff_id: UUID, make_desk: NewDesk) -> None:
    """A page at a time; and where head office is an older copy, the desk's list begins anew."""
    desks = [office.seat(make_desk(f"desk {number}"), staff_id) for number in range(3)]
    for desk in desks:
        offices.sync_now(desk)
    published = Published(office.database, load_key(office.database))
    whole = published.listed()
    known, told = 0, []
    while True:
        page = published.listed(known, 1)
        told += page.sealers
        known = page.number
        if not page.more:
            break
    assert told == whole.sealers
    assert published.listed(known).sealers == []
    with desks[0].begin() as work:
        work.set_note("sealers_near", known + 1000)
    offices.sync_now(desks[0])
    assert keys_of(desks[0]).published == keys_of(desks[2]).published
    with desks[2].read() as work:
        own = work.document_key.fingerprint
    assert own in (keys_of(desks[2]).published or {})
    assert (keys_of(desks[2]).published or {}).keys() <= {one.key for one in whole.sealers}


def test_a_key_is_told_once(office: HeadOffice, two: tuple[Desk, Desk]) -> None:
    """A device that later names another key changes nothing."""
    one, _other = two
    offices.sync_now(one)
    with one.read() as work:
        seat = offices._seat(one)[0]
        mine = work.document_key.fingerprint
    from insuragent.headoffice import sealers as hearing
    from insuragent.headoffice import tables

    with office.database.begin(str(seat.agent)) as rows:
        device = seat.key_id.partition("/")[2]
        row = rows.find(tables.device, tables.device.c.device == device)
        assert row is not None
        hearing.hear(rows, row, "f" * 64)
    listed = Published(office.database, load_key(office.database)).listed()
    assert [told.key for told in listed.sealers if told.device == device] == [mine]


def test_the_list_goes_to_a_machine_without_a_desk(
    office: HeadOffice, two: tuple[Desk, Desk], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``headoffice keys`` writes it, ``verify --keys`` believes head office's signature; nothing else is there."""
    one, _other = two
    offices.sync_now(one)
    sheet, listed = tmp_path / "sheet.pdf", tmp_path / "keys.json"
    sheet.write_bytes(sealed(one, now()))

    def typed(*words: object) -> tuple[int, dict[str, str]]:
        code = cli.run([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, told = typed("headoffice", "keys", "--db", office.url, "--key-file", office.key_file, "--out", listed)
    assert code == 0
    code, found = typed("verify", sheet, "--keys", listed, "--office", told["office"])
    assert (code, found["known_key"], found["device_valid"], found["keys_signed_by"]) == (0, "yes", "yes", "")
    assert found["agent"] == f"林晓静 {LICENCE}"
    code, found = typed("verify", sheet, "--keys", listed)
    assert (code, found["keys_signed_by"]) == (0, told["office"])
    code, found = typed("verify", sheet)
    assert (code, found["known_key"], found["agent"]) == (0, "unknown", "")


def test_a_list_that_is_not_head_offices_is_refused(office: HeadOffice, two: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Changed by a letter, of another company, a part of one, or no list at all."""
    one, _other = two
    offices.sync_now(one)
    file = written(office, tmp_path / "keys.json")
    told = msgspec.json.decode(file.read_bytes(), type=SealerList)
    mine = load_key(office.database).public_bytes
    assert sealers.from_file(file, mine).unproven == ""
    with pytest.raises(Refused, match="另一家总公司"):
        sealers.from_file(file, bytes(32))
    file.write_bytes(file.read_bytes().replace("林晓静".encode(), "林晓净".encode(), 1))
    with pytest.raises(Refused, match="被改动过"):
        sealers.from_file(file)
    for change in ({"number": told.number + 1}, {"sealers": told.sealers[1:]}, {"office": bytes(32)}):
        file.write_bytes(msgspec.json.encode(msgspec.structs.replace(told, **change)))
        with pytest.raises((Refused, BadFile)):
            sealers.from_file(file)
    page = Published(office.database, load_key(office.database)).listed(told.number - 1)
    for data in (msgspec.json.encode(page), b"", b"{}", b"\xff", b"%PDF-1.7"):
        file.write_bytes(data)
        with pytest.raises(BadFile):
            sealers.from_file(file)
    with pytest.raises(BadFile):
        sealers.from_file(tmp_path / "missing.json")
