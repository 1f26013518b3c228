"""Whoever asks for what is another agent's learns nothing: by hand on every route, and by thousands of odd requests."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec
import pytest
import requests
import schemathesis
import zstandard
from http_message_signatures import HTTPMessageSigner, algorithms
from hypothesis import HealthCheck, given, settings
from litestar.testing import TestClient
from requests.auth import AuthBase
from uuid_utils.compat import uuid7

from insuragent.headoffice import roles, tables
from insuragent.headoffice.app import build
from insuragent.headoffice.files import Way, files_at
from insuragent.headoffice.signing import load_key
from insuragent.models.base import utc_now
from insuragent.rules.access import Role
from insuragent.sync.protocol import (
    COMPONENTS,
    HEADER,
    MEDIA_TYPE,
    OWN,
    TAG,
    VERSION,
    Hello,
    Pull,
    PullPage,
    Push,
    PushAnswer,
    Receipt,
    ReceiptAsked,
    unpack,
)
from insuragent.sync.protocol.files import TUS_MEDIA_TYPE, TUS_VERSION, UNKNOWN, FileOffer, FilesAnswer, FilesAsked
from tests.headoffice.company import FACTS, ILLNESS, MOBILE, NAME, NUMBER, Company
from tests.headoffice.people import signed_in
from tests.headoffice.signed import OneKey, Signer, code_of, pushed
from tests.offices import HeadOffice

CANARIES = (NUMBER, MOBILE, ILLNESS, FACTS, NAME, "metal-canary")
BYTES = b"%PDF-1.7\nmetal-canary"
#: So many odd requests of each kind.
_EXAMPLES = 12
SHA256 = hashlib.sha256(BYTES).hexdigest()


def files_of(signer: Signer, asked: FilesAsked) -> FilesAnswer:
    """What a device is told of files."""
    return unpack(signer.ask("files", asked).content, FilesAnswer)


class Probed:
    """A company whose first agent's records are the canaries, and a device of the second, who must not see them."""

    def __init__(self, office: HeadOffice) -> None:
        self.office, self.company = office, Company(office)
        self.stranger = Signer(office, self.company.second)
        self.attachment = uuid7()
        told: dict[str, Any] = {"subject_kind": "customer", "subject_id": str(self.company.customer), "use": "evidence"}
        told |= {"file_name": "证据.pdf", "media_type": "application/pdf", "size": len(BYTES), "sha256": SHA256}
        told |= {"created_at": utc_now().isoformat()}
        self.company.signer.ask("push", Push([pushed(2, "create", "attachment", self.attachment, **told)]))
        (self.way,) = files_of(self.company.signer, FilesAsked([FileOffer(SHA256, len(BYTES))])).offered
        files_at((office.folder / "files").as_uri(), office.database, load_key(office.database)).keep(
            str(self.company.first), BYTES
        )
        (self.fetch,) = files_of(self.company.signer, FilesAsked([], [SHA256])).wanted

    def held(self) -> list[Any]:
        """The rows of the first agent that nobody else may change."""
        with self.office.database.read(str(self.company.first)) as rows:
            found = rows.all(rows.select(tables.record).order_by(tables.record.c.id))
        return [(row.id, row.revision, row.body) for row in found]


@pytest.fixture
def probed(office: HeadOffice) -> Probed:
    """Canaries on either database."""
    return Probed(office)


def plain(answer: Any) -> str:
    """What an answer says, unpacked."""
    data: bytes = answer.content
    if data and MEDIA_TYPE in str(answer.headers.get("content-type")):
        data = zstandard.ZstdDecompressor().decompress(data)
    return data.decode("utf-8", "replace") + str(dict(answer.headers))


def says_nothing(answer: Any) -> bool:
    """Whether no canary stands in an answer."""
    told = plain(answer)
    return not [word for word in CANARIES if word in told or quote(word) in told]


def test_no_push_reaches_a_record_of_another(probed: Probed) -> None:
    """Not changed, archived, erased, taken or linked to; nothing tells it from a record that is nobody's."""
    company, number = probed.company, 0
    before = probed.held()
    for deed, base in (
        ("change", 1),
        ("archive", 1),
        ("erase", 1),
        ("conflict_resolve", 1),
        ("withdraw", 1),
        ("grant", 1),
    ):
        for target in (company.customer, uuid7()):
            number += 1
            answer = probed.stranger.ask("push", Push([pushed(number, deed, "customer", target, base, name="陌生人")]))
            assert answer.status_code == 200, deed
            assert says_nothing(answer)
    number += 1
    link = pushed(number, "create", "complaint", uuid7(), customer_id=str(company.customer), complaint_no="X-1")
    (told,) = unpack(probed.stranger.ask("push", Push([link])).content, PushAnswer).answers
    assert told.result == "refused"
    assert probed.held() == before


