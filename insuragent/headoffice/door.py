"""The door: which device is asking, and how a message comes in and its answer goes out."""

from dataclasses import replace
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from insuragent.headoffice import identity
from insuragent.headoffice.identity import Admission, Doorkeeper
from insuragent.headoffice.roles import Caller, allow
from insuragent.headoffice.routes import Device, Route
from insuragent.headoffice.versions import Versions
from insuragent.sync.protocol import HEADER, MEDIA_TYPE, VERSION, pack, unpack

#: What every answer says: it is for this device alone, and in this version.
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", HEADER: str(VERSION)}

Asked = Request[Any, Any, Any]


class Door:
    """Lets in devices that the doorkeeper recognises; ``authorities`` are the host:port names that are ours."""

    def __init__(self, keeper: Doorkeeper, authorities: frozenset[str], versions: Versions) -> None:
        self._keeper, self._authorities, self._versions = keeper, authorities, versions

    def open(self, route: Route[Any]) -> HTTPRouteHandler:
        """The handler of a route."""

        def answered(request: Asked, body: bytes) -> Response[bytes]:
            device, admission = self._recognise(request, body, withdrawn=route.withdrawn)
            version = request.headers.get(HEADER)
            self._versions.check(version, pulls=route.pulls)
            if not self._versions.may_pull(version):
                device = replace(device, may_pull=False)
            found = route.use(device, unpack(body, route.kind, route.limit.message))
            if not admission.done:
                raise RuntimeError(f"{route.name} answers without a look at who asks")
            return answer(found)

        who = allow([Caller.DEVICE])

        @post(f"/v1/{route.name}", name=route.name, status_code=200, request_max_body_size=route.limit.body, opt=who)
        async def handler(request: Asked) -> Response[bytes]:
            body = await request.body()
            return await to_thread.run_sync(answered, request, body)

        return handler

    def _recognise(self, request: Asked, body: bytes, *, withdrawn: bool) -> tuple[Device, Admission]:
        told = request.headers.get("host", "")
        # The name must be ours: a signature made for another host is no signature for us.
        host = told if told in self._authorities else "unknown.invalid"
        query, raw = f"?{request.scope['query_string'].decode('latin-1')}", list(request.scope["headers"])
        once = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        fields = once if len(once) == len(raw) else {}
        path = request.scope["path"]
        signed = identity.Request(request.method, host, path, query, request.headers, body, fields)
        return self._keeper.identify(signed, withdrawn=withdrawn)


def answer(message: msgspec.Struct, status: int = 200) -> Response[bytes]:
    """A message as an answer."""
    return Response(pack(message), status_code=status, media_type=MEDIA_TYPE, headers=HEADERS)
