"""What head office's people publish is held against the declarations, and told by its fields when it does not fit."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from insuragent import cli

ROOT = Path(__file__).parents[2]
STAFF = {
    "kind": "staff",
    "name": "林晓静",
    "licence_no": "00000244030000002026000123",
    "licence_valid_to": "2030-12-31",
    "company": "示例人寿保险股份有限公司",
    "branch": "上海分公司",
}


@pytest.fixture
def database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A head office with one agent."""
    url = f"sqlite:///{tmp_path / 'office.db'}"
    assert cli.run(["headoffice", "init", "--db", url]) == 0
    assert published(url, tmp_path, STAFF) == 0
    capsys.readouterr()
    return url


def published(url: str, folder: Path, *records: Any) -> int:
    """The exit code of publishing records."""
    file = folder / "records.json"
    file.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    return cli.run(["headoffice", "publish", "--db", url, "--json", str(file)])


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({"kind": "staff", "name": "林晓静"}, {"licence_no", "licence_valid_to", "company", "branch"}),
        (STAFF | {"licence_valid_to": "bald", "nickname": "x"}, {"licence_valid_to", "nickname"}),
        (STAFF | {"licence_no": "123"}, {"licence_no"}),
        ({"kind": "customer", "agent": "林晓静", "name": "王小明", "mobile": "1"}, {"mobile"}),
        (
            {"kind": "customer", "agent": "林晓静", "name": "王小明", "gender": "x", "birth_date": 5},
            {"gender", "birth_date"},
        ),
    ],
)
def test_what_does_not_fit_is_told_by_its_fields(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], record: dict[str, Any], fields: set[str]
) -> None:
    """With its place in the list; nothing of the list is published."""
    assert published(database, tmp_path, STAFF | {"name": "吴敏"}, record) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert set(problems) == fields
    assert all("第 2 条" in reason for reason in problems.values())
    assert cli.run(["headoffice", "enrol-code", "--db", database, "--staff", "吴敏"]) == 1


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"kind": "customer", "agent": "zzz", "name": "王小明"}, "zzz"),
        ({"kind": "customer", "name": "王小明"}, "没有这位人员"),
        ({"kind": ["customer"], "name": "王小明"}, "没有这种资料"),
        ({"kind": "spaceship"}, "spaceship"),
        ({"name": "王小明"}, "没有这种资料"),
        (STAFF | {"id": 5}, "5"),
    ],
)
def test_unknown_agents_and_kinds_are_refused(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], record: dict[str, Any], code: str
) -> None:
    """A record must never lie in a feed that nobody reads."""
    assert published(database, tmp_path, record) == 1
    assert code in json.loads(capsys.readouterr().out)["error"]


def test_an_agent_may_be_named_as_people_do(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By name or licence number; a correction asks only for what it changes."""
    assert published(database, tmp_path, {"kind": "customer", "agent": STAFF["licence_no"], "name": "王小明"}) == 0
    (made,) = json.loads(capsys.readouterr().out)["published"]
    correction = {"kind": "customer", "agent": "林晓静", "id": made["id"], "mobile": "13800138000"}
    assert published(database, tmp_path, correction) == 0
    assert json.loads(capsys.readouterr().out)["published"][0]["revision"] == 2


def told(readme: str) -> list[str]:
    """The commands of a README that set up a head office, without what is said beside them."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(cat > staff\.json.*?)```", text, re.DOTALL)
    return [line.split("  #")[0].rstrip() for line in block.strip().split("\n")]


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    """As they stand in both READMEs, one after the other; the last of them serves."""
    assert told("README.md") == told("README.zh-CN.md")
    *first, last = told("README.md")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    done = subprocess.run(
        ["bash", "-ec", "\n".join(first)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    command = last.split()
    assert command[1:] == ["headoffice", "serve"]
    with subprocess.Popen([*command, "--port", "0"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline().startswith(b"http://127.0.0.1:")
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) in (0, -signal.SIGTERM)