def test_no_pull_or_receipt_tells_of_another(probed: Probed) -> None:
    """A feed is one's own by the signature; naming another's finds none."""
    for feed in (OWN, "catalogue", str(probed.company.first), "office", "", "../own", "%"):
        answer = probed.stranger.ask("pull", Pull(feed, 0))
        assert answer.status_code in (200, 404), feed
        assert says_nothing(answer), feed
    own = unpack(probed.stranger.ask("pull", Pull(OWN, 0)).content, PullPage)
    assert str(probed.company.customer) not in str(own)
    receipt = unpack(probed.stranger.ask("receipt", ReceiptAsked(1)).content, Receipt)
    assert receipt.held.get("customer", 0) == 0
    assert receipt.files == {}


def test_no_file_is_had_by_its_hash(probed: Probed) -> None:
    """Who knows the SHA-256 of another's file learns not even that it is there."""
    asked = FilesAsked([FileOffer(SHA256, len(BYTES))], [SHA256])
    answer = files_of(probed.stranger, asked)
    assert [(way.state, way.path, way.size) for way in (*answer.offered, *answer.wanted)] == [(UNKNOWN, "", 0)] * 2


def test_no_address_of_a_file_can_be_bent(probed: Probed) -> None:
    """One that permits to send does not permit to fetch; another agent, hash, use or day breaks its seal."""
    line = httpx2.Client(base_url=probed.office.address, trust_env=False)
    with line:
        assert line.get(probed.fetch.path).content == BYTES, "the permission itself works"
        told, _dot, mac = probed.fetch.path.rpartition("/")[2].partition(".")
        way = msgspec.json.decode(base64.urlsafe_b64decode(told), type=Way)
        bent = [
            msgspec.structs.replace(way, agent=str(probed.company.second)),
            msgspec.structs.replace(way, sha256="0" * 64),
            msgspec.structs.replace(way, use="send"),
            msgspec.structs.replace(way, expires=way.expires + 1),
        ]
        tokens = [f"{base64.urlsafe_b64encode(msgspec.json.encode(one)).decode()}.{mac}" for one in bent]
        tokens += [
            told,
            f"{told}.",
            f".{mac}",
            f"{told}.{mac[:-4]}AAA=",
            SHA256,
            str(probed.attachment),
            probed.way.sha256,
        ]
        head = {"tus-resumable": TUS_VERSION, "upload-offset": "0", "content-type": TUS_MEDIA_TYPE}
        for token in tokens:
            answers = [line.get(f"/v1/files/{token}"), line.head(f"/v1/files/{token}")]
            answers.append(line.patch(f"/v1/files/{token}", content=b"x", headers=head))
            assert [answer.status_code for answer in answers] == [404] * 3, token
            assert all(says_nothing(answer) for answer in answers[:1])
        assert line.get(probed.way.path).status_code == 404, "an address to send by is none to fetch by"
        assert line.patch(probed.fetch.path, content=b"x", headers=head).status_code == 404, "nor the other way round"


def test_no_page_tells_an_agent_of_another(probed: Probed) -> None:
    """At the console an agent has his devices and his account; every page about others is closed to him."""
    browser = signed_in(probed.office, Role.AGENT, staff=str(probed.company.second))
    company = probed.company
    for path in (
        "",
        "/devices",
        "/complaints",
        f"/records/{company.first}/{company.customer}",
        f"/agents/{company.first}",
    ):
        answer = browser.get(path)
        assert says_nothing(answer), path
        assert company.device not in answer.text, path
    assert browser.post("/search", number=NUMBER).status_code == 403


def test_another_device_cannot_speak_for_one(probed: Probed) -> None:
    """A signature under another's name, and another agent's device in one's own journal."""
    key_id = probed.company.signer.enrolled.key_id
    assert code_of(probed.stranger.ask(key_id=key_id)) == "bad_signature"


# --- odd requests by the document -------------------------------------------------------------------------------------


