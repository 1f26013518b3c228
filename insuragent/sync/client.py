"""The line to head office: signed messages over HTTP, errors in our own words."""

import datetime as dt
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec
import truststore
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from insuragent.errors import DeviceRevoked, HeadOfficeError, ProtocolTooOld, Refused, Unreachable
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.sync import busy, codec, tus
from insuragent.sync.progress import Watch
from insuragent.sync.protocol import (
    COLUMNS_FROM,
    HEADER,
    LARGEST_MESSAGE,
    MEDIA_TYPE,
    VERSION,
    ErrorBody,
    Hello,
    HelloAnswer,
    Pull,
    PullPage,
    Push,
    PushAnswer,
    Receipt,
    ReceiptAsked,
    pack,
    receipt_words,
    signing,
    unpack,
)
from insuragent.sync.protocol.devices import Enrol, EnrolAnswer, Noted, Wiped, revocation_words
from insuragent.sync.protocol.files import FilesAnswer, FilesAsked
from insuragent.sync.protocol.offers import STRETCHES_FROM, PushOffer, PushSent, PushWay
from insuragent.sync.protocol.sealers import SealerList, SealersAsked, sealer_words

#: Seconds to wait for a connection, and for an answer.
PATIENCE = httpx2.Timeout(60, connect=10)
#: Seconds for a look whether head office is there.
GLANCE = 3.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

_CUT = "the line was cut"

_BAD_ADDRESS = N_("总公司地址应以 https:// 开头")
_BAD_CA = N_("公司证书文件不能使用，请向总公司重新索取（PEM 格式）")
_NOT_TRUSTED = N_("总公司的证书不能验证，没有发送任何资料")
_NOT_TRUSTED_HINT = N_("如果公司使用自己的证书，请在登记时选择公司证书文件；否则请换一个网络再试，并告知总公司。")
_NOT_OURS = N_("对方不是登记时的总公司")

M = TypeVar("M", bound=msgspec.Struct)
R = TypeVar("R")


class _Sockets:
    """The sockets of a line, so that it can be cut while another thread waits for an answer over it."""

    def __init__(self) -> None:
        self._open: list[socket.socket] = []
        #: Is done when the line was cut.
        self._end: Future[None] = Future()

    def follow(self, request: httpx2.Request) -> None:
        """Have the library tell of each connection that it makes."""
        if self._end.done():
            raise httpx2.ConnectError(_CUT)
        request.extensions = {**request.extensions, "trace": self._on_event}

    def cut(self) -> None:
        """End what is under way, and let nothing begin."""
        if not self._end.done():
            self._end.set_result(None)
        for one in self._open:
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)  # TLS is not asked to say goodbye first

    def answer(self, asking: Callable[[], httpx2.Response]) -> httpx2.Response:
        """What ``asking`` comes to, in a thread of its own: nothing can end a connection that is being made, or a name
        that is being looked up, but whoever waits for it need not."""
        asked: Future[httpx2.Response] = Future()
        # A daemon, as no thread of a pool is: the end of the program need not wait for it either.
        threading.Thread(target=_find_out, args=(asked, asking), name="line", daemon=True).start()
        either: list[Future[Any]] = [asked, self._end]
        wait(either, return_when=FIRST_COMPLETED)
        if not asked.done():
            raise httpx2.ConnectError(_CUT)
        return asked.result()

    def _on_event(self, name: str, told: Mapping[str, Any]) -> None:
        if name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._open.append(told["return_value"].get_extra_info("socket"))
            if self._end.done():
                self.cut()


def _find_out(asked: Future[R], asking: Callable[[], R]) -> None:
    try:
        asked.set_result(asking())
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever asked is told
        asked.set_exception(error)


