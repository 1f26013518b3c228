"""A push in stretches, asked for by hand: what is whole is taken once, and nothing else ever is."""

import datetime as dt
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import time_machine
from uuid_utils.compat import uuid7

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.files import WAY_LIFE, Files, files_at
from insuragent.headoffice.ledger import Ledger
from insuragent.headoffice.offers import Offers
from insuragent.headoffice.routes import Device
from insuragent.headoffice.signing import load_key
from insuragent.sync import tus
from insuragent.sync.protocol import LARGEST_BODY, Push, PushAnswer, pack, unpack
from insuragent.sync.protocol.files import TUS_MEDIA_TYPE, TUS_VERSION
from insuragent.sync.protocol.offers import PushOffer, PushSent, PushWay
from tests.headoffice.signed import Signer, code_of, pushed, send
from tests.headoffice.test_judging import CREATED
from tests.offices import HeadOffice


@pytest.fixture
def signer(office: HeadOffice, staff_id: UUID) -> Signer:
    """A device without a desk."""
    return Signer(office, staff_id)


def a_push(*numbers: int) -> bytes:
    """The packed body of a push of new customers."""
    return pack(Push([pushed(number, "create", "customer", uuid7(), **CREATED) for number in numbers]).turned())


def offered(signer: Signer, body: bytes, **how: Any) -> httpx2.Response:
    """What head office answers to the offer of a push."""
    return signer.ask("offer", PushOffer(how.get("digest") or sha256(body).hexdigest(), how.get("size") or len(body)))


def way(signer: Signer, body: bytes, **how: Any) -> PushWay:
    """The way of a push."""
    return unpack(offered(signer, body, **how).content, PushWay)


def carry(signer: Signer, path: str, data: bytes, at: int = 0) -> int:
    """Send bytes by a way; the status."""
    headers = {"tus-resumable": TUS_VERSION, "content-type": TUS_MEDIA_TYPE, "upload-offset": str(at)}
    request = httpx2.Request("PATCH", f"{signer.office.address}{path}", content=data, headers=headers)
    return send(request).status_code


def take(signer: Signer, body: bytes) -> httpx2.Response:
    """What head office answers when a push is to be taken."""
    return signer.ask("take", PushSent(sha256(body).hexdigest()))


def taken(signer: Signer) -> int:
    """How many entries about customers head office has of a device's agent."""
    with signer.office.database.read(str(signer.staff_id)) as rows:
        return rows.total(tables.entry.c.id, tables.entry.c.kind == "customer")


def kept(office: HeadOffice) -> list[Path]:
    """The bytes that lie in the store of files."""
    return [path for path in (office.folder / "files").rglob("*") if path.is_file()]


def test_bytes_come_in_stretches_and_are_taken_whole(signer: Signer) -> None:
    """Each is gone on with where the last one ended; then the bytes lie nowhere any more, and the push is known."""
    body, before = a_push(1, 2), kept(signer.office)
    first = way(signer, body)
    assert first.at == 0
    assert carry(signer, first.path, body[:50]) == 204
    assert carry(signer, first.path, body[70:], 70) == 409
    again = way(signer, body)
    assert again.at == 50
    with httpx2.Client(base_url=signer.office.address) as line:
        assert tus.size(line, again.path) == 50
    assert b"".join(path.read_bytes() for path in kept(signer.office)).find(body[:20]) < 0, "they are kept sealed"
    assert carry(signer, again.path, body[50:], 50) == 204
    answer = unpack(take(signer, body).content, PushAnswer)
    assert [one.result for one in answer.answers] == ["accepted", "accepted"]
    assert kept(signer.office) == before
    assert [code_of(take(signer, body)), code_of(offered(signer, body))] == ["push_taken", "push_taken"]
    assert carry(signer, again.path, body) == 404
    assert taken(signer) == 2


@pytest.mark.parametrize("part", ["less", "other", "nothing"])
def test_what_is_not_whole_is_not_taken(signer: Signer, part: str) -> None:
    """Bytes that are missing or not those that were offered; they may still come."""
    body = a_push(1)
    assert code_of(take(signer, body)) == "push_not_whole"
    path = way(signer, body).path
    sent = {"less": body[:-1], "other": body[:-1] + b"x", "nothing": b""}[part]
    if sent:
        assert carry(signer, path, sent) == 204
    assert code_of(take(signer, body)) == "push_not_whole"
    assert taken(signer) == 0
    if part != "other":
        assert carry(signer, path, body[len(sent) :], len(sent)) == 204
    else:
        assert way(signer, body).at == 0, "the wrong bytes were let go"
        assert carry(signer, way(signer, body).path, body) == 204
    assert take(signer, body).status_code == 200


