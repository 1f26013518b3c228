"""What can be asked of head office, as OpenAPI 3.1: made from the routes and their messages, so that it cannot lag."""

import re
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from insuragent import __version__
from insuragent.headoffice.console.pages import ROOT, Page
from insuragent.headoffice.door import HEADERS
from insuragent.headoffice.roles import Caller, allow
from insuragent.headoffice.routes import Route
from insuragent.rules.filetypes import LARGEST
from insuragent.sync.protocol import COMPONENTS, HEADER, MEDIA_TYPE, TAG, VERSION, ErrorBody
from insuragent.sync.protocol.devices import Enrol, EnrolAnswer
from insuragent.sync.protocol.files import TUS_MEDIA_TYPE, TUS_VERSION

_PACKED = (
    "A message is JSON of the schema, packed by Zstandard (RFC 8878) into one frame that tells its size;"
    f" its media type is {MEDIA_TYPE}."
)
_SIGNED = (
    f"Signed by the device's Ed25519 key (RFC 9421, tag {TAG}) over {', '.join(COMPONENTS)}; each nonce is taken once."
)
_REF = "#/components/schemas/{name}"
_DEVICE, _SESSION = "device", "session"
Json = dict[str, Any]


def document(routes: Sequence[Route[Any]], pages: Iterable[Page]) -> Json:
    """The document; ``routes`` are those of devices, ``pages`` those of the console."""
    answers = {route.name: typing.get_type_hints(route.use)["return"] for route in routes}
    messages = [ErrorBody, Enrol, EnrolAnswer, *(route.kind for route in routes), *answers.values()]
    _shapes, components = msgspec.json.schema_components(messages, ref_template=_REF)
    paths: dict[str, Json] = {
        "/v1/enrol": {
            "post": _exchange("enrol", Enrol, EnrolAnswer, "Make a device known by a one-time code.", signed=False)
        }
    }
    for route in routes:
        told = (route.use.__doc__ or "").strip().partition("\n")[0]
        paths[f"/v1/{route.name}"] = {"post": _exchange(route.name, route.kind, answers[route.name], told, signed=True)}
    paths |= _files() | _watching()
    for page in pages:
        path = ROOT + re.sub(r":\w+\}", "}", page.path).rstrip("/")
        paths.setdefault(path, {})[page.method.lower()] = _page(page, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "insuragent head office", "version": __version__, "description": f"{_PACKED} {_SIGNED}"},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                _DEVICE: {"type": "apiKey", "in": "header", "name": "signature", "description": _SIGNED},
                _SESSION: {"type": "apiKey", "in": "cookie", "name": "insuragent-session"},
            },
        },
    }


def openapi_route(told: Json) -> HTTPRouteHandler:
    """``GET /openapi.json``: it tells what anybody can read in the program, and nothing of anybody."""
    body = msgspec.json.encode(told)

    @get("/openapi.json", sync_to_thread=False, opt=allow([Caller.ANYONE]))
    def served() -> Response[bytes]:
        return Response(body, media_type="application/json", headers=HEADERS)

    return served


def _exchange(name: str, asked: type, answer: type, told: str, *, signed: bool) -> Json:
    version = {"name": HEADER, "in": "header", "required": True, "schema": {"const": str(VERSION)}}
    return {
        "operationId": name,
        "summary": told,
        "parameters": [version],
        "requestBody": {"required": True, "content": _packed(asked)},
        "responses": {"200": {"description": "Done", "content": _packed(answer)}, **_refused()},
        "security": [{_DEVICE: []}] if signed else [],
    }


def _packed(message: type) -> Json:
    return {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name=message.__name__)}}}


def _refused() -> Json:
    why = "Why not: a stable code, and words for a person; nothing was changed"
    return {status: {"description": why, "content": _packed(ErrorBody)} for status in ("4XX", "503")}


def _files() -> dict[str, Json]:
    """tus 1.0: an address is its own permission."""
    token = {"name": "token", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 2000}}
    tus = {"name": "tus-resumable", "in": "header", "required": True, "schema": {"const": TUS_VERSION}}
    offset = {"name": "upload-offset", "in": "header", "required": True, "schema": _count()}
    span = {"name": "range", "in": "header", "schema": {"type": "string"}}
    whole: Json = {"application/octet-stream": {"schema": {}}}
    piece: Json = {TUS_MEDIA_TYPE: {"schema": {}}}

    def asked(name: str, told: str, done: Json, *parameters: Json, **more: Any) -> Json:
        responses = {**done, **_refused()}
        return {"operationId": name, "summary": told, "parameters": [*parameters], "responses": responses} | more

    return {
        "/v1/files/{token}": {
            "parameters": [token],
            "head": asked("file-head", "How much of an upload is there.", {"200": {"description": "upload-offset"}}),
            "patch": asked(
                "file-patch",
                "Send the next piece.",
                {"204": {"description": "Kept"}, "460": {"description": "Other bytes than were told"}},
                tus,
                offset,
                requestBody={"required": True, "content": piece},
            ),
            "get": asked(
                "file-get",
                "Fetch a file, or a range of it.",
                {status: {"description": "Its bytes", "content": whole} for status in ("200", "206")},
                span,
            ),
            "options": asked("file-options", "What of tus is spoken.", {"204": {"description": "tus-version"}}),
        }
    }


def _count() -> Json:
    return {"type": "integer", "minimum": 0, "maximum": LARGEST}


def _watching() -> dict[str, Json]:
    def told(name: str, media: str, words: str) -> Json:
        done = {"description": words, "content": {media: {"schema": {}}}}
        return {"get": {"operationId": name, "summary": words, "responses": {"200": done, **_refused()}}}

    return {
        "/health": told("health", "application/json", "Whether the database answers, and how quickly."),
        "/metrics": told("metrics", "text/plain", "Counts for Prometheus."),
        "/openapi.json": told("openapi", "application/json", "This document."),
    }


def _page(page: Page, path: str) -> Json:
    """A page of the console: HTML for people; its roles stand beside it."""
    names = re.findall(r"\{(\w+)\}", path)
    html = {"text/html": {"schema": {"type": "string"}}}
    done = {"200": {"description": "The page, or a file to keep", "content": html | {"text/csv": {"schema": {}}}}}
    moved = {"303": {"description": "Done, or sign in first"}, "4XX": {"description": "Why not", "content": html}}
    told: Json = {
        "operationId": f"{page.method} {path}",
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names],
        "responses": done | moved | {"503": {"description": "Not now", "content": html}},
        "x-callers": sorted(map(str, page.callers)),
        "security": [] if Caller.ANYONE in page.callers else [{_SESSION: []}],
    }
    if page.method == "POST":
        fields: Mapping[str, Json] = {name: {"type": "string"} for name in ("_csrf_token", *page.fields)}
        form = {"type": "object", "properties": fields, "required": ["_csrf_token"], "additionalProperties": False}
        told["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    return told
