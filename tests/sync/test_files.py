"""The bytes beside the records: every one arrives, once, wherever the line breaks; and none that may not."""

import hashlib
import io
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tusclient import client as tus_client

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.files import files_at
from insuragent.headoffice.signing import load_key
from insuragent.models import Attachment
from insuragent.models.attachment import AttachmentUse
from insuragent.security.device import DeviceKeys
from insuragent.services import customers, scans, sheets
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import attachments, client, place, progress, syncer
from insuragent.sync.protocol.files import FileOffer, FilesAnswer, FilesAsked
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice
from tests.proxy import Direction, Link
from tests.services.test_stories import png

PDF = b"%PDF-1.7\n"


def a_file(size: int) -> bytes:
    """Bytes that nothing can pack."""
    return PDF + secrets.token_bytes(size - len(PDF))


def attach(desk: Desk, data: bytes, media: str = "application/pdf") -> Attachment:
    """A file that hangs on a new customer."""
    with desk.begin() as work:
        customer = customers.create(work, {"name": "王𬭎"})
        return sheets.attach(work, customer, AttachmentUse.EVIDENCE, "证据.pdf", media, data)


def promised(desk: Desk, data: bytes) -> Attachment:
    """A file whose record is at head office already, and of whose bytes none are."""
    kept = attach(desk, data)
    with desk.begin() as work:
        work.blobs.remove(kept.sha256)
    offices.sync_now(desk)
    return kept


def at_office(office: HeadOffice, staff_id: UUID) -> dict[str, Any]:
    """The state of each of an agent's files at head office."""
    with office.database.read(str(staff_id)) as rows:
        return {row.sha256: (row.state, row.size) for row in rows.all(rows.select(tables.file))}


def test_the_bytes_follow_their_record_to_the_other_desk(
    office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk]
) -> None:
    """Sent after the record, fetched by the other; the receipt counts them; nothing is carried twice."""
    one, other = two
    data = a_file(300_000)
    kept = attach(one, data)
    outcome = offices.sync_now(one)
    assert (outcome.files, outcome.receipt and outcome.receipt.files) == (1, {"stored": 1})
    assert at_office(office, staff_id) == {kept.sha256: ("stored", len(data))}
    offices.sync_now(other)
    with other.read() as work:
        assert work.blobs.get(kept.sha256) == data
    assert offices.sync_now(one).files == offices.sync_now(other).files == 0


def test_the_store_of_files_holds_nothing_readable(office: HeadOffice, two: tuple[Desk, Desk]) -> None:
    """Neither the bytes nor their hash: what lies in a folder or with a cloud tells nothing."""
    secret = b"%PDF-1.7\n\xe7\x8e\x8b" + b"110101199003070021" * 40
    kept = attach(two[0], secret)
    offices.sync_now(two[0])
    paths = list((office.folder / "files").rglob("*"))
    assert len(paths) > 1, "the file is there"
    for path in paths:
        assert kept.sha256 not in str(path)
        assert path.is_dir() or b"11010119900307" not in path.read_bytes()


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"MZ\x90\0 a program", "宏或可执行"), (b"<html><script>", "不接受这种文件"), (b"\0\1\2\3", "不接受这种文件")],
)
def test_what_may_not_be_kept_is_refused_once(
    office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk], data: bytes, why: str
) -> None:
    """Head office looks at the content itself, whatever a desk that was tampered with says it is."""
    one, _other = two
    kept = attach(one, data)
    offices.sync_now(one)
    assert at_office(office, staff_id)[kept.sha256][0] == "refused"
    with one.read() as work:
        assert why in attachments.refused(work)[kept.sha256]
        assert attachments.unsent(work) == []


