"""The gate of the console: who is asking, whether his role may, and how a page goes out."""

import functools
import logging
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlencode

from anyio import CapacityLimiter, to_thread
from litestar import Response, Router, route
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import Cookie, FormMultiDict
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.middleware.csrf import CSRFMiddleware
from litestar.template.base import csrf_token
from sqlalchemy.exc import SQLAlchemyError

from insuragent.errors import InsuragentError, NotPermitted, UserError
from insuragent.headoffice import audit, roles, staff
from insuragent.headoffice.console.pages import DONE, ROOT, Asset, File, Go, Page, View, Visit
from insuragent.headoffice.console.templates import Templates
from insuragent.headoffice.database import Database
from insuragent.headoffice.door import Asked
from insuragent.headoffice.provider import PATIENCE
from insuragent.headoffice.refusals import status_of
from insuragent.headoffice.sessions import LONGEST, Entrance
from insuragent.i18n import LANGUAGES, N_, Tongue, _, speaking

log = logging.getLogger(__name__)

#: What every page says to the browser: nothing is loaded or run but our own style sheet and pictures.
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
LANGUAGE = "insuragent-language"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
#: Forms are short; the largest body in bytes.
_LARGEST_FORM = 64 * 1024
#: A guessed password costs memory and time: so many at once, and the desks' requests go on.
_AT_ONCE = 2

_NOT_YOURS = N_("您的岗位不能使用这个页面")
_UNFIT = N_("这个请求不能处理：页面可能已过期，请返回后重试")
_FAULT = N_("总公司的服务器现在不能完成这个操作，资料没有受到影响，请稍后再试")
_OTHER_HOST = N_("请用总公司控制台自己的地址访问")


