"""Odd inputs at every subcommand: an answer, a refusal in words or wrong usage; never a fault of ours."""

import json
import sys
from pathlib import Path

import pytest

from insuragent import cli
from insuragent.cli import COMMANDS
from insuragent.cli.console import PASSPHRASE_FILE
from insuragent.services import desk as desks
from insuragent.settings import Profile
from tests.offices import CHEAP, PASSPHRASE

#: What each odd file holds.
FILES: dict[str, bytes] = {
    "empty": b"",
    "nul.csv": "姓名,手机,kind,value\n王\0明,13800138000,resident_id,1\n".encode(),
    "latin1": b"\xff\xfe\xfa\xe9",
    "text.csv": b'kind,value\nnonsense,"\n',
    "null.json": b"null",
    "number.json": b"1e999",
    "list.json": b'[{"kind": ["staff"]}, {"id": []}]',
    "ints.json": b"[1, 2]",
    "object.json": b'{"product": ["x"], "age": {}, "sex": 5, "customer": [], "agent": 3, "date": [], "premium": true}',
    "huge.json": b'{"product": "DEMO-PWL", "sex": "M", "age": 1e400, "pay_years": -5, "premium": 1e308}',
    "deep.json": b"[" * 100_000,
    "surrogate.json": b'{"product": "\\ud800", "sex": "M", "age": 40, "pay_years": 5, "premium": "50000"}',
    "junk.db": b"this is no database" * 400,
    "zip.zip": b"PK\x03\x04" + b"\0" * 200,
    "pdf.pdf": b"%PDF-1.7\n%%EOF",
    "package.yaml": b"code: [1, 2\n",
}
MOMENTS = [
    "9999-12-31 23:00",
    "0001-01-01 00:00",
    "0001-01-01T00:00+14:00",
    "2026-02-30 10:00",
    "",
    "2026-09-20\0",
    "²",
]
ADDRESSES = [
    "sqlite:////nowhere/at/all.db",
    "sqlite:///{folder}/junk.db",
    "sqlite:///{folder}",
    "sqlite:///{folder}/new.db",
    "nonsense",
    "mysql://x",
    "postgresql+psycopg://u@127.0.0.1:1/x",
    "",
]
ODD_NAMES = ["", "\ud800", "x\0", "0" * 32, "’ OR 1=1", "\u200b"]
PLACES = ["{folder}/none", "{folder}/junk.db", "/dev/null/x", "/proc/nothing", "{folder}/desk", "{folder}/deep/er/file"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Odd files, a real profile, and a file with its passphrase."""
    made = tmp_path_factory.mktemp("odd")
    for name, content in FILES.items():
        (made / name).write_bytes(content)
    (made / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    desks.create(Profile(made / "desk"), PASSPHRASE, CHEAP)[0].close()
    return made


def _lines() -> list[list[str]]:
    """Every subcommand with everything odd in each place that it has."""
    files = ["{folder}/none", "{folder}", "/dev/null", *(f"{{folder}}/{name}" for name in FILES)]
    lines = [["clocks", "--received", moment] for moment in MOMENTS]
    alone = ("validate", "illustrate", "verify", "check-text", "product check")
    for name in (*alone, "headoffice import-package", "headoffice publish"):
        lines += [[*name.split(), file] for file in files]
    lines += [["product", "install", file, "--profile", "{folder}/desk"] for file in files]
    lines += [["headoffice", "sign-package", file, "--out", "{folder}/x.zip"] for file in files]
    lines += [["headoffice", "import-parcel", file, "--out", "{folder}/x.parcel"] for file in files]
    lines += [["package", "import", file, "--profile", "{folder}/desk"] for file in files]
    lines += [["package", "export", place, "--profile", "{folder}/desk"] for place in PLACES]
    lines += [["enrol", address, "x", "--profile", "{folder}/desk"] for address in ("", "nonsense", "http://a.b")]
    lines += [["sheet", file, "--out", "{folder}/x.pdf"] for file in files]
    lines += [["import", file, "--dry-run", "--profile", "{folder}/desk"] for file in files]
    lines += [["restore", file, "--profile", "{folder}/new"] for file in files]
    lines += [["audit", "verify", "--file", file] for file in files]
    for whom in ODD_NAMES:
        at = ["--profile", "{folder}/desk"]
        lines += [["letter", kind, whom, "--out", "{folder}/x.pdf", *at] for kind in ("data-copy", "complaint-reply")]
        lines += [["retention", "restrict", whom, "--reason", "asked", *at], ["retention", "lift", whom, *at]]
        lines += [["retention", "erase", whom, "--reason", "asked", "--confirm", whom, *at]]
    for place in PLACES:
        lines += [["retention", "list", "--profile", place]]
        lines += [[*name.split(), "--profile", place] for name in ("doctor", "backup", "audit verify")]
        lines += [["backup", "--profile", "{folder}/desk", "--out", place]]
        lines += [["audit", "export", "--profile", "{folder}/desk", "--out", place]]
        lines += [["demo", "--out", place]] if "null" in place or "proc" in place or "junk" in place else []
    for address in ADDRESSES:
        lines += [["headoffice", name, "--db", address] for name in ("init", "devices", "audit")]
        lines += [["headoffice", "enrol-code", "--staff", "\ud800", "--db", address]]
        lines += [["headoffice", name, "x", "--db", address] for name in ("revoke", "retire", "find")]
        lines += [["headoffice", "reassign", "x", "--to", "\ud800", "--db", address]]
        lines += [["headoffice", "set", "lease-days", "-1", "--db", address]]
        lines += [["headoffice", "publish", "{folder}/list.json", "--db", address]]
        lines += [["headoffice", "serve", "--port", "0", "--host", "256.1.1.1", "--db", address]]
        lines += [["headoffice", "import-parcel", "{folder}/zip.zip", "--out", "{folder}/x.parcel", "--db", address]]
        lines += [["headoffice", "staff", *words, "--db", address] for words in (["list"], ["disable", "x"])]
        lines += [["headoffice", "staff", "reset", "\ud800", "--db", address]]
        lines += [["headoffice", "staff", name, "x", "\ud800", "--db", address] for name in ("branch", "bind")]
        lines += [["headoffice", "keys", "--out", "{folder}/keys.json", "--db", address]]
        lines += [["headoffice", "staff", "add", "x", "--role", "agent", "--db", address]]
    lines += [["headoffice", "serve", "--port", port] for port in ("99999", "-1", "x", "")]
    lines += [["audit", "export", "--profile", "{folder}/desk", "--out", "x", "--first", day] for day in ("x", "")]
    return lines


def test_every_subcommand_is_tried() -> None:
    """A new one must be added here; run-demo alone is tried by its own tests, as it takes no file."""
    tried = {" ".join(line[:length]) for line in _lines() for length in (1, 2, 3)}
    assert {command.name for command in COMMANDS} - tried == {"run-demo"}


@pytest.mark.parametrize("line", _lines(), ids=lambda line: " ".join(line).encode("ascii", "replace").decode())
def test_odd_inputs(
    line: list[str], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 0, 1 or 2; what is refused is said, for people and for machines."""
    monkeypatch.setenv(PASSPHRASE_FILE, str(folder / "passphrase"))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.chdir(tmp_path)
    words = [word.replace("{folder}", str(folder)) for word in line]
    code = _ended([*words, "--json"])
    told = capsys.readouterr()
    assert code in (0, 1, 2), told
    assert code == 2 or json.loads(told.out)
    assert "我们的问题" not in told.out + told.err


def _ended(words: list[str]) -> int:
    try:
        return cli.run(words)
    except SystemExit as usage:
        return int(usage.code or 0)
