"""What is told of each request, for Prometheus and for the log: its route, status and time; never what it carried."""

import logging
import time
from typing import Any

from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler

from insuragent.headoffice.door import HEADERS
from insuragent.headoffice.metrics import MEDIA_TYPE, Metrics
from insuragent.headoffice.roles import Caller, allow

log = logging.getLogger(__name__)

#: The name of all paths that are no route of ours: what a stranger asks for is not told in his words.
_OTHER = "other"


class Watched:
    """The application, and a line and a count for each request that it answered."""

    def __init__(self, application: Litestar, metrics: Metrics) -> None:
        self._application, self._metrics = application, metrics
        self._routes = {route_of(route.path) for route in application.routes}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            return await self._application(scope, receive, send)
        began, seen = time.perf_counter(), {"status": 500, "received": 0}

        async def received() -> Any:
            message = await receive()
            seen["received"] += len(message.get("body", b""))
            return message

        async def sent(message: Any) -> None:
            seen["status"] = message.get("status", seen["status"])
            await send(message)

        try:
            await self._application(scope, received, sent)
        finally:
            route = route_of(scope["path"])
            self._tell(route if route in self._routes else _OTHER, time.perf_counter() - began, **seen)

    def _tell(self, route: str, seconds: float, status: int, received: int) -> None:
        self._metrics.tell_request(route, status, seconds, received)
        told = {"route": route, "status": status, "ms": round(seconds * 1000, 1), "received": received}
        log.info("answered", extra=told)


def metrics_route(metrics: Metrics) -> HTTPRouteHandler:
    """``GET /metrics``: counts only. Whoever stands before the server decides who may see them."""

    @get("/metrics", sync_to_thread=False, opt=allow([Caller.ANYONE]))
    def told() -> Response[bytes]:
        return Response(metrics.told(), media_type=MEDIA_TYPE, headers=HEADERS)

    return told


def route_of(path: str) -> str:
    """The first two parts of a path: what follows may be a name or a capability."""
    return "/".join(path.split("/")[:3])
