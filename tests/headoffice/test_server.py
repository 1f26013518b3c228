"""The process: its limits, its end, and what it says of itself."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import zstandard

from insuragent.errors import HeadOfficeError
from insuragent.headoffice import schema
from insuragent.headoffice.database import Database
from insuragent.headoffice.routes import SMALL
from insuragent.headoffice.serve import LONGEST_HEAD
from insuragent.headoffice.signing import create_key
from insuragent.services import customers
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync.protocol import LARGEST_BODY, LARGEST_MESSAGE, ErrorBody, Hello, Push, pack, unpack
from tests.headoffice.signed import HELLO, Signer, code_of
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice, open_office
from tests.sync.state import of_desk, of_office


@pytest.fixture(params=["sqlite", "postgres"])
def own_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HeadOffice]:
    """A head office of this test's own, that may be killed."""
    url = f"sqlite:///{tmp_path / 'headoffice.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    with open_office(url, tmp_path) as office:
        yield office


@pytest.fixture
def signer(sqlite_office: HeadOffice) -> Signer:
    """A device of an agent of its own."""
    return Signer(sqlite_office, sqlite_office.appoint())


def test_health_is_told_without_a_secret(sqlite_office: HeadOffice) -> None:
    """For whoever watches over it."""
    answer = httpx2.get(f"{sqlite_office.address}/health", trust_env=False)
    told = answer.json()
    assert (answer.status_code, told["state"]) == (200, "ok")
    assert 0 < told["database_ms"] < 60_000


def test_what_is_not_named_is_not_there(sqlite_office: HeadOffice) -> None:
    """No other route, no other method, no page that describes the routes."""
    with httpx2.Client(base_url=sqlite_office.address, trust_env=False) as line:
        for path in ("/", "/v1", "/v1/records", "/schema", "/schema/openapi.json", "/docs"):
            assert line.get(path).status_code == 404
        assert line.get("/v1/push").status_code == 405
        answer = line.get("/v1/hello")
    assert "traceback" not in answer.text.lower()


def test_a_body_that_is_too_large_is_refused(signer: Signer) -> None:
    """Before anything of it is unpacked or its signature looked at."""
    answer = signer.ask("push", os.urandom(LARGEST_BODY + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("piece", [b"x", b"x-more: y\r\n"])
def test_a_head_without_an_end_is_refused(sqlite_office: HeadOffice, piece: bytes) -> None:
    """Neither one long line nor many short ones fill the server's memory."""
    with socket.create_connection(("127.0.0.1", sqlite_office.port), 30) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nhost: h\r\n" + piece * (LONGEST_HEAD // len(piece)))
        assert line.recv(4096).startswith(b"HTTP/1.1 400 ")
        assert line.recv(4096) == b""
    assert "refused a head" in sqlite_office.log()
    assert httpx2.get(f"{sqlite_office.address}/health").status_code == 200


@pytest.mark.parametrize("own_office", ["sqlite"], indirect=True)
def test_a_message_that_breaks_off_is_no_fault_of_ours(own_office: HeadOffice) -> None:
    """Lines break every day: whoever watches for status 500 is not woken by one."""
    head = b"POST /v1/push HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", own_office.port), 30) as line:
        line.sendall(head)
        assert line.recv(4096).startswith(b"HTTP/1.1 100 "), "somebody waits for the rest"
        line.sendall(b"half")
    own_office.stop()  # what is under way comes to its end first
    (answered,) = [one for one in map(json.loads, own_office.log().splitlines()) if one.get("route") == "/v1/push"]
    assert answered["status"] == 400


@pytest.mark.parametrize("route", ["hello", "pull", "receipt"])
def test_a_message_of_fixed_shape_has_a_limit_of_its_own(signer: Signer, route: str) -> None:
    """Neither a large body nor one that unpacks to more than such a message can be is looked at."""
    assert signer.ask(route, os.urandom(SMALL.body + 1)).status_code == 413
    assert code_of(signer.ask(route, zstandard.compress(b" " * (SMALL.message + 1)))) == "bad_message"


def test_a_stranger_cannot_make_head_office_unpack_much(sqlite_office: HeadOffice) -> None:
    """The enrolment is open to all, so it takes no more than an enrolment needs."""
    with httpx2.Client(base_url=sqlite_office.address, trust_env=False) as line:
        assert line.post("/v1/enrol", content=os.urandom(SMALL.body + 1)).status_code == 413
        answer = line.post("/v1/enrol", content=zstandard.compress(b" " * (SMALL.message + 1)))
    assert code_of(answer) == "bad_message"


def test_a_bomb_is_refused_and_the_server_lives(signer: Signer) -> None:
    """A signed message that unpacks to more than a message may be."""
    bomb = zstandard.compress(b"0" * (LARGEST_MESSAGE + 1))
    assert code_of(signer.ask("push", bomb)) == "bad_message"
    assert signer.ask().status_code == 200


@pytest.mark.parametrize("body", [b"", b"{}", zstandard.compress(b"[]"), pack(Push([]))[:-3]])
def test_a_malformed_message_has_a_typed_answer(signer: Signer, body: bytes) -> None:
    """A stable code in our own form, and nothing changed."""
    answer = signer.ask("push", body)
    error = unpack(answer.content, ErrorBody)
    assert (answer.status_code, error.code) == (400, "bad_message")
    assert error.words


