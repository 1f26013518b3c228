"""The command line as it is typed: answers for people and machines, exit codes 0, 1 and 2, and never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import time_machine

from insuragent import cli
from insuragent.cli import COMMANDS
from insuragent.cli.console import PASSPHRASE_FILE
from insuragent.security.keys import KdfCost
from insuragent.services import desk as desks
from insuragent.settings import Profile, resource

PASSPHRASE = "晨光照在小河上 2026"
CHEAP = KdfCost(iterations=1, memory_kib=8, lanes=1)
NAMES = [command.name for command in COMMANDS]
PWL = {"product": "DEMO-PWL", "sex": "M", "age": 40, "pay_years": 5, "premium": "50000", "date": "2026-11-23"}
PEOPLE = {
    "customer": {"name": "王𬭎", "birth_date": "1986-03-01"},
    "agent": {"name": "林晓静", "licence_no": "00000244030000002026000123", "licence_valid_to": "2027-12-31"},
}


@pytest.fixture(autouse=True)
def _own_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program sets for a process ends with the test."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


def typed(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any, str]:
    """Exit code, the JSON that was printed, and what stood on standard error."""
    code = cli.run([str(word) for word in words] + ["--json"])
    told = capsys.readouterr()
    return code, json.loads(told.out), told.err


def kept(path: Path, content: Any) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A profile with a store, and a file with its passphrase."""
    made = Profile(tmp_path / "desk")
    desks.create(made, PASSPHRASE, CHEAP)[0].close()
    phrase = tmp_path / "passphrase"
    phrase.write_text(PASSPHRASE + "\n", encoding="utf-8")
    monkeypatch.setenv(PASSPHRASE_FILE, str(phrase))
    return made


