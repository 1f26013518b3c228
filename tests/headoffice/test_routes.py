"""Everything that can be asked, by everybody who might: the table in docs/routes.md holds, and the rest is denied."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from litestar import Litestar, get

from insuragent.headoffice import roles
from insuragent.headoffice.app import build
from insuragent.headoffice.roles import Caller, Undeclared
from insuragent.rules.access import Role
from tests.headoffice.people import Browser, signed_in
from tests.headoffice.signed import Signer, send
from tests.offices import HeadOffice
from tools.tree import ROOT

TABLE = ROOT / "docs" / "routes.md"
CALLERS = [*map(str, Caller), *map(str, Role)]
HEAD = """\
# Who may ask head office what

Every route, and everybody who might ask for it; a blank is a refusal. `tests/headoffice/test_routes.py` compares the
table with the program and asks each route as each of them. After a change on purpose:
`INSURAGENT_RENEW=1 pytest tests/headoffice/test_routes.py -k written`, and read what changed.

"""


def drawn(matrix: dict[str, frozenset[str]]) -> str:
    """The table as it is written."""
    rows = [f"| route | {' | '.join(CALLERS)} |", f"|---|{'---|' * len(CALLERS)}"]
    for route, callers in sorted(matrix.items(), key=lambda one: one[0].split()[::-1]):
        marks = ["x" if caller in callers else " " for caller in CALLERS]
        rows.append(f"| {route.replace('|', ' ')} | {' | '.join(marks)} |")
    return HEAD + "\n".join(rows) + "\n"


def written() -> dict[str, frozenset[str]]:
    """The table as it stands in the document."""
    lines = [line.split("|")[1:-1] for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    names = [cell.strip() for cell in lines[0][1:]]
    return {
        line[0].strip(): frozenset(name for name, mark in zip(names, line[1:], strict=True) if mark.strip())
        for line in lines[2:]
    }


def test_the_table_is_the_written_one(tmp_path: Path) -> None:
    """A route that is new, or open to somebody new, shows in a document that people read."""
    office = HeadOffice(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path)
    matrix = roles.matrix(build(office.database, ("127.0.0.1:8040",)))
    if os.environ.get("INSURAGENT_RENEW"):
        TABLE.write_text(drawn(matrix), encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == drawn(matrix)


def test_a_route_without_callers_keeps_the_server_from_starting() -> None:
    """Whoever adds one must say who may ask."""

    @get("/open")
    async def handler() -> str:
        return "open to anybody"

    with pytest.raises(Undeclared, match="/open"):
        roles.matrix(Litestar([handler], openapi_config=None))


def askers(office: HeadOffice) -> Iterator[tuple[str, Browser]]:
    """A browser for everybody who signs in, and one in which nobody has."""
    yield Caller.ANYONE, Browser(office)
    for role in Role:
        yield role, signed_in(office, role)


def ask(browser: Browser, method: str, path: str) -> httpx2.Response:
    """Ask for a route with nothing filled in; ids in its path name nothing."""
    path = filled(path)
    if method == "POST" and path.startswith("/console"):
        return browser.post(path.removeprefix("/console"))
    return browser.line.request(method, path)


def filled(path: str) -> str:
    """A path whose ids name nothing."""
    path = path.replace("{rest:path}", "nowhere").replace("{token:str}", "no.way")
    return re.sub(r"\{\w+:str\}", "00000000-0000-0000-0000-000000000000", path)


def is_denied(answer: httpx2.Response) -> bool:
    """Whether somebody was sent to sign in, or told that this is not for him; or that an address of files is not his.

    A page of the console about nothing is no denial: its role may ask, and learns that there is nothing.
    """
    to_entrance = answer.headers.get("location", "").endswith("/login?done=sign_in")
    at_a_form = answer.status_code == 401 and answer.headers["content-type"].startswith("text/html")
    no_way = answer.status_code == 404 and answer.request.url.path.startswith("/v1/")
    return to_entrance or (answer.status_code in (401, 403) and not at_a_form) or no_way


def test_every_route_is_asked_by_everybody(office: HeadOffice) -> None:
    """Allowed is what the table says, by any answer but a refusal of the person; all else is denied."""
    table, faults = written(), []
    for caller, browser in askers(office):
        for route, callers in table.items():
            method, path = route.split()
            if path == "/v1/enrol" or route == "POST /console/logout":
                continue  # a wrong code is refused like a wrong person; leaving is tried last
            answer = ask(browser, method, path)
            assert answer.status_code < 500, (route, caller, answer.status_code)
            allowed = caller in callers or Caller.ANYONE in callers
            if is_denied(answer) == allowed:
                faults.append((route, str(caller), answer.status_code))
        left = browser.post("/logout")
        assert is_denied(left) == (caller == Caller.ANYONE), caller
    assert faults == []


def test_a_device_asks_for_nothing_but_its_own_routes(office: HeadOffice) -> None:
    """Its signature opens no page, and opens each route of devices."""
    signer, table = Signer(office, office.appoint()), written()
    for route, callers in table.items():
        method, path = route.split()
        if path.startswith("/v1/") and Caller.DEVICE in callers:
            answer = signer.ask(path.removeprefix("/v1/"), b"")
            assert answer.status_code == 400, (route, "it is a device, though no message")
        elif path.startswith("/console") and Caller.ANYONE not in callers:
            signed = signer.request("hello", b"")
            other = httpx2.Request(method, f"{office.address}{filled(path)}", headers=signed.headers)
            assert is_denied(send(other)), route


def test_what_is_no_route_is_denied(office: HeadOffice) -> None:
    """For a stranger there is nothing, and nothing to learn."""
    browser = Browser(office)
    for path in ("/", "/v1", "/v1/hello", "/docs", "/schema", "/.git/config", "/console/../v1/pull", "/static/x"):
        assert browser.line.get(path).status_code in (303, 404, 405), path


def test_every_page_keeps_the_browser_in(office: HeadOffice) -> None:
    """Each answer of the console says what may be loaded, that it is not to be kept, and holds no script or style."""
    for caller, browser in askers(office):
        for route in written():
            method, path = route.split()
            if not path.startswith("/console") or route == "POST /console/logout":
                continue
            answer = ask(browser, method, path)
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'"), route
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            if path != "/console/console.css":
                assert answer.headers["cache-control"] == "no-store", route
            for mark in ("<script", "<style", " style=", " onclick", "javascript:", "<iframe"):
                assert mark not in answer.text.lower(), (route, caller, mark)


def test_every_form_needs_its_token(office: HeadOffice) -> None:
    """Each unsafe route of the console, walked from the table."""
    browser = signed_in(office, Role.ADMINISTRATOR)
    unsafe = [route.split() for route in written() if route.startswith("POST /console")]
    assert unsafe
    for _method, path in unsafe:
        answer = browser.line.post(path.replace("{", "").replace(":str}", ""), data={"name": "x"})
        assert answer.status_code == 403, path
