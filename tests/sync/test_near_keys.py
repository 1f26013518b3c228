"""A desk holds the keys that it can meet: its agent's, its branch's, and of those whose documents came to it."""

import json
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from insuragent import cli
from insuragent.headoffice import tables
from insuragent.headoffice.assignments import reassign
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.routes import Device as Caller
from insuragent.headoffice.sealers import Sealers as Published
from insuragent.headoffice.signing import load_key
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.services import sealers
from insuragent.services.desk import Desk
from insuragent.sync.protocol import Hello
from insuragent.sync.protocol.sealers import SealersAsked
from tests.office_fixtures import NewDesk
from tests.offices import PASSPHRASE, HeadOffice
from tests.sync.carrying import add, carry, parcels_of
from tests.sync.test_sealers import device_of, now, sealed


class Branches:
    """Desks in branches of this test's own."""

    def __init__(self, office: HeadOffice, make_desk: NewDesk) -> None:
        self.office, self._make = office, make_desk
        self._mark = f"{time.time_ns():x}"

    def branch(self, name: str) -> str:
        """The branch that is called so here."""
        return f"{name}{self._mark}"

    def seat(self, name: str, branch: str) -> tuple[Desk, UUID]:
        """A desk of a new agent, with its key made known."""
        staff = self.office.appoint(name=name, branch=self.branch(branch))
        desk = self.office.seat(self._make(name), staff)
        offices.sync_now(desk)
        return desk, staff


@pytest.fixture
def branches(office: HeadOffice, make_desk: NewDesk) -> Branches:
    """As many branches as a test wants."""
    return Branches(office, make_desk)


def held(desk: Desk) -> set[str]:
    """The names of those whose keys a desk holds, once it has synced."""
    offices.sync_now(desk)
    with desk.read() as work:
        return {one.name for devices in (sealers.sealers(work).published or {}).values() for one in devices}


def standing(desk: Desk, device: str) -> str:
    """Whether a desk takes a device for one in use at this moment; "none" where it holds no key of it."""
    offices.sync_now(desk)
    with desk.read() as work:
        found = [one for devices in (sealers.sealers(work).published or {}).values() for one in devices]
    return next((one.standing(now()) for one in found if one.device == device), "none")


def withdraw(office: HeadOffice, device: str) -> None:
    """Head office withdraws a device."""
    Enrolment(office.database, load_key(office.database)).revoke(device)


def test_a_desk_holds_the_keys_of_its_branch(branches: Branches) -> None:
    """Its own and its colleagues', also of one who comes later; nobody else's, however many there are."""
    mine, _staff = branches.seat("甲一", "甲")
    branches.seat("乙一", "乙")
    assert held(mine) == {"甲一"}
    branches.seat("甲二", "甲")
    branches.seat("甲下", "甲")
    assert held(mine) == {"甲一", "甲二", "甲下"}


def test_documents_bring_the_keys_of_those_who_sealed_them(branches: Branches) -> None:
    """A customer who comes from another branch, over a third, brings the keys of both who had him before."""
    first, _ = branches.seat("甲一", "甲")
    second, to_second = branches.seat("乙一", "乙")
    third, to_third = branches.seat("丙一", "丙")
    customer = add(first, "王小明")
    offices.sync_now(first)
    assert (held(second), held(third)) == ({"乙一"}, {"丙一"})
    reassign(branches.office.database, str(customer.id), str(to_second))
    assert (held(second), held(third)) == ({"甲一", "乙一"}, {"丙一"})
    reassign(branches.office.database, str(customer.id), str(to_third))
    assert held(third) == {"甲一", "乙一", "丙一"}
    withdraw(branches.office, device_of(branches.office, first))
    assert [standing(desk, device_of(branches.office, first)) for desk in (second, third)] == ["after", "after"]


def test_one_who_leaves_a_branch_is_followed_by_it(branches: Branches) -> None:
    """What he sealed there is there: the branch hears of it when his device is withdrawn later. He himself has the keys
    of his new branch."""
    leaver, staff = branches.seat("甲一", "甲")
    stays, _ = branches.seat("甲二", "甲")
    branches.seat("乙一", "乙")
    assert (held(leaver), held(stays)) == ({"甲一", "甲二"}, {"甲一", "甲二"})
    publish(branches.office.database, "staff", staff, {"branch": branches.branch("乙")})
    assert (held(leaver), held(stays)) == ({"甲一", "乙一"}, {"甲一", "甲二"})
    device = device_of(branches.office, leaver)
    withdraw(branches.office, device)
    assert standing(stays, device) == "after"