def test_of_a_device_one_push_is_under_way(signer: Signer) -> None:
    """Another one takes the place of the first, whose bytes are let go, and whose way ends."""
    first, second, before = a_push(1), a_push(1, 2), len(kept(signer.office))
    path = way(signer, first).path
    assert carry(signer, path, first[:30]) == 204
    assert way(signer, second).at == 0
    assert len(kept(signer.office)) == before
    assert carry(signer, path, first[30:], 30) == 404
    assert code_of(take(signer, first)) == "push_not_whole"
    assert carry(signer, way(signer, second).path, second) == 204
    assert take(signer, second).status_code == 200
    assert len(kept(signer.office)) == before


def test_what_is_no_push_is_refused_and_leaves_the_device_free(signer: Signer) -> None:
    """Bytes that are no message, or entries that do not follow, change nothing; the next push goes its way."""
    for body, code in ((b"no message at all", "bad_message"), (a_push(2), "gap"), (pack(PushSent("0" * 64)), "ok")):
        assert carry(signer, way(signer, body).path, body) == 204
        answer = take(signer, body)
        assert (answer.status_code == 200 and "ok") or code_of(answer) == code
    assert taken(signer) == 0
    body = a_push(1)
    assert carry(signer, way(signer, body).path, body) == 204
    assert take(signer, body).status_code == 200


def test_an_offer_beyond_the_limits_is_refused(signer: Signer) -> None:
    """A hash that is none, and more bytes than a push may have."""
    body = a_push(1)
    for how in ({"digest": "ab"}, {"size": LARGEST_BODY + 1}, {"digest": "g" * 64}):
        assert code_of(offered(signer, body, **how)) == "bad_message"


def test_nobody_takes_the_push_of_another(office: HeadOffice, staff_id: UUID, signer: Signer) -> None:
    """Neither another agent's device nor the same agent's other one, though they know its hash."""
    body = a_push(1)
    assert carry(signer, way(signer, body).path, body) == 204
    for other in (Signer(office, staff_id), Signer(office, office.appoint())):
        assert code_of(take(other, body)) == "push_not_whole"
        assert way(other, body).at == 0
        assert taken(other) == 0
    assert way(signer, body).at == len(body)


def later(seconds: float) -> time_machine.travel:
    """So many seconds from now."""
    return time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds))


def device_of(signer: Signer) -> Device:
    """A device as the door names it."""
    return Device(str(signer.staff_id), signer.enrolled.device_id)


@pytest.fixture
def files(office: HeadOffice) -> Files:
    """The store of files, in this process too."""
    return files_at((office.folder / "files").as_uri(), office.database, load_key(office.database))


@pytest.fixture
def offers(office: HeadOffice, files: Files) -> Offers:
    """The pushes that are offered, in this process too."""
    return Offers(office.database, files, Ledger(office.database))


def test_what_was_never_sent_to_its_end_is_let_go(office: HeadOffice, signer: Signer, offers: Offers) -> None:
    """A day later nobody may go on with it, and with the next offer of any device nothing of it is left."""
    body, other, before = a_push(1), Signer(office, office.appoint()), set(kept(office))
    path = way(signer, body).path
    assert carry(signer, path, body[:40]) == 204
    with later(WAY_LIFE - 60):
        offers.offer(device_of(other), PushOffer("0" * 64, 100))
    assert way(signer, body).at == 40
    with later(WAY_LIFE + 60):
        offers.offer(device_of(other), PushOffer("1" * 64, 100))
    assert carry(signer, path, body[40:], 40) == 404
    assert set(kept(office)) <= before


def test_what_is_gone_on_with_is_not_let_go(signer: Signer, offers: Offers) -> None:
    """Its day begins anew with each offer of it."""
    body = a_push(1)
    assert carry(signer, way(signer, body).path, body[:40]) == 204
    with later(WAY_LIFE - 60):
        offers.offer(device_of(signer), PushOffer(sha256(body).hexdigest(), len(body)))
    with later(WAY_LIFE + 60):
        offers.sweep()
    assert way(signer, body).at == 40


def test_a_line_that_hung_leaves_nothing_of_a_push_that_was_given_up(
    office: HeadOffice, signer: Signer, files: Files
) -> None:
    """It ends hours later, and what it had brought by then is nobody's any more."""
    body, before = a_push(1), set(kept(office))
    hanging = files.upload(way(signer, body).path.rpartition("/")[2])
    assert way(signer, a_push(1, 2)).at == 0
    with pytest.raises(Refused) as told:
        files.add(hanging, 0, body[:40])
    assert told.value.code == "no_way"
    assert set(kept(office)) <= before
