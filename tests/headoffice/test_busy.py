"""A database that is away is no fault of anybody's: the desk is told when to come back, and does."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest

from insuragent.services import customers
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import client, syncer
from insuragent.sync.busy import Busy
from tests import postgres
from tests.headoffice.signed import Signer, code_of
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice, open_office
from tests.postgres import Postgres
from tests.sync.state import assert_equal, of_desk, of_office


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[tuple[HeadOffice, Postgres]]:
    """A head office on a PostgreSQL that may be stopped."""
    with postgres.running() as server, open_office(server.url(server.create()), tmp_path) as office:
        yield office, server


def seated(office: HeadOffice, make_desk: NewDesk) -> tuple[Desk, UUID]:
    """A desk with a customer that head office does not have."""
    staff_id = office.appoint()
    desk = office.seat(make_desk("one"), staff_id)
    office.database.close()  # nothing of the test's own is open when the server stops
    offices.sync_now(desk)
    with desk.begin() as work:
        customers.create(work, {"name": "王小明"})
    return desk, staff_id


def test_a_database_that_is_stopped_and_started_again(
    ground: tuple[HeadOffice, Postgres], make_desk: NewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with a time while it is away, also for whoever watches; then the first request is answered."""
    office, server = ground
    signer = Signer(office, office.appoint())
    desk, staff_id = seated(office, make_desk)
    server.stop()
    answer = signer.ask()
    assert (answer.status_code, code_of(answer), answer.headers["retry-after"]) == (503, "busy", "2")
    assert client.answers(office.address) is False
    monkeypatch.setattr(syncer, "GREETINGS", 1)
    with pytest.raises(Busy) as busy:
        offices.sync_now(desk)
    assert busy.value.after == 2
    server.start()
    assert signer.ask().status_code == 200
    offices.sync_now(desk)
    assert of_desk(desk) == of_office(office.database, str(staff_id))
    assert "Traceback" not in office.log()


def test_a_pass_waits_as_long_as_it_is_asked_to(
    ground: tuple[HeadOffice, Postgres], make_desk: NewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A break of the database in the middle of the day: the pass itself comes back and finishes."""
    office, server = ground
    desk, staff_id = seated(office, make_desk)
    send, waits = client._send, []

    def once(*args: object) -> object:
        try:
            return send(*args)  # type: ignore[arg-type]
        except Busy as busy:
            waits.append(busy.after)
            server.start()
            raise

    monkeypatch.setattr(client, "_send", once)
    server.stop()
    offices.sync_now(desk)
    assert waits == [2]
    assert of_desk(desk) == of_office(office.database, str(staff_id))


def test_a_database_that_is_started_anew_amid_a_push(
    ground: tuple[HeadOffice, Postgres], make_desk: NewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The push waits for a lock when its database goes away: nothing of it is there, and the pass sends it again."""
    office, server = ground
    desk, staff_id = seated(office, make_desk)
    send, pushes, restarts = client._send, [], []

    def watched(line: object, request: httpx2.Request) -> object:
        if not request.url.path.endswith("push"):
            return send(line, request)  # type: ignore[arg-type]
        if not pushes:
            holder = psycopg.connect(f"host={server.folder} user=postgres dbname={office.database.engine.url.database}")
            holder.execute("lock table feed in access exclusive mode")
            restarts.append(threading.Timer(0.3, restart, [server, holder]))
            restarts[0].start()
        try:
            answer = send(line, request)  # type: ignore[arg-type]
        except Busy as busy:
            pushes.append(busy.after)
            restarts[0].join()
            raise
        pushes.append(None)
        return answer

    monkeypatch.setattr(client, "_send", watched)
    offices.sync_now(desk)
    assert pushes[0] == 2, "the first was refused, and for how long"
    assert_equal(office.database, desk, staff_id)
    assert "Traceback" not in office.log()


def restart(server: Postgres, holder: psycopg.Connection[Any]) -> None:
    """Stop the database with all that goes on in it, and start it again."""
    server.stop()
    holder.close()
    server.start()