class _Wire(httpx2.HTTPTransport):
    """The way of a line that can be cut, also while it is being made."""

    def __init__(self, trust: ssl.SSLContext | bool, sockets: _Sockets) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._sockets = sockets

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and wait for the head of its answer."""
        return self._sockets.answer(partial(super().handle_request, request))


@contextmanager
def line(address: str, watch: Watch | None = None, ca: str = "") -> Iterator[httpx2.Client]:
    """A connection to ``address``: https, or plain http on this computer only; ``watch`` may cut it.

    With a pinned ``ca`` (PEM) nobody else's word for a certificate counts, not even the system's.
    Raises Refused "bad_address" or "bad_ca".
    """
    told = urlsplit(address)
    if (
        not told.hostname
        or told.scheme not in ("http", "https")
        or (told.scheme == "http" and told.hostname not in _LOOPBACK)
    ):
        raise Refused("bad_address", _BAD_ADDRESS)
    trust: Any = _trust(ca) if told.scheme == "https" else False
    # Nothing of the environment: a proxy or a certificate set there must not come between.
    sockets = _Sockets()
    how: dict[str, Any] = {"verify": trust}
    if watch:
        how = {"transport": _Wire(trust, sockets), "event_hooks": {"request": [sockets.follow]}}
    with httpx2.Client(base_url=address, timeout=PATIENCE, trust_env=False, **how) as client:
        if watch is not None:
            watch.cut_by(sockets.cut)
        yield client


def _trust(ca: str) -> ssl.SSLContext:
    """Whose certificates are believed."""
    if not ca:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    pinned = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    pinned.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        pinned.load_verify_locations(cadata=ca)
    except (ssl.SSLError, ValueError) as error:
        raise Refused("bad_ca", _BAD_CA) from error
    return pinned


def answers(address: str, ca: str = "") -> bool:
    """Whether head office can be reached at ``address`` now; a portal or a proxy that answers in its place is none."""
    try:
        with line(address, ca=ca) as client:
            answer = client.get("/health", timeout=GLANCE)
            return answer.status_code == 200 and answer.headers.get(HEADER) is not None
    except (httpx2.TransportError, httpx2.DecodingError, Refused):
        return False


def enrol(address: str, message: Enrol, ca: str = "") -> EnrolAnswer:
    """Make this device known. Raises Refused "bad_code" and the like, or Unreachable."""
    with line(address, ca=ca) as client:
        answer = _send(client, client.build_request("POST", "/v1/enrol", content=pack(message), headers=_headers()))
        if answer.status_code != 200:
            raise _refusal(answer)
        return unpack(answer.content, EnrolAnswer)


class Office:
    """Head office as one device speaks to it; every message is signed by ``key`` under the name ``key_id``."""

    def __init__(self, client: httpx2.Client, key: Ed25519PrivateKey, key_id: str, server_key: bytes) -> None:
        self._client, self._key, self._key_id, self._server_key = client, key, key_id, server_key
        #: How far head office's clock is ahead of ours, once it has refused a signature for its time.
        self._ahead = dt.timedelta()
        #: The version that both sides speak, as far as its answers have told.
        self._version = 0
        #: Whether the line has failed, as whoever tries again says: then what is sent goes in stretches (ADR 0034).
        self.has_failed = False
        self._uphill = tus.Uphill(client)

    def hello(self, message: Hello) -> HelloAnswer:
        """Open a pass."""
        return self._ask("hello", message, HelloAnswer)

    def pull(self, message: Pull) -> PullPage:
        """A page of a feed."""
        asked = msgspec.structs.replace(message, columns=self._version >= COLUMNS_FROM)
        return self._ask("pull", asked, PullPage)

    def push(self, message: Push) -> PushAnswer:
        """Send entries. Raises as :meth:`receipt` does when a receipt comes along."""
        message = message.turned() if self._version >= COLUMNS_FROM else message.straight()
        return self._pushed(self._ask("push", message, PushAnswer))

    @property
    def takes_stretches(self) -> bool:
        """Whether head office is known to take a push in stretches."""
        return self._version >= STRETCHES_FROM

    def offer(self, message: PushOffer) -> PushWay:
        """The way of a push that goes in stretches. Raises Refused "push_taken" when it was taken already."""
        return self._ask("offer", message, PushWay)

    def carry(self, path: str, data: bytes, at: int, told: Callable[[int], object]) -> int:
        """Send what follows ``at`` by a way, as :meth:`tus.Uphill.go_on` does."""
        return self._uphill.go_on(path, data, at, told)

    def take(self, message: PushSent) -> PushAnswer:
        """Have a push taken whose bytes were carried. Raises as :meth:`push` and :meth:`offer` do."""
        return self._pushed(self._ask("take", message, PushAnswer))

    def _pushed(self, answer: PushAnswer) -> PushAnswer:
        if answer.receipt is not None:
            self._check(answer.receipt)
        return answer

    def files(self, message: FilesAsked) -> FilesAnswer:
        """How it stands with files, and the ways to send and to fetch them."""
        return self._ask("files", message, FilesAnswer)

    @property
    def wire(self) -> httpx2.Client:
        """The connection itself, for what goes by a way that is its own permission."""
        return self._client

    def receipt(self, message: ReceiptAsked) -> Receipt:
        """A receipt, verified. Raises Refused "bad_receipt" when head office's signature is not on it."""
        receipt = self._ask("receipt", message, Receipt)
        self._check(receipt)
        return receipt

    def _check(self, receipt: Receipt) -> None:
        if not self._proved(receipt.signature, receipt_words(receipt)):
            raise Refused("bad_receipt", _NOT_OURS)

    def sealers(self, message: SealersAsked) -> SealerList:
        """What changed in the list of keys, verified. Raises Refused "bad_sealers" without head office's signature."""
        told = self._ask("sealers", message, SealerList)
        if not self._proved(told.signature, sealer_words(told)):
            raise Refused("bad_sealers", _NOT_OURS)
        return told

    def wiped(self, message: Wiped) -> Noted:
        """Confirm that the keys of this device are destroyed."""
        return self._ask("wiped", message, Noted)

    def _ask(self, route: str, message: msgspec.Struct, kind: type[M]) -> M:
        body = pack(message)
        answer, nonce = self._send_signed(route, body)
        if answer.status_code == 401 and self._learn_clock(answer):
            answer, nonce = self._send_signed(route, body)
        if answer.status_code == 200:
            self._version = min(VERSION, _version(answer))
            return unpack(answer.content, kind, LARGEST_MESSAGE)
        error = _refusal(answer)
        if isinstance(error, Refused) and error.code == "revoked":
            # Only head office itself may order what follows: its signature over our name and this very nonce.
            signature = unpack(answer.content, ErrorBody).signature
            if not self._proved(signature, revocation_words(self._key_id, nonce)):
                raise Refused("bad_revocation", _NOT_OURS)
            raise DeviceRevoked
        raise error

    def _send_signed(self, route: str, body: bytes) -> tuple[httpx2.Response, str]:
        nonce = secrets.token_hex(12)  # a new one each time: the one that was cut off may have been used
        request = self._client.build_request("POST", f"/v1/{route}", content=body, headers=_headers())
        moment = int((utc_now() + self._ahead).timestamp()), nonce
        place = request.url.netloc.decode("ascii"), request.url.raw_path.decode("ascii")
        request.headers.update(signing.write(self._key_id, self._key.sign, moment, place, _headers(), body))
        return _send(self._client, request), nonce

    def _learn_clock(self, answer: httpx2.Response) -> bool:
        error = unpack(answer.content, ErrorBody)
        theirs = codec.moment(error.now)
        if error.code != "stale_signature" or theirs is None:
            return False
        self._ahead = theirs - utc_now()
        return True

    def _proved(self, signature: bytes, words: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self._server_key).verify(signature, words)
        except InvalidSignature:
            return False
        return True


def _headers() -> dict[str, str]:
    return {"content-type": MEDIA_TYPE, "accept": MEDIA_TYPE, HEADER: str(VERSION)}


def _version(answer: httpx2.Response) -> int:
    told = answer.headers.get(HEADER, "")
    return int(told) if told.isascii() and told.isdigit() else 0


def _send(client: httpx2.Client, request: httpx2.Request) -> httpx2.Response:
    try:
        answer = client.send(request)
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        if _is_mistrust(error):
            raise Refused("not_trusted", _NOT_TRUSTED, hint=_NOT_TRUSTED_HINT) from error
        raise Unreachable from error
    busy.check(answer)
    return answer


def _is_mistrust(error: BaseException | None) -> bool:
    """Whether it was the certificate: a network that is there but not to be trusted is no state, it is told."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _refusal(answer: httpx2.Response) -> HeadOfficeError:
    if answer.headers.get("content-type") != MEDIA_TYPE:
        return Unreachable()  # something between us and head office has answered: a portal, a proxy
    error = unpack(answer.content, ErrorBody)
    if error.code == "old_protocol":
        return ProtocolTooOld()
    return Refused(error.code, error.words, expected=error.expected)