@schemathesis.serializer(MEDIA_TYPE)
def packed(_context: Any, value: Any) -> bytes:
    """A generated message as it travels."""
    return zstandard.compress(msgspec.json.encode(value))


@schemathesis.serializer(TUS_MEDIA_TYPE)
def piece(_context: Any, value: Any) -> bytes:
    """A generated piece of a file."""
    return msgspec.json.encode(value)


class Signed(AuthBase):
    """Signs what schemathesis made as a device would."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        request.headers["content-type"], request.headers[HEADER] = MEDIA_TYPE, str(VERSION)
        HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=OneKey(self._signer.key)).sign(
            request,
            key_id=self._signer.enrolled.key_id,
            created=utc_now(),
            nonce=secrets.token_hex(12),
            label="device",
            tag=TAG,
            covered_component_ids=COMPONENTS,
            body=body,
        )
        return request


def operations(office: HeadOffice) -> Iterator[Any]:
    """Everything that the served document names."""
    told = httpx2.get(f"{office.address}/openapi.json", trust_env=False)
    for found in schemathesis.openapi.from_dict(told.json()).get_all_operations():
        yield found.ok()


def statuses(operation: Any, **how: Any) -> set[int]:
    """The statuses of answers to odd requests of one kind; none is a fault of ours or holds a canary."""
    seen = set()

    @settings(
        max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
    )
    @given(case=operation.as_strategy())
    def probe(case: Any) -> None:
        answer = case.call(allow_redirects=False, timeout=30, **how)
        assert answer.status_code not in (500, 502, 503), (case.formatted_path, answer.status_code)
        assert says_nothing(answer), case.formatted_path
        seen.add(answer.status_code)

    probe()
    return seen


def test_odd_requests_break_nothing_and_learn_nothing(sqlite_office: HeadOffice) -> None:
    """Each operation of the served document, asked by a signed device and by a signed-in agent who are not those of the
    canaries; enough of what is made up is such as is taken."""
    probed = Probed(sqlite_office)
    browser = signed_in(sqlite_office, Role.AGENT, staff=str(probed.company.second))
    browser.get("/devices")
    seen = {}
    with requests.Session() as session:
        session.trust_env = False
        for operation in operations(sqlite_office):
            signed = operation.path.startswith("/v1/") and "{" not in operation.path and operation.path != "/v1/enrol"
            who = {"auth": Signed(probed.stranger)} if signed else {"cookies": dict(browser.line.cookies)}
            name = f"{operation.method.upper()} {operation.path}"
            seen[name] = statuses(operation, base_url=sqlite_office.address, session=session, **who)
    taken = {name for name, found in seen.items() if 200 in found}
    assert {f"POST /v1/{name}" for name in ("hello", "push", "files", "receipt")} <= taken, seen
    assert {"GET /console/devices", "GET /console/account", "GET /health"} <= taken
    assert "fault" not in {
        json.loads(line)["message"][:5] for line in sqlite_office.log().splitlines() if line[:1] == "{"
    }


def test_the_document_names_every_route(tmp_path: Path) -> None:
    """Whatever is in the table of routes is in the document, with the roles that may ask, and nothing else is."""
    office = HeadOffice(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path)
    application = build(office.database, ("127.0.0.1:8040",))
    table = {re.sub(r":\w+\}", "}", route): callers for route, callers in roles.matrix(application).items()}
    with TestClient(application) as line:
        told = line.get("/openapi.json").json()
    named = {
        f"{method.upper()} {path}": operation
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }
    assert named.keys() == table.keys()
    for route, operation in named.items():
        if "x-callers" in operation:
            assert set(operation["x-callers"]) == table[route], route
    office.database.close()


def test_the_document_is_openapi(sqlite_office: HeadOffice) -> None:
    """By the published schema of OpenAPI 3.1, and each message by its own declaration."""
    told = httpx2.get(f"{sqlite_office.address}/openapi.json", trust_env=False).json()
    schemathesis.openapi.from_dict(told).validate()
    shapes = told["components"]["schemas"]
    assert {
        "Hello",
        "HelloAnswer",
        "Push",
        "PushAnswer",
        "Receipt",
        "FilesAnswer",
        "ErrorBody",
        "Enrol",
    } <= shapes.keys()
    assert shapes["Hello"]["properties"].keys() == set(Hello.__struct_fields__)
    (media,) = told["paths"]["/v1/hello"]["post"]["requestBody"]["content"]
    assert media == MEDIA_TYPE
