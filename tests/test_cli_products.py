"""Product packages on the command line: checked with every fault, signed by head office, taken in by a desk."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from insuragent import cli
from insuragent.products.package_archive import pack
from insuragent.services import catalogue
from insuragent.settings import Profile, resource
from tests.products.making import changed, files, sealed
from tests.test_cli_commands import _own_hooks, profile, typed

__all__ = ["_own_hooks", "profile"]  # fixtures
REAL = {"sample: true": "sample: false", "version: '1.0'": "version: '2.0'"}


def folder_of(made: dict[str, bytes], folder: Path) -> Path:
    folder.mkdir()
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return folder


def test_a_sound_package(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, and what the package is."""
    code, told, _err = typed(capsys, "product", "check", resource("catalogue") / "DEMO-PWL")
    assert (code, told["faults"], told["notes"]) == (0, [], [])
    assert told["content_hash"] == catalogue.package("DEMO-PWL").content_hash


def test_every_fault_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1, one line a fault; a wrong key or a missing file is wrong usage or a sentence."""
    made = changed(files(), {"hesitation_days: 15": "hesitation_days: 5", "p_level: P3": "p_level: P9"})
    folder = folder_of(made, tmp_path / "p")
    code, told, _err = typed(capsys, "product", "check", folder)
    assert code == 1
    assert len(told["faults"]) == 3
    assert cli.run(["product", "check", str(folder)]) == 1
    assert capsys.readouterr().out.count("✗") == 3
    assert len(typed(capsys, "product", "check", folder, "--unsigned")[1]["faults"]) == 2
    with pytest.raises(SystemExit) as stopped:
        cli.run(["product", "check", str(folder), "--key", "abc"])
    assert stopped.value.code == 2
    assert typed(capsys, "product", "check", tmp_path / "none")[0] == 1


def test_head_office_signs_and_publishes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an actuary made is signed with head office's key; by its public half anybody can check it."""
    database = f"sqlite:///{tmp_path / 'office.db'}"
    key = typed(capsys, "headoffice", "init", "--db", database)[1]["public_key"]
    plain = {name: data for name, data in changed(files(), REAL).items() if name not in ("manifest.json", "signature")}
    folder, target = folder_of(plain, tmp_path / "plain"), tmp_path / "signed.zip"
    code, told, _err = typed(capsys, "headoffice", "sign-package", folder, "--db", database, "--out", target)
    assert (code, told["version"]) == (0, "2.0")
    assert zipfile.is_zipfile(io.BytesIO(target.read_bytes()))
    assert typed(capsys, "product", "check", target)[0] == 1
    assert typed(capsys, "product", "check", target, "--key", key)[0] == 0
    assert typed(capsys, "headoffice", "import-package", "--db", database, target)[0] == 0
    unsigned = typed(capsys, "headoffice", "import-package", "--db", database, folder)
    assert unsigned[0] == 1
    assert "没有签名" in unsigned[1]["error"]
    bad = folder_of(changed(plain, {"p_level: P3": "p_level: P9"}), tmp_path / "bad")
    code, told, _err = typed(capsys, "headoffice", "sign-package", bad, "--db", database, "--out", tmp_path / "no.zip")
    assert (code, (tmp_path / "no.zip").exists()) == (1, False)
    assert "p_level" in told["error"]


def test_a_desk_takes_a_package_in(profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a zip; one that is not signed for this desk is refused and nothing is kept."""
    newer = changed(files(), {"version: '1.0'": "version: '1.1'"})
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    good.write_bytes(pack(sealed(newer, version="1.1")))
    bad.write_bytes(pack({**sealed(newer, version="1.1"), "clauses.txt": b"changed"}))
    code, told, _err = typed(capsys, "product", "install", good, "--profile", profile.folder)
    assert (code, told["code"], told["version"]) == (0, "DEMO-PWL", "1.1")
    code, told, _err = typed(capsys, "product", "install", bad, "--profile", profile.folder)
    assert code == 1
    assert "clauses.txt 被改动过" in told["error"]
    assert json.dumps(told)