def test_an_unknown_feed_is_refused(signer: Signer) -> None:
    """A desk reads its own feed and the catalogue's; no name of a feed leads to another agent's."""
    from insuragent.sync.protocol import Pull

    for feed in ("", "other", str(UUID(int=1)), "office"):
        assert code_of(signer.ask("pull", Pull(feed, 0))) == "unknown_feed"


def test_nothing_may_be_cached(signer: Signer) -> None:
    """Answers are for the device alone."""
    headers = signer.ask().headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert "server" not in headers


def test_a_desk_ahead_of_head_office_is_told(signer: Signer) -> None:
    """Head office was restored from an older backup: nothing is sent into the gap, and nobody is blamed."""
    assert code_of(signer.ask(message=Hello(9, 9, HELLO.now))) == "behind"


@pytest.mark.parametrize("own_office", ["postgres"], indirect=True)
def test_killed_in_the_middle_nothing_is_lost(own_office: HeadOffice, make_desk: NewDesk) -> None:
    """kill -9 while a desk syncs, beside a PostgreSQL that lives on; on SQLite tests/sync/test_kills.py does it."""
    staff_id = own_office.appoint()
    desk = own_office.seat(make_desk("one"), staff_id)
    for number in range(6):
        _work(desk, number)
        killer = threading.Timer(0.004 * number, own_office.stop, [signal.SIGKILL])
        killer.start()
        try:
            offices.sync_now(desk)
        except HeadOfficeError:
            pass
        finally:
            killer.join()
            own_office.start()
    offices.sync_now(desk)
    assert of_desk(desk) == of_office(own_office.database, str(staff_id))


def test_asked_to_stop_it_ends_what_is_under_way(own_office: HeadOffice, make_desk: NewDesk) -> None:
    """A graceful stop: no half push, and the port is free for the next start."""
    staff_id = own_office.appoint()
    desk = own_office.seat(make_desk("one"), staff_id)
    _work(desk, 1)
    offices.sync_now(desk)
    began = time.monotonic()
    own_office.stop(signal.SIGTERM)
    assert time.monotonic() - began < 10
    own_office.start()
    assert offices.sync_now(desk).received == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_head_office_of_the_demo_ends_with_its_program(tmp_path: Path, how: signal.Signals) -> None:
    """However that ends: nobody is left behind who serves on."""
    database = Database(f"sqlite:///{tmp_path / 'headoffice.db'}")
    schema.bring_up_to_date(database)
    create_key(database)
    database.close()
    script = "import sys; from pathlib import Path; from insuragent.demo.headquarters import headquarters\n"
    script += "with headquarters(Path(sys.argv[1])) as office: print(office.address, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        address = httpx2.URL(program.stdout.readline().strip())
        with socket.create_connection((address.host, address.port or 0), 30) as line:
            program.send_signal(how)
            with suppress(ConnectionResetError):
                assert line.recv(1) == b"", "whoever ends closes the line"


def test_the_commands_lead_through_a_device_life(tmp_path: Path) -> None:
    """init, publish, enrol-code, devices, revoke: what an administrator types, with answers in JSON."""
    url = f"sqlite:///{tmp_path / 'headoffice.db'}"
    first = _command("init", url)
    assert _command("init", url) == first, "a second time changes nothing"
    staff = tmp_path / "staff.json"
    staff.write_text(
        json.dumps([{"kind": "staff", "name": "王一", "licence_no": "00000244030000002026000123",
                     "licence_valid_to": "2030-01-01", "company": "示例", "branch": "上海"}])
    )  # fmt: skip
    (published,) = _command("publish", url, str(staff))["published"]
    code = _command("enrol-code", url, "--staff", published["id"])
    assert (len(code["code"]), code["minutes"]) == (14, 15)
    assert _command("devices", url) == {"devices": []}
    refused = _run("revoke", url, "none")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"]


def test_without_init_it_says_what_to_do(tmp_path: Path) -> None:
    """An empty database is no fault of the program's."""
    done = _run("serve", f"sqlite:///{tmp_path / 'none.db'}", "--port", "0")
    assert done.returncode == 1
    assert "headoffice init" in json.loads(done.stdout)["advice"]


@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://nobody@127.0.0.1:9/none", "oracle://x/y"])
def test_a_database_that_cannot_be_used_is_told(url: str) -> None:
    """A wrong address or a server that does not answer: words, no traceback."""
    done = _run("devices", url)
    assert done.returncode == 1
    assert "sqlite:///" in json.loads(done.stdout)["advice"]


def _work(desk: Desk, number: int) -> None:
    with desk.begin() as work:
        for part in range(20):
            customers.create(work, {"name": f"客户{number}", "remark": f"第 {part} 位"})


def _run(name: str, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "insuragent", "headoffice", name, "--json", "--db", url, *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)


def _command(name: str, url: str, *words: str) -> dict[str, object]:
    done = _run(name, url, *words)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told