def test_bytes_of_another_hash_are_let_go(office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk]) -> None:
    """A way is for one file: other bytes are not taken for it, and the right ones still may come."""
    one, _other = two
    data = a_file(5_000)
    kept = promised(one, data)
    with ways(one, FilesAsked(offered=[FileOffer(kept.sha256, len(data))])) as (wire, answer):
        way = answer.offered[0]
        headers = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream", "upload-offset": "0"}
        forged = wire.patch(way.path, content=a_file(5_000), headers=headers)
        assert (forged.status_code, at_office(office, staff_id)[kept.sha256][0]) == (460, "open")
        assert wire.patch(way.path, content=data, headers=headers).status_code == 204
    assert at_office(office, staff_id)[kept.sha256] == ("stored", len(data))


def test_a_line_that_hung_spoils_nothing(office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk]) -> None:
    """A second line has brought the whole file by the time at which the first one ends: it is whole and stays so."""
    one, _other = two
    data = a_file(5_000)
    kept = promised(one, data)
    files = files_at((office.folder / "files").as_uri(), office.database, load_key(office.database))
    with ways(one, FilesAsked(offered=[FileOffer(kept.sha256, len(data))])) as (wire, answer):
        way = answer.offered[0]
        hanging = files.upload(way.path.rpartition("/")[2])
        headers = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream", "upload-offset": "0"}
        files.add(hanging, 0, data[:20])
        with pytest.raises(Refused) as told:
            files.add(hanging, 30, data[30:40])
        assert told.value.code == "other_offset"
        files.add(hanging, 10, data[10:30])
        headers["upload-offset"] = "30"
        assert wire.patch(way.path, content=data[30:], headers=headers).status_code == 204
    for start in (0, 20, 30, len(data) - 5):
        files.add(hanging, start, data[start : start + 5])
    assert at_office(office, staff_id)[kept.sha256] == ("stored", len(data))
    assert files.read(hanging.place, 0, len(data)) == data


@contextmanager
def ways(desk: Desk, asked: FilesAsked) -> Iterator[tuple[httpx2.Client, FilesAnswer]]:
    """A desk's own line to head office, and the ways that it is given for what it asks."""
    with desk.read() as work:
        seat = place.seat(work)
    key = DeviceKeys(desk.profile.folder, desk.key).load()
    assert seat is not None
    assert key is not None
    with client.line(seat.address) as wire:
        yield wire, client.Office(wire, key.private_key, seat.key_id, bytes.fromhex(seat.server_key)).files(asked)


@pytest.mark.parametrize("change", [lambda t: t[:-4] + "AAA=", lambda t: "x" + t, lambda t: t.replace(".", "")])
def test_a_way_cannot_be_forged(two: tuple[Desk, Desk], change: Any) -> None:
    """An address is its own permission, so no letter of it may be changed; and sending is not fetching."""
    one, _other = two
    kept = attach(one, a_file(2_000))
    offices.sync_now(one)
    with ways(one, FilesAsked(wanted=[kept.sha256])) as (wire, answer):
        path = answer.wanted[0].path
        assert wire.get(path).status_code == 200
        assert wire.get("/v1/files/" + change(path.removeprefix("/v1/files/"))).status_code == 404
        assert wire.patch(path, content=b"x").status_code == 404


def test_nobody_is_shown_the_files_of_another_agent(
    office: HeadOffice, two: tuple[Desk, Desk], make_desk: NewDesk
) -> None:
    """Whoever knows a file's hash has no way to it."""
    kept = attach(two[0], a_file(2_000))
    offices.sync_now(two[0])
    stranger = office.seat(make_desk("stranger"), office.appoint(name="别人"))
    with ways(stranger, FilesAsked([FileOffer(kept.sha256, 2_000)], [kept.sha256])) as (_wire, answer):
        assert [way.state for way in (*answer.offered, *answer.wanted)] == ["unknown", "unknown"]
        assert [way.path for way in (*answer.offered, *answer.wanted)] == ["", ""]


