"""The addresses by which bytes go to head office and come back: tus 1.0 to send, ranges to fetch.

The address itself is the permission (see :mod:`insuragent.headoffice.files`), so that any tus client can go on with
an upload. What arrived before a line broke is kept.
"""

from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Any, TypeVar

from anyio import to_thread
from litestar import HttpMethod, Request, Response, get, head, patch, route
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from insuragent.headoffice.files import FETCH, PUSH, SEND, Files, Upload
from insuragent.headoffice.roles import Caller, allow
from insuragent.rules.filetypes import LARGEST
from insuragent.sync.protocol.files import TUS_MEDIA_TYPE, TUS_VERSION

_HOLDERS = allow([Caller.HOLDER])
_ADDRESS = "/v1/files/{token:str}"
#: So much is kept at once: what a process that is killed loses of an upload is less.
_PIECE = 1024 * 1024
_TUS = {"tus-resumable": TUS_VERSION, "cache-control": "no-store", "x-content-type-options": "nosniff"}
#: The statuses of the protocol: 412 another version, 415 another media type, 409 another offset, 460 another hash.
_OTHER_VERSION, _OTHER_TYPE, _OTHER_OFFSET, _OTHER_HASH = 412, 415, 409, 460
#: A file that is not of an allowed kind, and a range that begins behind its end.
_REFUSED, _NO_SUCH_RANGE = 422, 416

R = TypeVar("R")
Asked = Request[Any, Any, Any]


def routes(files: Files) -> list[HTTPRouteHandler]:
    """The handlers of the addresses of files."""

    @route(_ADDRESS, http_method=[HttpMethod.OPTIONS], status_code=204, name="file-options", opt=allow([Caller.ANYONE]))
    async def options(token: FromPath[str]) -> Response[None]:
        told = {"tus-version": TUS_VERSION, "tus-extension": "expiration", "tus-max-size": str(LARGEST)}
        return Response(None, status_code=204, headers=_TUS | told)

    @head(_ADDRESS, name="file-head", opt=_HOLDERS)
    async def how_far(token: FromPath[str]) -> Response[None]:
        way, place = await _run(files.way, token, SEND, FETCH, PUSH)
        at = await _run(files.size, way, place)
        return Response(None, headers=_TUS | {"upload-offset": str(at), "upload-length": str(way.size)})

    @patch(_ADDRESS, status_code=204, name="file-patch", opt=_HOLDERS, request_max_body_size=LARGEST)
    async def send(request: Asked, token: FromPath[str]) -> Response[None]:
        upload = await _run(files.upload, token)
        refusal = _unfit(request, upload)
        if refusal:
            return Response(None, status_code=refusal, headers=_TUS | {"tus-version": TUS_VERSION})
        at = await _keep(request, files, upload)
        if at >= upload.way.size:
            code = await _run(files.finish, upload)
            if code:
                status = _OTHER_HASH if code == "file_hash" else _REFUSED
                return Response(None, status_code=status, headers=_TUS | {"insuragent-refused": code})
        expires = formatdate(upload.way.expires, usegmt=True)
        return Response(None, status_code=204, headers=_TUS | {"upload-offset": str(at), "upload-expires": expires})

    @get(_ADDRESS, name="file-get", opt=_HOLDERS)
    async def fetch(request: Asked, token: FromPath[str]) -> Response[bytes]:
        way, place = await _run(files.way, token, FETCH)
        start, end = _range(request.headers.get("range", ""), way.size)
        data = await _run(files.read, place, start, end)
        told = {"accept-ranges": "bytes", "content-disposition": "attachment"}
        if (start, end) == (0, way.size):
            return Response(data, media_type="application/octet-stream", headers=_TUS | told)
        told["content-range"] = f"bytes {start}-{end - 1}/{way.size}"
        return Response(data, status_code=206, media_type="application/octet-stream", headers=_TUS | told)

    return [options, how_far, send, fetch]


async def _keep(request: Asked, files: Files, upload: Upload) -> int:
    """Keep what arrives, piece by piece, up to the file's length; returns how much is there then."""
    at, held = upload.at, bytearray()
    try:
        async for chunk in request.stream():
            held += chunk[: upload.way.size - at - len(held)]
            if len(held) >= _PIECE:
                await _run(files.add, upload, at, bytes(held))
                at, held = at + len(held), bytearray()
    except InternalServerException:
        pass  # the line broke: what came before is good
    if held:
        await _run(files.add, upload, at, bytes(held))
    return at + len(held)


def _unfit(request: Asked, upload: Upload) -> int:
    """The status that tells why this is no next piece of the upload; 0 when it is one."""
    if request.headers.get("tus-resumable") != TUS_VERSION:
        return _OTHER_VERSION
    if request.headers.get("content-type") != TUS_MEDIA_TYPE:
        return _OTHER_TYPE
    return 0 if request.headers.get("upload-offset") == str(upload.at) else _OTHER_OFFSET


def _range(told: str, size: int) -> tuple[int, int]:
    """The one range that is asked for; the whole for none, or for one that we do not understand (RFC 9110, 14.2).

    Raises HTTPException 416 for one behind the end.
    """
    unit, _equals, span = told.partition("=")
    first, dash, last = span.partition("-")
    if unit != "bytes" or not dash or not first.isdecimal() or (last and not last.isdecimal()):
        return 0, size
    start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= end:
        raise HTTPException(status_code=_NO_SUCH_RANGE)
    return start, end


async def _run(call: Callable[..., R], *arguments: Any) -> R:
    return await to_thread.run_sync(partial(call, *arguments))
