"""Who may ask what: each handler names its callers, and one that names none keeps the server from starting."""

import enum
from collections.abc import Iterable

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from insuragent.rules.access import Role


class Caller(enum.StrEnum):
    """Who may ask without being signed in."""

    ANYONE = "anyone"
    #: A device that signed its request (:mod:`door`).
    DEVICE = "device"
    #: Whoever was given the address, which is itself the permission (:mod:`files`).
    HOLDER = "holder"


#: All who sign in.
EVERY_ROLE = frozenset(Role)
#: Those who answer for others' work, and those who see customers' data in its course.
OVERSEERS = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMINISTRATOR})
KEEPERS = frozenset({Role.SUPERVISOR, Role.HANDLER, Role.COMPLIANCE})
_CALLERS = "callers"


class Undeclared(RuntimeError):
    """A handler does not say who may ask: a fault of ours, found before anybody can use it."""


def allow(callers: Iterable[Caller | Role]) -> dict[str, frozenset[str]]:
    """What a handler is given as ``opt`` to name its callers."""
    return {_CALLERS: frozenset(map(str, callers))}


def matrix(application: Litestar) -> dict[str, frozenset[str]]:
    """The callers of everything that can be asked, by ``METHOD /path``. Raises Undeclared."""
    found = {}
    for route in application.routes:
        assert isinstance(route, HTTPRoute), "there is nothing but http here"
        for handler in route.route_handlers:
            if _is_ours(handler):
                for method in sorted(handler.http_methods):
                    found[f"{method} {route.path}"] = _callers(handler, route.path)
    return found


def _callers(handler: HTTPRouteHandler, path: str) -> frozenset[str]:
    callers: frozenset[str] = handler.opt.get(_CALLERS, frozenset())
    if not callers:
        raise Undeclared(f"{path} does not say who may ask")
    return callers


def _is_ours(handler: HTTPRouteHandler) -> bool:
    """The framework answers OPTIONS itself, with nothing but the methods of a path."""
    return handler.fn.__module__ != HTTPRoute.__module__