def test_a_foreign_tus_client_can_go_on(office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk]) -> None:
    """The half that is there stays; a client that knows nothing of us sends the rest by the plain protocol."""
    one, _other = two
    data = a_file(3_000_000)
    kept = attach(one, data)
    with one.begin() as work:
        work.blobs.remove(kept.sha256)
    offices.sync_now(one)
    with ways(one, FilesAsked(offered=[FileOffer(kept.sha256, len(data))])) as (wire, answer):
        address = f"{office.address}{answer.offered[0].path}"
        foreign = tus_client.TusClient(office.address)
        first = foreign.uploader(file_stream=io.BytesIO(data), chunk_size=1_000_000, url=address)
        first.upload_chunk()
        again = foreign.uploader(file_stream=io.BytesIO(data), chunk_size=1_000_000, url=address)
        assert again.offset == 1_000_000
        again.upload()
        told = wire.options(answer.offered[0].path)
        assert (told.status_code, told.headers["tus-version"]) == (204, "1.0.0")
    assert at_office(office, staff_id)[kept.sha256] == ("stored", len(data))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"tus-resumable": "0.2.2"}, 412),
        ({"content-type": "application/octet-stream"}, 415),
        ({"upload-offset": "7"}, 409),
        ({"upload-offset": "x"}, 409),
    ],
)
def test_the_protocol_is_kept_to_the_letter(two: tuple[Desk, Desk], headers: dict[str, str], status: int) -> None:
    """Another version, another media type, a piece that does not follow: nothing is taken."""
    one, _other = two
    data = a_file(2_000)
    kept = attach(one, data)
    with one.begin() as work:
        work.blobs.remove(kept.sha256)
    offices.sync_now(one)
    right = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream", "upload-offset": "0"}
    with ways(one, FilesAsked(offered=[FileOffer(kept.sha256, len(data))])) as (wire, answer):
        path = answer.offered[0].path
        assert wire.patch(path, content=data, headers=right | headers).status_code == status
        assert wire.head(path, headers={"tus-resumable": "1.0.0"}).headers["upload-offset"] == "0"


# --- lines that break ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize(
    ("every", "size"), [(300_000, 2_000_000), (100_000, 1_000_000), (30_000, 400_000), (10_000, 100_000)]
)
def test_a_line_that_resets_again_and_again_carries_a_file(
    broken: tuple[HeadOffice, Link],
    make_desk: NewDesk,
    monkeypatch: pytest.MonkeyPatch,
    direction: Direction,
    every: int,
    size: int,
) -> None:
    """It finishes within one pass, and little is sent twice."""
    office, link = broken
    link.heal()
    monkeypatch.setattr(syncer, "WAIT", 0.001)
    staff_id = office.appoint()
    one, other = (office.seat(make_desk(name), staff_id, link.address) for name in ("one", "other"))
    data = a_file(size)
    kept = attach(one, data)
    if direction == "down":
        offices.sync_now(one)
    before, cuts = link.passed[direction], link.cuts
    link.reset_every(direction, every)
    monkeypatch.setattr(link, "arrival", 0.03)
    offices.sync_now(one if direction == "up" else other)
    link.heal()
    assert link.cuts - cuts >= size // every
    assert every < 100_000 or link.passed[direction] - before < 1.6 * size
    assert at_office(office, staff_id)[kept.sha256] == ("stored", size)
    if direction == "down":
        with other.read() as work:
            assert work.blobs.get(kept.sha256) == data


