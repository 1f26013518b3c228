"""The server: a few routes, each a signed message in and a message out; everything else is denied."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from anyio import to_thread
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from insuragent.errors import Refused
from insuragent.headoffice import identity
from insuragent.headoffice.database import Database
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.identity import Doorkeeper, Revoked
from insuragent.headoffice.ledger import Device, Gap, Ledger
from insuragent.headoffice.receipts import Receipts
from insuragent.headoffice.signing import load_key
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.sync.protocol import (
    HEADER,
    LARGEST_BODY,
    MEDIA_TYPE,
    VERSION,
    Enrol,
    ErrorBody,
    Hello,
    Pull,
    Push,
    ReceiptAsked,
    pack,
    unpack,
)

log = logging.getLogger(__name__)

_STATUS = {
    "bad_message": 400,
    "unknown_feed": 404,
    "bad_signature": 401,
    "stale_signature": 401,
    "replayed": 401,
    "unknown_device": 401,
    "revoked": 403,
    "gap": 409,
    "renumbered": 409,
    "behind": 409,
    "bad_code": 403,
    "too_many_tries": 429,
    "old_protocol": 426,
}
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", HEADER: str(VERSION)}
_FAULT = N_("总公司的服务器出错了，资料没有受到影响，请稍后再试")

M = TypeVar("M", bound=msgspec.Struct)
Asked = Request[Any, Any, Any]


def build(database: Database, authorities: Sequence[str]) -> Litestar:
    """The application. ``authorities`` are the host:port names under which devices may address it.

    Raises StoreMissing when the database has not been made.
    """
    key = load_key(database)
    ledger, receipts, enrolment = Ledger(database), Receipts(database, key), Enrolment(database, key)
    door = _Door(Doorkeeper(database, key), frozenset(authorities))

    @post("/v1/enrol", status_code=200)
    async def enrol(request: Asked) -> Response[bytes]:
        body = await request.body()
        address = request.client.host if request.client else ""
        return _answer(await to_thread.run_sync(lambda: enrolment.enrol(unpack(body, Enrol), address)))

    @get("/health")
    async def health() -> Response[dict[str, str]]:
        await to_thread.run_sync(lambda: load_key(database))
        return Response({"state": "ok"}, headers=_HEADERS)

    return Litestar(
        [
            enrol,
            health,
            door.route("hello", Hello, ledger.hello),
            door.route("pull", Pull, ledger.pull),
            door.route("push", Push, ledger.push),
            door.route("receipt", ReceiptAsked, receipts.give),
        ],
        exception_handlers={Refused: _on_refused, HTTPException: _on_http, Exception: _on_fault},
        request_max_body_size=LARGEST_BODY,
        openapi_config=None,
        logging_config=None,
    )


class _Door:
    """Opens a route to recognised devices only."""

    def __init__(self, keeper: Doorkeeper, authorities: frozenset[str]) -> None:
        self._keeper, self._authorities = keeper, authorities

    def route(self, name: str, kind: type[M], use: Callable[[Device, M], msgspec.Struct]) -> HTTPRouteHandler:
        """``POST /v1/name``: a signed message of ``kind`` in, what ``use`` answers out."""

        def answered(request: Asked, body: bytes) -> Response[bytes]:
            device = self._keeper.identify(self._covered(request, body))
            return _answer(use(device, unpack(body, kind)))

        @post(f"/v1/{name}", name=name, status_code=200)
        async def handler(request: Asked) -> Response[bytes]:
            body = await request.body()
            return await to_thread.run_sync(answered, request, body)

        return handler

    def _covered(self, request: Asked, body: bytes) -> identity.Request:
        told = request.headers.get("host", "")
        # The name must be ours: a signature made for another host is no signature for us.
        host = told if told in self._authorities else "unknown.invalid"
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"http://{host}{request.url.path}{query}"
        return identity.Request(request.method, url, request.headers, body)


def _answer(message: msgspec.Struct) -> Response[bytes]:
    return Response(pack(message), media_type=MEDIA_TYPE, headers=_HEADERS)


def _refusal(code: str, words: str, status: int, expected: int = 0, signature: bytes = b"") -> Response[bytes]:
    body = ErrorBody(code, words, utc_now().isoformat(), expected, signature)
    return Response(pack(body), status_code=status, media_type=MEDIA_TYPE, headers=_HEADERS)


def _on_refused(request: Asked, error: Refused) -> Response[bytes]:
    log.info("refused %s: %s", request.url.path, error.code)
    expected = error.expected if isinstance(error, Gap) else 0
    signature = error.signature if isinstance(error, Revoked) else b""
    return _refusal(error.code, error.message_id, _STATUS.get(error.code, 400), expected, signature)


def _on_http(request: Asked, error: HTTPException) -> Response[bytes]:
    log.info("refused %s: %d", request.method, error.status_code)
    return _refusal("http", "", error.status_code)


def _on_fault(request: Asked, error: Exception) -> Response[bytes]:
    # Only its kind: the words of an error may hold personal data.
    log.error("fault of ours at %s: %s", request.url.path, type(error).__name__)
    return _refusal("fault", _FAULT, 500)