class Gate:
    """Shows the pages of the console to those who may see them."""

    def __init__(
        self, database: Database, authorities: frozenset[str], csrf_key: bytes, tongues: Sequence[Tongue]
    ) -> None:
        """``authorities`` are the host:port names that are ours, ``csrf_key`` is secret."""
        self._database, self._entrance, self._authorities = database, Entrance(database), authorities
        self._tongues = {tongue.language: tongue for tongue in tongues}
        self._templates = Templates()
        self._pages: list[Page] = []
        # A browser sends a cookie that is "secure" over TLS only; without TLS we serve this computer alone.
        self._is_secure = not any(name.rpartition(":")[0] in _LOOPBACK for name in authorities)
        prefix = "__Host-" if self._is_secure else ""
        names = ("session", "csrf", "attempt")
        self._session, self._csrf, self._attempt = (f"{prefix}insuragent-{name}" for name in names)
        self._csrf_key = csrf_key.hex()
        self._limiter = CapacityLimiter(_AT_ONCE)

    def open(self, pages: Sequence[Page]) -> Router:
        """The handlers of all pages. Unsafe ones need the token of a form of ours."""
        self._pages = list(pages)
        guard = CSRFConfig(
            self._csrf_key,
            cookie_name=self._csrf,
            cookie_secure=self._is_secure,
            cookie_httponly=True,
            cookie_samesite="strict",
        )
        return Router(
            ROOT,
            route_handlers=[self._handler(page) for page in pages],
            middleware=[DefineMiddleware(CSRFMiddleware, config=guard)],
            # As functions, because the framework copies what it is given, and would copy us with our methods.
            exception_handlers={
                HTTPException: lambda request, error: self._on_http(request, error),
                Exception: lambda request, error: self._on_fault(request, error),
            },
        )

    def _handler(self, page: Page) -> HTTPRouteHandler:
        @route(
            page.path,
            http_method=page.method,
            name=f"console {page.method} {page.path}",
            status_code=200,
            opt=roles.allow(page.callers),
            request_max_body_size=_LARGEST_FORM,
        )
        async def handler(request: Asked) -> Response[Any]:
            form = await request.form() if page.method == "POST" else FormMultiDict()
            limiter = self._limiter if page.method == "POST" and roles.Caller.ANYONE in page.callers else None
            return await to_thread.run_sync(functools.partial(self._answer, page, request, form), limiter=limiter)

        return handler

    def _answer(self, page: Page, request: Asked, form: FormMultiDict) -> Response[Any]:
        with speaking(self._tongue(request)):
            try:
                visit = self._visit(page, request, form)
                if not visit:
                    return self._sent(Go(f"{ROOT}/login", done="sign_in"))
                if visit.account and visit.account.temporary and not page.temporary:
                    return self._sent(Go(f"{ROOT}/account"))
                with audit.acting(visit.account.name if visit.account else ""):
                    outcome = page.use(visit)
            except InsuragentError as error:
                log.info("refused %s: %s", page.path, getattr(error, "code", type(error).__name__))
                visit = self._stranger(request)
                outcome = View("problem.html", {"words": str(error), "advice": error.advice}, status_of(error))
            return self._shown(outcome, visit, request) if isinstance(outcome, View) else self._sent(outcome)

    def _on_http(self, request: Asked, error: HTTPException) -> Response[Any]:
        log.info("refused %s: %d", request.method, error.status_code)
        return self._problem(request, _UNFIT, error.status_code)

    def _on_fault(self, request: Asked, error: Exception) -> Response[Any]:
        # Only its kind: the words of an error may hold personal data.
        log.error("fault at the console: %s", type(error).__name__)
        return self._problem(request, _FAULT, 503 if isinstance(error, SQLAlchemyError) else 500)

    def _problem(self, request: Asked, words: str, status: int) -> Response[Any]:
        """A page for whatever went wrong before or beside a page of ours; the database may be what is away."""
        with speaking(self._tongue(request)):
            view = View("problem.html", {"words": _(words), "advice": "", "csrf": ""}, status)
            return self._shown(view, Visit(None, "", ""), request)

    def _visit(self, page: Page, request: Asked, form: FormMultiDict) -> Visit | None:
        """The visit, if it may be; None for somebody who must sign in. Raises NotPermitted for another role's page."""
        if request.headers.get("host", "") not in self._authorities:
            raise UserError(_OTHER_HOST)
        token = request.cookies.get(self._session, "")
        account = self._entrance.recognise(token)
        callers = frozenset(map(str, page.callers))
        if roles.Caller.ANYONE not in callers:
            if account is None:
                return None
            if account.role not in callers:
                raise NotPermitted(_NOT_YOURS)
        asked = {**request.query_params, **{k: str(v) for k, v in request.path_params.items()}}
        told = {name: [str(value) for value in form.getall(name)] for name in page.fields if name in form}
        address = request.client.host if request.client else ""
        first = {name: values[0] for name, values in told.items() if values}
        ticked = {name: tuple(values) for name, values in told.items()}
        origin = f"http{'s' if self._is_secure else ''}://{request.headers['host']}"
        attempt = request.cookies.get(self._attempt, "")
        reach = staff.reach(self._database, account)
        return Visit(account, token, address, asked, first, ticked, reach, origin, attempt)

    def _stranger(self, request: Asked) -> Visit:
        token = request.cookies.get(self._session, "")
        return Visit(self._entrance.recognise(token), token, "")

    def _tongue(self, request: Asked) -> Tongue:
        wanted = request.cookies.get(LANGUAGE) or request.headers.get("accept-language", "")[:2]
        return self._tongues.get(wanted) or self._tongues[next(iter(LANGUAGES))]

    def _shown(self, view: View, visit: Visit, request: Asked) -> Response[Any]:
        told: dict[str, Any] = {
            "account": visit.account,
            "nav": [
                page for page in self._pages if page.label and visit.account and visit.account.role in page.callers
            ],
            "here": f"/{request.url.path.removeprefix(ROOT).strip('/').partition('/')[0]}",
            "done": DONE.get(visit.asked.get("done", ""), ""),
            "csrf": csrf_token({"request": request}),
            **view.told,
        }
        page = self._templates.render(view.template, told)
        cookies = self._cookies(view)
        return Response(page, status_code=view.status, media_type="text/html", headers=HEADERS, cookies=cookies)

    def _sent(self, outcome: Go | File | Asset) -> Response[Any]:
        match outcome:
            case File():
                told = {"content-disposition": f'attachment; filename="{outcome.name}"'}
                return Response(outcome.data, media_type=outcome.media, headers=HEADERS | told)
            case Asset():
                kept = {"cache-control": "public, max-age=3600"}
                return Response(outcome.data, media_type=outcome.media, headers=HEADERS | kept)
        query = f"?{urlencode({'done': outcome.done})}" if outcome.done else ""
        told = {"location": outcome.to + query}
        return Response(None, status_code=303, headers=HEADERS | told, cookies=self._cookies(outcome))

    def _cookies(self, outcome: Go | View) -> list[Cookie]:
        made = []
        if outcome.token is not None:
            age = int(LONGEST.total_seconds()) if outcome.token else 0
            made.append(self._cookie(self._session, outcome.token, age))
        if outcome.attempt is not None:
            # It has to come along when the provider sends the person back, which is from another site.
            made.append(self._cookie(self._attempt, outcome.attempt, PATIENCE if outcome.attempt else 0, "lax"))
        if isinstance(outcome, Go) and outcome.language in self._tongues:
            made.append(self._cookie(LANGUAGE, outcome.language, 365 * 24 * 3600))
        return made

    def _cookie(self, key: str, value: str, age: int, site: Literal["strict", "lax"] = "strict") -> Cookie:
        return Cookie(key, value=value, max_age=age, secure=self._is_secure, httponly=True, samesite=site)