def test_a_cut_repeats_next_to_nothing(
    broken: tuple[HeadOffice, Link], make_desk: NewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 5 MB of 8, once."""
    office, link = broken
    link.heal()
    staff_id = office.appoint()
    one = office.seat(make_desk("one"), staff_id, link.address)
    kept = attach(one, a_file(8_000_000))
    pieces = office.folder / "files"
    there = len(list(pieces.rglob("*")))
    before, link.cut = link.passed["up"], ("up", 5_000_000)
    monkeypatch.setattr(link, "arrived", lambda: len(list(pieces.rglob("*"))) > there + 4)  # a folder and its megabytes
    monkeypatch.setattr(link, "arrival", 1.0)
    offices.sync_now(one)
    assert at_office(office, staff_id)[kept.sha256][0] == "stored"
    assert link.passed["up"] - before < 8_400_000


def test_what_came_before_a_pass_broke_off_is_not_sent_again(
    broken: tuple[HeadOffice, Link], make_desk: NewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped by a person at 5 MB of 8: the next pass sends the rest and little more."""
    office, link = broken
    link.heal()
    monkeypatch.setattr(syncer, "ATTEMPTS", 1)
    staff_id = office.appoint()
    one = office.seat(make_desk("one"), staff_id, link.address)
    data = a_file(8_000_000)
    kept = attach(one, data)
    stop_after(monkeypatch, 5_000_000)
    with pytest.raises(Stopped):
        offices.sync_now(one)
    monkeypatch.undo()
    there = until_settled(one, kept.sha256, len(data))
    assert there > 1_000_000
    before = link.passed["up"]
    offices.sync_now(one)
    assert link.passed["up"] - before < len(data) - there + 400_000
    assert at_office(office, staff_id)[kept.sha256] == ("stored", len(data))


def until_settled(desk: Desk, sha256: str, size: int) -> int:
    """How much of a file is at head office, once what was on its way has arrived."""
    seen, now = -1, 0
    while seen < now:
        time.sleep(0.5)
        with ways(desk, FilesAsked(offered=[FileOffer(sha256, size)])) as (_wire, answer):
            seen, now = now, answer.offered[0].at
    return now


class Stopped(Exception):
    """A person cancels."""


def stop_after(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Have the progress of files raise once so many bytes are gone, as a person does who cancels."""
    tell = progress.Tally.tell

    def told(self: progress.Tally, ahead: int = 0) -> None:
        tell(self, ahead)
        if ahead >= size:
            raise Stopped

    monkeypatch.setattr(progress.Tally, "tell", told)


def test_a_piece_that_was_damaged_on_the_desk_is_fetched_again(two: tuple[Desk, Desk]) -> None:
    """What arrived of a file and was altered since is no part of it."""
    one, other = two
    data = a_file(400_000)
    kept = attach(one, data)
    offices.sync_now(one)
    with other.begin() as work:
        work.blobs.add_piece(kept.sha256, 0, data[:1000])
        work.blobs.add_piece(kept.sha256, 1000, b"something else")
    offices.sync_now(other)
    offices.sync_now(other)
    with other.read() as work:
        assert work.blobs.get(kept.sha256) == data
        assert attachments.unsent(work) == []


def test_a_damaged_file_of_the_desk_holds_nothing_up(
    office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk]
) -> None:
    """It waits, and the others go."""
    one, _other = two
    bad, good = attach(one, a_file(3_000)), attach(one, a_file(4_000))
    with one.read() as work:
        path = work.blobs._path(bad.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    offices.sync_now(one)
    assert at_office(office, staff_id) == {bad.sha256: ("open", 0), good.sha256: ("stored", 4_000)}


def test_the_hash_of_what_was_kept(two: tuple[Desk, Desk]) -> None:
    """The name of bytes is their SHA-256."""
    data = a_file(1_000)
    assert attach(two[0], data).sha256 == hashlib.sha256(data).hexdigest()


def test_what_was_signed_by_pen_arrives_with_its_paper(two: tuple[Desk, Desk], tmp_path: Path) -> None:
    """The scan travels as every attachment does, and hangs on the same customer on the other desk."""
    one, other = two
    photo = tmp_path / "photo.png"
    photo.write_bytes(png())
    with one.begin() as work:
        who = customers.create(work, {"name": "王𬭎"})
        work.flush()
        scan = scans.file(work, "customer", who.id, photo)
    offices.sync_now(one)
    offices.sync_now(other)
    with other.begin() as work:
        (kept,) = scans.kept(work, who.id)
        assert (kept.id, kept.here, kept.scan) == (scan.id, True, True)
        assert work.blobs.get(scan.sha256) == photo.read_bytes()
        assert scans.look(work, kept.id, "核对客户签名").startswith(b"%PDF")