def test_only_what_changed_is_told(branches: Branches) -> None:
    """One who comes is one more row; without a change nothing is asked for; by parts it is the same."""
    office = branches.office
    mine, staff = branches.seat("甲一", "甲")
    branches.seat("甲二", "甲")
    offices.sync_now(mine)
    published = Published(office.database, load_key(office.database))
    with office.database.begin(str(staff), tables.CATALOGUE) as rows:
        whole = published.near(rows, SealersAsked(0, near=True))
        assert published.near(rows, SealersAsked(whole.number, near=True)).sealers == []
    branches.seat("甲三", "甲")
    with office.database.begin(str(staff), tables.CATALOGUE) as rows:
        more = published.near(rows, SealersAsked(whole.number, near=True))
    assert ([one.name for one in more.sealers], more.since, more.more) == (["甲三"], whole.number, False)


def test_a_large_branch_comes_in_parts(branches: Branches, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part after the other, none left out and none twice."""
    from insuragent.headoffice import sealers as publishing

    for name in ("甲一", "甲二", "甲三"):
        _desk, staff = branches.seat(name, "甲")
    monkeypatch.setattr(publishing, "MOST_SEALERS", 1)
    published = Published(branches.office.database, load_key(branches.office.database))
    told, since = [], 0
    with branches.office.database.begin(str(staff), tables.CATALOGUE) as rows:
        while True:
            part = published.near(rows, SealersAsked(since, near=True, goes_on=since > 0))
            told += [one.name for one in part.sealers]
            since = part.number
            if not part.more:
                break
    assert told == ["甲一", "甲二", "甲三"]


def test_a_key_that_was_met_is_asked_for_and_followed(
    branches: Branches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sheet from another branch: `verify` says that it will ask, the next pass brings whose it is, and a withdrawal
    later on is told too."""
    office = branches.office
    mine, _ = branches.seat("甲一", "甲")
    mine.close()
    other, _ = branches.seat("乙一", "乙")
    sheet, typed = tmp_path / "sheet.pdf", tmp_path / "typed"
    sheet.write_bytes(sealed(other, now(), "乙一"))
    typed.write_text(PASSPHRASE)
    monkeypatch.setenv("INSURAGENT_PASSPHRASE_FILE", str(typed))

    def verified() -> tuple[str, str]:
        cli.run(["verify", str(sheet), "--profile", str(mine.profile.folder), "--json"])
        found = json.loads(capsys.readouterr().out)
        return found["known_key"], found["device_valid"]

    assert verified() == ("unknown", "unknown")
    with closing(desks.unlock(mine.profile, PASSPHRASE)) as desk:
        assert held(desk) == {"甲一", "乙一"}
    assert verified() == ("yes", "yes")
    device = device_of(office, other)
    withdraw(office, device)
    with closing(desks.unlock(mine.profile, PASSPHRASE)) as desk:
        assert standing(desk, device) == "after"


def test_the_stick_brings_the_keys(branches: Branches, tmp_path: Path) -> None:
    """A desk without any network makes its own key known by a stick, and gets those near it; also whose a strange one
    is."""
    office = branches.office
    parcels = parcels_of(office)
    offline, _ = branches.seat("甲一", "甲")
    colleague, _ = branches.seat("甲二", "甲")
    other, _ = branches.seat("乙一", "乙")
    with other.read() as work:
        strange = work.document_key.fingerprint
    with offline.begin() as work:
        sealers.ask(work, strange)
        sealers.ask(work, "f" * 64)
    carry(offline, parcels, tmp_path)
    with offline.read() as work:
        found = sealers.sealers(work)
    assert {one.name for devices in (found.published or {}).values() for one in devices} == {"甲一", "甲二", "乙一"}
    assert (found.knows(strange), found.knows("f" * 64), found.knows("e" * 64)) == ("yes", "no", "unknown")
    withdraw(office, device_of(office, colleague))
    carry(offline, parcels, tmp_path)
    with offline.read() as work:
        told = sealers.sealers(work).published or {}
    gone = [one.until is not None for devices in told.values() for one in devices if one.name == "甲二"]
    assert gone == [True]


def test_an_older_desk_is_told_the_whole_list(branches: Branches) -> None:
    """It asks by its own number for all, and takes what is missing for nobody's."""
    office = branches.office
    desk, staff = branches.seat("甲一", "甲")
    branches.seat("乙一", "乙")
    published = Published(office.database, load_key(office.database))
    caller = Caller(str(staff), device_of(office, desk))
    whole = published.listed()
    page = published.changed(caller, SealersAsked(whole.number - 1))
    assert [one.name for one in page.sealers] == [whole.sealers[-1].name]
    greeting = Hello(10**6, 0, now().isoformat())
    assert not greeting.near
    from insuragent.headoffice.ledger import Ledger

    assert Ledger(office.database).hello(caller, greeting).sealers == whole.number
    near = Ledger(office.database).hello(caller, msgspec.structs.replace(greeting, near=True)).sealers
    assert 0 < near < whole.number
