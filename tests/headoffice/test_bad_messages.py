"""Whatever bad message comes: a typed refusal with a stable code, nothing changed, one line in the log."""

import json
import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa
import zstandard

from insuragent.headoffice import tables
from insuragent.headoffice.database import Database
from insuragent.sync.protocol import LARGEST_BODY, LARGEST_MESSAGE, ErrorBody, Push, pack, unpack
from tests.headoffice.signed import Signer, pushed, send
from tests.offices import HeadOffice

#: One new customer, as a desk would send him.
SOUND = pack(Push([pushed(1, "create", "customer", UUID(int=7), name="王小明")]))


def replayed(signer: Signer) -> httpx2.Request:
    """A request that was answered before."""
    request = signer.request()
    send(request)
    return request


def elsewhere(signer: Signer) -> httpx2.Request:
    """A request that was signed for another host."""
    meant = signer.request(address="http://127.0.0.1:1")
    headers = dict(meant.headers) | {"host": signer.office.address.removeprefix("http://")}
    return httpx2.Request("POST", f"{signer.office.address}/v1/hello", content=meant.read(), headers=headers)


def swapped(signer: Signer) -> httpx2.Request:
    """Another body under the signature of a sound one."""
    request = signer.request("push", SOUND)
    told = dict(request.headers) | {"content-length": str(len(SOUND) - 1)}
    return httpx2.Request("POST", request.url, content=SOUND[:-1], headers=told)


Bad = Callable[[Signer], httpx2.Request]
BAD: dict[str, tuple[Bad, int, str]] = {
    "malformed": (lambda one: one.request("push", b"{}"), 400, "bad_message"),
    "half": (lambda one: one.request("push", SOUND[: len(SOUND) // 2]), 400, "bad_message"),
    "bomb": (lambda one: one.request("push", zstandard.compress(b"0" * (LARGEST_MESSAGE + 1))), 400, "bad_message"),
    "oversized": (lambda one: one.request("push", os.urandom(LARGEST_BODY + 1)), 413, ""),
    "replayed": (replayed, 401, "replayed"),
    "swapped": (swapped, 401, "bad_signature"),
    "foreign host": (elsewhere, 401, "bad_signature"),
    "foreign device": (lambda one: one.request(key_id=f"{one.staff_id}/nobody"), 401, "bad_signature"),
    "gap": (lambda one: one.request("push", Push([pushed(9, "create", "customer", one.staff_id)])), 409, "gap"),
}


def held(database: Database) -> dict[str, list[Any]]:
    """All rows of what a message could change."""
    changing = (tables.feed, tables.device, tables.record, tables.entry, tables.receipt, tables.audit, tables.nonce)
    return {table.name: sorted(map(repr, database.everywhere(sa.select(table)))) for table in changing}


@pytest.fixture
def signer(office: HeadOffice) -> Signer:
    """A device of an agent of this test alone."""
    return Signer(office, office.appoint())


@pytest.mark.parametrize("what", BAD)
def test_a_bad_message_is_refused_by_one_line(signer: Signer, what: str) -> None:
    """Its code is of those that desks know; every row is as it was; the log names the refusal once and no content."""
    make, status, code = BAD[what]
    office, request = signer.office, make(signer)
    before, lines = held(office.database), len(office.log().splitlines())
    answer = send(request)
    told = [json.loads(line) for line in office.log().splitlines()[lines:]]
    assert answer.status_code == status
    if code:
        assert unpack(answer.content, ErrorBody).code == code
    assert held(office.database) == before
    assert [one["message"][:7] for one in told if one["message"] != "answered"] == ["refused"]
    assert "王小明" not in str(told)
