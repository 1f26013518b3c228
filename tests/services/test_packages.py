"""Packages on a desk: taken in when head office signed them, every version kept, old sheets with their own."""

import datetime as dt
from collections.abc import Iterator, Mapping

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from insuragent.errors import BadFile, NotPermitted
from insuragent.models import Product
from insuragent.products.package_archive import pack
from insuragent.products.published import describe
from insuragent.services import catalogue, packages, sheets
from insuragent.services import desk as desks
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor
from insuragent.sync import place
from tests.products.making import changed, files, sealed
from tests.services.conftest import PASSPHRASE
from tests.services.test_stories import NOON, PWL, STATEMENT, customer, png, ready

OFFICE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
#: What the next version says and computes otherwise.
NEXT = {"version: '1.0'": "version: '1.10'", "  dividend_share: 0.70": "  dividend_share: 0.80"}


@pytest.fixture(autouse=True)
def shelf() -> Iterator[None]:
    """Nothing that a test installed stays for the next one."""
    yield
    catalogue.use(catalogue.Shelf())


def version(changes: Mapping[str, str] = NEXT, key: Ed25519PrivateKey = OFFICE, number: str = "1.10") -> bytes:
    """The zip of another version of a sample, signed."""
    return pack(sealed(changed(files(), changes), key, version=number))


def enrolled(store: Store, agent: Actor) -> None:
    """Let the desk know head office's key, as its enrolment would."""
    with store.begin(agent) as work:
        place.take_seat(work, place.Seat("https://office", "k", OFFICE.public_key().public_bytes_raw().hex()))


def test_a_new_version_is_at_hand_and_the_old_one_stays(store: Store, agent: Actor) -> None:
    """From the commit on; by its hash each version is found."""
    enrolled(store, agent)
    before = catalogue.package("DEMO-PWL")
    with store.begin(agent) as work:
        made = packages.install(work, version())
        assert catalogue.package("DEMO-PWL") == before
    assert catalogue.package("DEMO-PWL") == made == catalogue.packages()["DEMO-PWL"]
    assert (before.version, made.version) == ("1.0", "1.10")
    assert catalogue.package("DEMO-PWL", before.content_hash) == before
    assert catalogue.package("DEMO-PWL", made.content_hash) == made
    with pytest.raises(BadFile, match="这一版"):
        catalogue.package("DEMO-PWL", "0" * 64)
    with pytest.raises(BadFile, match="没有安装"):
        catalogue.package("NONE")


def test_versions_are_numbers(store: Store, agent: Actor) -> None:
    """1.9 after 1.10 is kept and is not the newest; the same once more changes nothing."""
    enrolled(store, agent)
    older = {"version: '1.0'": "version: '1.9'"}
    with store.begin(agent) as work:
        packages.install(work, version())
        packages.install(work, version(older, number="1.9"))
        packages.install(work, version())
        assert [one.version for one in packages.installed(work)] == ["1.10", "1.9"]
    assert catalogue.package("DEMO-PWL").version == "1.10"


def test_what_head_office_did_not_sign_is_refused(store: Store, agent: Actor) -> None:
    """Before the enrolment, from another office, or an old version with new content: nothing is kept."""
    with pytest.raises(BadFile, match="不是总公司的"), store.begin(agent) as work:
        packages.install(work, version())
    enrolled(store, agent)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(BadFile, match="不是总公司的"), store.begin(agent) as work:
        packages.install(work, version(key=other))
    sly = {"  dividend_share: 0.70": "  dividend_share: 0.80"}
    with pytest.raises(BadFile, match="内容不同"), store.begin(agent) as work:
        packages.install(work, version(sly, number="1.0"))
    with store.begin(agent) as work:
        assert packages.installed(work) == []
    assert catalogue.package("DEMO-PWL").version == "1.0"


def test_a_failed_unit_of_work_leaves_nothing_on_the_shelf(store: Store, agent: Actor) -> None:
    """What was not committed is not there."""
    enrolled(store, agent)
    with pytest.raises(RuntimeError), store.begin(agent) as work:
        packages.install(work, version())
        raise RuntimeError
    assert catalogue.package("DEMO-PWL").version == "1.0"


def test_an_old_draft_keeps_its_numbers_and_is_not_sold(store: Store, agent: Actor) -> None:
    """It is shown with the package of its day; printing waits for one of the new version (S12)."""
    enrolled(store, agent)
    who = customer(store, agent, birth_date=dt.date(1986, 5, 1))
    with time_machine.travel(NOON, tick=False):
        sheet, signed = ready(store, agent, who, PWL), ready(store, agent, who, PWL)
        with store.begin(agent) as work:
            sheets.print_out(work, signed.id)
            sheets.sign(work, signed.id, png(), "[]", STATEMENT)
        with store.begin(agent) as work:
            made = packages.install(work, version())
            with work.taking_over():
                product = catalogue.product_of(work, "DEMO-PWL") or work.add(Product(**describe(made)))
                product.version, product.package_hash = made.version, made.content_hash
        with store.begin(agent) as work:
            assert sheets.preview(work, sheet.id).startswith(b"%PDF")
            assert sheets.preview(work, signed.id).startswith(b"%PDF")
        with pytest.raises(NotPermitted, match="新的版本"), store.begin(agent) as work:
            sheets.print_out(work, sheet.id)
        with store.begin(agent) as work:
            again = sheets.correct(work, sheet.id, PWL)
        assert again.product_version == "1.10"
        assert again.result_hash != sheet.result_hash


def test_a_desk_has_its_packages_while_it_is_open(desk: Desk, profile: Profile) -> None:
    """Locked, they are out of reach; opened again, they are there."""
    with desk.begin() as work:
        place.take_seat(work, place.Seat("https://office", "k", OFFICE.public_key().public_bytes_raw().hex()))
        packages.install(work, version())
    assert catalogue.package("DEMO-PWL").version == "1.10"
    desk.lock()
    assert catalogue.package("DEMO-PWL").version == "1.0"
    again = desks.unlock(profile, PASSPHRASE)
    assert catalogue.package("DEMO-PWL").version == "1.10"
    again.close()
