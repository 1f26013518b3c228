"""The server: a few routes, each a signed message in and a message out; everything else is denied."""

import logging
import time
from collections.abc import Sequence

import sqlalchemy as sa
from anyio import to_thread
from litestar import Litestar, Response, get, post
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import HTTPRouteHandler

from insuragent.errors import Refused
from insuragent.headoffice.console.front import console_at
from insuragent.headoffice.database import BadDatabase, Database
from insuragent.headoffice.door import HEADERS, Asked, Door, answer
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.file_routes import routes as file_routes
from insuragent.headoffice.files import files_at
from insuragent.headoffice.identity import Doorkeeper, Revoked
from insuragent.headoffice.ledger import Gap, Ledger
from insuragent.headoffice.metrics import Metrics
from insuragent.headoffice.offers import Offers
from insuragent.headoffice.openapi import document, openapi_route
from insuragent.headoffice.oversight import Oversight
from insuragent.headoffice.provider import Terms
from insuragent.headoffice.receipts import Receipts
from insuragent.headoffice.refusals import status_of
from insuragent.headoffice.roles import Caller, allow, matrix
from insuragent.headoffice.routes import SMALL
from insuragent.headoffice.sealers import Sealers
from insuragent.headoffice.signing import load_key
from insuragent.headoffice.versions import Versions
from insuragent.headoffice.watching import metrics_route, route_of
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.products.policy_files import load_policy
from insuragent.sync.protocol import PULL_FROM, ErrorBody, unpack
from insuragent.sync.protocol.devices import Enrol

log = logging.getLogger(__name__)

#: In how many seconds a desk may try again when the database or the store of files does not answer.
COME_BACK = 2
_AWAY, _HALF = 503, 400
_BUSY = N_("总公司现在繁忙")
_FAULT = N_("总公司的服务器出错了，资料没有受到影响，请稍后再试")


def build(
    database: Database,
    authorities: Sequence[str],
    files: str = "",
    pull_from: int = PULL_FROM,
    metrics: Metrics | None = None,
    terms: Terms | None = None,
) -> Litestar:
    """The application. ``authorities`` are the host:port names under which devices may address it, ``files`` the
    address of the store of attachments; "" keeps them in a folder beside the database. ``terms`` are those of an
    identity provider by which people sign in to the console.

    Desks of an older version of the protocol than ``pull_from`` are asked to update before they pull.
    Raises StoreMissing when the database has not been made, SchemaTooOld or StoreTooNew when it is not of our version,
    NoWalls when our user of the database could see past the walls between agents, and Undeclared.
    """
    key = load_key(database)
    database.check_walls()
    versions = Versions(load_policy(), pull_from)
    door = Door(Doorkeeper(database, key), frozenset(authorities), versions)
    kept = files_at(files, database, key)
    receipts = Receipts(database, key)
    metrics = metrics or Metrics()
    ledger = Ledger(database, kept.sweep, receipts, metrics.tell_entries)
    offers = Offers(database, kept, ledger)
    offers.sweep()  # what an end of the process left
    routes = [
        *ledger.routes(),
        *offers.routes(),
        *receipts.routes(),
        *kept.routes(),
        *Oversight(database).routes(),
        *Sealers(database, key).routes(),
    ]
    console, pages = console_at(database, key, frozenset(authorities), terms)
    application = Litestar(
        [
            console,
            openapi_route(document(routes, pages)),
            _enrolment(Enrolment(database, key)),
            _health(database),
            metrics_route(metrics),
            *map(door.open, routes),
            *file_routes(kept),
        ],
        exception_handlers={
            Refused: _on_refused,
            HTTPException: _on_http,
            BadDatabase: _on_busy,
            sa.exc.OperationalError: _on_busy,
            sa.exc.InterfaceError: _on_busy,
            sa.exc.TimeoutError: _on_busy,
            Exception: _on_fault,
        },
        request_max_body_size=SMALL.body,
        openapi_config=None,
        logging_config=None,
    )
    matrix(application)  # nobody may ask what does not say who may
    return application


def _enrolment(enrolment: Enrolment) -> HTTPRouteHandler:
    """The one route without a signature: the device is not known yet."""

    @post("/v1/enrol", status_code=200, opt=allow([Caller.ANYONE]))
    async def enrol(request: Asked) -> Response[bytes]:
        body = await request.body()
        address = request.client.host if request.client else ""
        return await to_thread.run_sync(lambda: answer(enrolment.enrol(unpack(body, Enrol, SMALL.message), address)))

    return enrol


def _health(database: Database) -> HTTPRouteHandler:
    @get("/health", opt=allow([Caller.ANYONE]))
    async def health() -> Response[dict[str, str | float]]:
        began = time.perf_counter()
        await to_thread.run_sync(lambda: load_key(database))
        waited = round((time.perf_counter() - began) * 1000, 1)
        return Response({"state": "ok", "database_ms": waited}, headers=HEADERS)

    return health


def _refusal(code: str, words: str, status: int, expected: int = 0, signature: bytes = b"") -> Response[bytes]:
    answered = answer(ErrorBody(code, words, utc_now().isoformat(), expected, signature), status)
    if status == _AWAY:
        answered.headers["retry-after"] = str(COME_BACK)
    return answered


def _on_refused(request: Asked, error: Refused) -> Response[bytes]:
    log.info("refused %s: %s", route_of(request.url.path), error.code)
    expected = error.expected if isinstance(error, Gap) else 0
    signature = error.signature if isinstance(error, Revoked) else b""
    return _refusal(error.code, error.message_id, status_of(error), expected, signature)


def _on_http(request: Asked, error: HTTPException) -> Response[bytes]:
    # The framework's own kind of fault is a line that broke within a message: common, and no fault of anybody's.
    status = _HALF if type(error) is InternalServerException else error.status_code
    log.info("refused %s: %d", request.method, status)
    return _refusal("http", "", status)


def _on_busy(request: Asked, error: Exception) -> Response[bytes]:
    """The database is away, full or overrun: nothing was changed, and the same request may come again."""
    log.error("no database for %s: %s", route_of(request.url.path), type(error).__name__)
    return _refusal("busy", _BUSY, _AWAY)


def _on_fault(request: Asked, error: Exception) -> Response[bytes]:
    # Only its kind: the words of an error may hold personal data.
    log.error("fault of ours at %s: %s", route_of(request.url.path), type(error).__name__)
    return _refusal("fault", _FAULT, 500)
