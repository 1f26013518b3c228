"""A product package from head office to the desk: published, carried beside its product, checked and at hand."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from insuragent.products.package_archive import pack
from insuragent.services import catalogue, packages
from insuragent.services import office as offices
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice
from tests.products.making import changed, files

NEXT = {"version: '1.0'": "version: '1.10'", "  dividend_share: 0.70": "  dividend_share: 0.80"}


@pytest.fixture(autouse=True)
def shelf() -> Iterator[None]:
    """Nothing that a test installed stays for the next one."""
    yield
    catalogue.use(catalogue.Shelf())


def run(office: HeadOffice, *words: str) -> dict[str, object]:
    """A subcommand of this head office."""
    where = ("--db", office.url, "--key-file", str(office.key_file), "--json")
    done = subprocess.run(
        [sys.executable, "-m", "insuragent", "headoffice", *words, *where], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_a_published_package_is_at_hand_after_the_next_pass(
    office: HeadOffice, staff_id: UUID, make_desk: NewDesk, tmp_path: Path
) -> None:
    """Signed and published at head office, fetched and installed by the desk; the sample version stays beside it."""
    plain, signed = tmp_path / "plain.zip", tmp_path / "DEMO-PWL.zip"
    plain.write_bytes(pack(changed(files(), NEXT)))
    run(office, "sign-package", str(plain), "--out", str(signed))
    run(office, "import-package", str(signed), "--files", (office.folder / "files").as_uri())
    desk = office.seat(make_desk("one"), staff_id)
    before = catalogue.package("DEMO-PWL")
    outcome = offices.sync_now(desk)
    assert outcome.files == 1
    assert (before.version, catalogue.package("DEMO-PWL").version) == ("1.0", "1.10")
    assert catalogue.package("DEMO-PWL", before.content_hash) == before
    with desk.read() as work:
        assert [one.version for one in packages.installed(work)] == ["1.10"]
    offices.sync_now(desk)
    with desk.read() as work:
        assert [one.version for one in packages.installed(work)] == ["1.10"], "once"