def process(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "insuragent", *map(str, words)]
    return subprocess.run(
        command,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_subcommand_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help exits 0 and says what it does."""
    with pytest.raises(SystemExit) as ended:
        cli.run([*name.split(), "--help"])
    assert ended.value.code == 0
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["nonsense"], ["clocks"], ["import"], ["audit"], ["clocks", "--received"]])
def test_wrong_usage_exits_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the usage on standard error."""
    with pytest.raises(SystemExit) as ended:
        cli.run(words)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_the_window_waits_for_no_command(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a command the window opens on the profile that was typed, before any of fifty commands is declared."""
    opened: list[Path | None] = []

    def window(folder: Path | None) -> int:
        opened.append(folder)
        return 0

    monkeypatch.setattr(cli, "build_parser", lambda: pytest.fail("the commands were declared"))
    monkeypatch.setattr(cli, "_open_window", window)
    assert [cli.run(["--profile", str(profile.folder)]), cli.run([])] == [0, 0]
    assert opened == [profile.folder, None]


def test_clocks_over_the_national_day(capsys: pytest.CaptureFixture[str]) -> None:
    """Story S09."""
    code, told, _err = typed(capsys, "clocks", "--received", "2026-09-20 10:00")
    assert code == 0
    assert told == {
        "first_response_due": "2026-09-21 10:00",
        "day15": "2026-10-05",
        "day15_is_workday": False,
        "day15_rolled": "2026-10-08",
        "internal_due": "2026-09-30",
        "day30": "2026-10-20",
        "day60": "2026-11-19",
        "notes": [],
    }


def test_an_illustration_is_exact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Story S14."""
    code, told, _err = typed(capsys, "illustrate", kept(tmp_path / "in.json", PWL))
    assert (code, told["sum_assured"], told["premium"]) == (0, "209498.23", "50000.00")
    assert told["rows"][0]["cash_value"] == "32695.97"
    assert len(told["result_hash"]) == 64


def test_a_figure_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Step by step to the very amount of the table; a cell that is not there is refused."""
    file = kept(tmp_path / "in.json", PWL)
    row = typed(capsys, "illustrate", file)[1]["rows"][4]
    code, told, _err = typed(capsys, "illustrate", file, "--explain", "5", "cash_value")
    assert (code, told["steps"][-1]["sign"], told["steps"][-1]["amount"]) == (0, "=", row["cash_value"])
    assert typed(capsys, "illustrate", file, "--explain", "five", "cash_value")[0] == 1


def test_a_rate_above_the_cap_is_refused_with_its_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Story S14: exit 1, and why, for machines too."""
    code, told, _err = typed(capsys, "illustrate", kept(tmp_path / "in.json", PWL | {"illustrated_rate": "3.6%"}))
    assert code == 1
    assert told["problems"] == {"illustrated_rate": "超过演示上限 3.50%"}


def test_validators_answer_row_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows kind,value in; result, normalised and reason out."""
    path = tmp_path / "rows.csv"
    path.write_text("kind,value\nresident_id,11010119900307002x\nuscc,91350100M000100Y44\n", encoding="utf-8")
    code, told, _err = typed(capsys, "validate", path)
    assert code == 0
    assert [(row["result"], row["normalised"], row["reason"]) for row in told] == [
        ("valid", "11010119900307002X", ""),
        ("invalid", "", "最后一位应为 3"),
    ]


@pytest.mark.parametrize(("text", "code"), [("保障您的家庭。", 0), ("本产品保本，收益率最高", 1)])
def test_forbidden_words_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int) -> None:
    """Each finding names rule, place, legal basis and action."""
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    told_code, told, _err = typed(capsys, "check-text", path)
    assert (told_code, told["blocked"]) == (code, bool(code))
    for finding in told["findings"]:
        assert text[finding["start"] : finding["end"]] == finding["text"]
        assert finding["legal_ref"]


def test_a_sheet_is_written_or_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Story S17: with an expired licence nothing is written."""
    out = tmp_path / "sheet.pdf"
    expired = PEOPLE | {"agent": PEOPLE["agent"] | {"licence_valid_to": "2026-11-22"}}
    with time_machine.travel("2026-11-23 04:00Z", tick=False):
        code, told, _err = typed(capsys, "sheet", kept(tmp_path / "in.json", PWL | expired), "--out", out)
        assert (code, told["error"].split("（")[0]) == (1, "执业登记已于 2026-11-22 到期")
        assert not out.exists()
        code, _told, _err = typed(capsys, "sheet", kept(tmp_path / "in.json", PWL | PEOPLE), "--out", out)
    assert code == 0
    assert out.read_bytes().startswith(b"%PDF-")


def test_an_import_first_dry_then_for_good(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run takes nothing and tells the same."""
    source = resource("demo/customers.xlsx")
    expected = json.loads(resource("demo/expected.json").read_text())
    code, dry, _err = typed(capsys, "--profile", profile.folder, "import", source, "--dry-run")
    assert (code, dry["taken"], dry["acceptable"]) == (0, 0, expected["taken"])
    assert {"row", "column", "reason"} == set(dry["refused"][0])
    code, told, _err = typed(capsys, "import", source, "--profile", profile.folder)
    assert (code, told["taken"], told["refused_rows"]) == (0, expected["taken"], expected["refused"])
    assert told["refused"] == dry["refused"]


def test_backup_restore_audit_and_doctor(profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The keeper's commands on one profile, and on what was brought back of it."""
    code, made, _err = typed(capsys, "backup", "--profile", profile.folder)
    assert code == 0
    back = tmp_path / "back"
    code, told, _err = typed(capsys, "restore", made["file"], "--profile", back)
    assert (code, told["entries"]) == (0, made["entries"])
    code, told, _err = typed(capsys, "audit", "verify", "--profile", back)
    assert (code, told["sound"]) == (0, True)
    exported = tmp_path / "audit.jsonl"
    assert typed(capsys, "audit", "export", "--profile", back, "--out", exported)[0] == 0
    assert typed(capsys, "audit", "verify", "--file", exported)[0] == 0
    exported.write_bytes(exported.read_bytes().replace(b'"unlock"', b'"unlocc"', 1))
    assert typed(capsys, "audit", "verify", "--file", exported)[0] == 1
    code, told, _err = typed(capsys, "doctor", "--profile", profile.folder)
    assert (code, [check for check in told["checks"] if not check["sound"]]) == (0, [])


@pytest.mark.parametrize("name", ["doctor", "backup", "audit verify"])
def test_a_folder_without_a_profile_is_called_so(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was lost where there was nothing: no key file is said to be missing, and nothing is made."""
    (tmp_path / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    monkeypatch.setenv(PASSPHRASE_FILE, str(tmp_path / "passphrase"))
    code, told, _err = typed(capsys, *name.split(), "--profile", tmp_path / "none")
    assert code == 1
    words = json.dumps(told, ensure_ascii=False)
    assert "没有资料夹" in words
    assert "密钥" not in words
    assert not (tmp_path / "none").exists()


def test_a_new_profile_is_sound_though_it_has_no_backup(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    """A remark, not a fault."""
    code, told, _err = typed(capsys, "doctor", "--profile", profile.folder)
    assert code == 0
    assert [check["name"] for check in told["checks"] if check["remark"]] == ["备份"]


def test_an_old_store_under_a_newer_anchor_is_told_for_good(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    """Put back an older file, and every later look at the journal says how much is gone, on this desk and exported."""
    old = profile.database.read_bytes()
    typed(capsys, "backup", "--profile", profile.folder)
    profile.database.write_bytes(old)
    exported = profile.folder / "audit.jsonl"
    for name in ("audit verify", "audit verify", "doctor"):
        code, told, _err = typed(capsys, *name.split(), "--profile", profile.folder)
        assert (code, "条修改没有找到" in json.dumps(told, ensure_ascii=False)) == (1, True), name
    assert typed(capsys, "audit", "export", "--profile", profile.folder, "--out", exported)[0] == 0
    code, told, _err = typed(capsys, "audit", "verify", "--file", exported)
    assert (code, told["fault_at"], len(told["alarms"])) == (1, 0, 1)


@pytest.mark.parametrize("content", [None, b"", b"garbage", b'[3,"zz","00"]', b'[3,"00","00"]'])
def test_a_lost_anchor_is_told(profile: Profile, content: bytes | None, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, emptied, garbage or of another hand: whoever took it away may have put an older file back."""
    profile.anchor.unlink()
    if content is not None:
        profile.anchor.write_bytes(content)
    code, told, _err = typed(capsys, "audit", "verify", "--profile", profile.folder)
    assert (code, told["sound"], told["alarms"][0]["told"]) == (1, False, "日志校验文件缺失或不符")


def test_an_output_that_cannot_be_written_is_named(
    profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder of --out is meant, not the profile."""
    given = kept(tmp_path / "in.json", PWL | PEOPLE)
    for place in (tmp_path / "none" / "x", tmp_path):
        for words in (["sheet", given], ["audit", "export", "--profile", profile.folder]):
            code, told, _err = typed(capsys, *words, "--out", place)
            assert code == 1
            assert "资料夹" not in told["error"]
            assert "文件夹" in told["error"]


def test_an_audit_export_names_its_file(profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For the program that asked."""
    out = tmp_path / "audit.jsonl"
    _code, told, _err = typed(capsys, "audit", "export", "--profile", profile.folder, "--out", out)
    assert told["file"] == str(out)


@pytest.mark.parametrize("moment", ["9999-12-31 23:00", "0001-01-01 00:00+14:00"])
def test_a_moment_beyond_the_calendar_is_refused(moment: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its clocks would end after the last year, or begin before the first."""
    code, told, _err = typed(capsys, "clocks", "--received", moment)
    assert (code, told["problems"]) == (1, {"received": "时间超出了可以计算的范围"})


def test_an_early_year_has_four_digits(capsys: pytest.CaptureFixture[str]) -> None:
    """So that it sorts and reads as every other date."""
    _code, told, _err = typed(capsys, "clocks", "--received", "0001-01-01 10:00")
    assert told["first_response_due"] == "0001-01-02 10:00"


def test_a_wrong_passphrase_opens_nothing(profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1, in words, with advice."""
    (tmp_path / "passphrase").write_text("不是这个\n", encoding="utf-8")
    code, told, _err = typed(capsys, "backup", "--profile", profile.folder)
    assert (code, told["error"]) == (1, "口令不正确")
    assert told["advice"]


@pytest.mark.parametrize(
    "words",
    [
        ["illustrate", "none.json"],
        ["validate", "folder"],
        ["check-text", "latin1.txt"],
        ["illustrate", "latin1.txt"],
        ["illustrate", "list.json"],
        ["import", "latin1.txt", "--profile", "folder"],
        ["restore", "latin1.txt", "--profile", "new"],
        ["clocks", "--received", "gestern"],
        ["audit", "verify", "--file", "latin1.txt"],
        ["sheet", "list.json", "--out", "x.pdf"],
        ["illustrate", "deep.json"],
    ],
)
def test_bad_files_are_a_sentence(tmp_path: Path, words: list[str]) -> None:
    """As a real process, in a C locale: exit 1, one or two lines, no traceback."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin1.txt").write_bytes(b"\xff\xfe\xfaabc")
    (tmp_path / "list.json").write_text("[1, 2]", encoding="utf-8")
    (tmp_path / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    placed = [str(tmp_path / word) if "." in word or word in ("folder", "new") else word for word in words]
    ended = process(*placed, LC_ALL="C", PYTHONUTF8="0")
    assert ended.returncode == 1, ended.stderr
    assert ended.stderr.strip()
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") <= 3


def test_a_fault_of_ours_shows_no_trace_and_no_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no error of ours ends in one sentence that holds nothing of what was worked on."""
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    with pytest.raises(SystemExit):
        cli.run(["clocks", "--help"])
    sys.excepthook(ZeroDivisionError, ZeroDivisionError("王小明"), None)
    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert "王小明" not in told
    assert "Traceback" not in told


def python(*lines: str) -> str:
    """What a fresh interpreter prints."""
    ended = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, encoding="utf-8")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_command_line_needs_no_qt() -> None:
    """Where PySide6 is not installed, subcommands still run."""
    told = python(
        "import sys; sys.modules['PySide6'] = None",
        "from insuragent.cli import run",
        "sys.exit(run(['clocks', '--received', '2026-09-20 10:00']))",
    )
    assert "2026-10-05" in told


def test_the_start_loads_nothing_heavy() -> None:
    """The window's first picture must not wait for what only subcommands need."""
    told = python(
        "import sys, insuragent.cli as cli",
        "cli.build_parser()",
        "print([name for name in ('sqlalchemy', 'reportlab', 'msgspec') if name in sys.modules])",
    )
    assert told.strip() == "[]"
