"""A device is recognised by its signature alone: fresh, over this very message, for this host, taken once."""

import datetime as dt
from uuid import UUID

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.signing import load_key
from insuragent.sync.protocol import COMPONENTS, ErrorBody, Pull, pack, unpack
from insuragent.sync.protocol.devices import revocation_words
from tests.headoffice.signed import HELLO, Signer, code_of, send
from tests.offices import HeadOffice

ROUTES = ("hello", "pull", "push", "receipt")


@pytest.fixture
def signer(sqlite_office: HeadOffice) -> Signer:
    """A device of an agent of its own."""
    return Signer(sqlite_office, sqlite_office.appoint())


def bent(request: httpx2.Request, **changes: object) -> httpx2.Request:
    """The same request with something changed after it was signed."""
    headers = {name: value for name, value in request.headers.items() if name != "content-length"}
    parts = {"method": request.method, "url": request.url, "headers": headers, "content": request.content}
    return httpx2.Request(**(parts | changes))  # type: ignore[arg-type]


def test_a_signed_request_is_answered(signer: Signer) -> None:
    """The ground on which the negatives stand."""
    assert signer.ask().status_code == 200


@pytest.mark.parametrize("route", ROUTES)
def test_nothing_is_answered_without_a_signature(sqlite_office: HeadOffice, route: str) -> None:
    """Every route but the enrolment is shut."""
    answer = send(httpx2.Request("POST", f"{sqlite_office.address}/v1/{route}", content=pack(HELLO)))
    assert (answer.status_code, code_of(answer)) == (401, "bad_signature")


def test_a_request_is_taken_once(signer: Signer) -> None:
    """A replay is refused."""
    request = signer.request()
    assert send(request).status_code == 200
    answer = send(bent(request))
    assert (answer.status_code, code_of(answer)) == (401, "replayed")


def test_another_body_under_the_signature_is_refused(signer: Signer) -> None:
    """The digest is signed, and compared with what came."""
    request = signer.request()
    assert code_of(send(bent(request, content=pack(Pull("own", 0))))) == "bad_signature"


def test_another_route_under_the_signature_is_refused(signer: Signer) -> None:
    """A greeting is no leave to pull."""
    request = signer.request()
    assert code_of(send(bent(request, url=f"{signer.office.address}/v1/pull"))) == "bad_signature"


def test_another_query_under_the_signature_is_refused(signer: Signer) -> None:
    """The query is signed, also when it is empty."""
    request = signer.request()
    assert code_of(send(bent(request, url=f"{request.url}?all=1"))) == "bad_signature"


def test_a_signature_for_another_host_is_refused(signer: Signer) -> None:
    """A message to somebody who pretends to be head office cannot be handed on."""
    request = signer.request(address="http://office.example:8040")
    here = httpx2.URL(f"{signer.office.address}/v1/hello")
    assert code_of(send(bent(request, url=here))) == "bad_signature"
    headers = dict(request.headers) | {"host": "office.example:8040"}
    assert code_of(send(bent(request, url=here, headers=headers))) == "bad_signature"


@pytest.mark.parametrize("minutes", [-120, -6, 6, 120])
def test_an_old_or_future_signature_is_refused_with_our_clock(signer: Signer, minutes: int) -> None:
    """The answer tells the time, so that a desk with a wrong clock can sign again."""
    created = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
    error = unpack(signer.ask(created=created).content, ErrorBody)
    assert error.code == "stale_signature"
    told = dt.datetime.fromisoformat(error.now)
    assert abs(told - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=30)


@pytest.mark.parametrize("left_out", [part for part in COMPONENTS if part != "content-digest"])
def test_a_signature_that_covers_less_is_refused(signer: Signer, left_out: str) -> None:
    """Every part that counts must be signed."""
    covered = tuple(part for part in COMPONENTS if part != left_out)
    assert code_of(signer.ask(covered=covered)) == "bad_signature"


def test_a_signature_for_another_purpose_is_refused(signer: Signer) -> None:
    """The tag keeps the day package and the line apart."""
    assert code_of(signer.ask(tag="other")) == "bad_signature"


def test_a_device_cannot_speak_for_another(signer: Signer) -> None:
    """Its own key under another's name, also of the same agent, and of head office itself."""
    other = Signer(signer.office, signer.staff_id)
    for key_id in (other.enrolled.key_id, f"{signer.staff_id}/office", "catalogue/office", "nobody/none", "x", ""):
        if key_id:
            assert code_of(signer.ask(key_id=key_id)) == "bad_signature"


def test_a_withdrawn_device_gets_a_signed_order(signer: Signer) -> None:
    """Nothing of the data, and a proof over its own name and this very request that the order is head office's."""
    office = signer.office
    Enrolment(office.database, load_key(office.database)).revoke(signer.enrolled.device_id)
    request = signer.request()
    answer = send(request)
    error = unpack(answer.content, ErrorBody)
    assert (answer.status_code, error.code) == (403, "revoked")
    nonce = request.headers["signature-input"].split('nonce="')[1].split('"')[0]
    key = Ed25519PublicKey.from_public_bytes(signer.enrolled.server_key)
    key.verify(error.signature, revocation_words(signer.enrolled.key_id, nonce))


def test_the_log_names_no_person_and_no_content(signer: Signer, sqlite_office: HeadOffice) -> None:
    """Refusals leave one line with a code."""
    signer.ask(tag="other")
    said = sqlite_office.log()
    assert "bad_signature" in said
    assert "林晓静" not in said
    assert str(UUID(int=0)) not in said
