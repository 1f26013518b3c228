"""The house stands as it is drawn: floors, sizes, declarations, and documents that say what is there."""

import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata

from insuragent import errors
from insuragent.models import RECORDS, Base
from insuragent.models.base import Record
from insuragent.models.fields import fields_of
from insuragent.settings import Settings
from tools import licences, messages, migration
from tools.check_ground import LONGEST_FILE, SCREEN, counted_lines, lock_faults, screen_percentile
from tools.tree import ROOT, python_files

READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
#: What a floor below the roof may not find installed.
QT = ("PySide6", "shiboken6")
DESK = (*QT, "reportlab", "sqlcipher3", "keyring", "pypdfium2")
#: Modules of models/ and ui/pages/ that the others share.
SHARED = {"__init__", "base", "fields", "journal", "choices", "reading", "validation"}


def contract(name: str) -> dict[str, Any]:
    """The import contract of this name in pyproject.toml."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return next(entry for entry in linter["contracts"] if entry["name"] == name)


def make_help() -> dict[str, str]:
    """What ``make`` alone tells: the explanation of each target."""
    shown = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(re.findall(r"^make (\w+) +(\S.*)$", shown.stdout, re.MULTILINE))


def imported_without(missing: tuple[str, ...], packages: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Import every module of ``packages`` in a fresh process where ``missing`` cannot be imported."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in python_files(ROOT, ("insuragent",))
        if path.relative_to(ROOT).parts[1].removesuffix(".py") in packages and "migrations" not in path.parts
    ]
    assert names
    code = f"import sys, importlib\nsys.modules.update(dict.fromkeys({missing!r}))\n"
    code += f"for name in {names!r}: importlib.import_module(name)\n"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


def test_import_contracts_are_kept() -> None:
    """No arrow points upward, nothing forbidden is reached, and no folder has a cycle."""
    linter = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-4000:]


def test_contracts_have_no_exceptions() -> None:
    """An exception in a contract is the end of it."""
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Record types do not import one another", "insuragent/models"),
        ("Pages do not import one another", "insuragent/ui/pages"),
    ],
)
def test_every_sibling_is_in_its_contract(name: str, folder: str) -> None:
    """A new record type or page is told in the contract that keeps it apart."""
    package = folder.replace("/", ".")
    there = {f"{package}.{path.stem}" for path in (ROOT / folder).glob("*.py") if path.stem not in SHARED}
    assert set(contract(name)["modules"]) == there


def test_files_hold_one_idea() -> None:
    """No file is longer than LONGEST_FILE lines; migrations are written once by a tool and are not counted."""
    long = [p for p in python_files() if counted_lines(p) > LONGEST_FILE and "migrations" not in p.parts]
    assert [str(path.relative_to(ROOT)) for path in long] == []


def test_functions_fit_a_screen() -> None:
    """Nine functions of ten have at most SCREEN lines."""
    assert screen_percentile(python_files(ROOT, ("insuragent",))) <= SCREEN


@pytest.mark.parametrize("record_type", RECORDS.values(), ids=RECORDS)
def test_every_record_and_field_is_labelled(record_type: type[Record]) -> None:
    """Each label is a msgid that stands marked in the code, so that it is translated."""
    marked = {text.msgid for text in messages.gather()}
    labels = {record_type.__name__: record_type.label}
    labels |= {name: field.label for name, field in fields_of(record_type).items()}
    assert {name: label for name, label in labels.items() if label not in marked} == {}


def test_every_text_has_its_english() -> None:
    """The English catalogue is complete, and holds nothing else."""
    assert list(messages.faults(messages.gather(), messages.read_catalogue())) == []


def test_every_record_is_migrated() -> None:
    """An empty database that went through all migrations is what the records declare."""
    with migration.at_head() as context:
        assert compare_metadata(context, Base.metadata) == []


def test_every_page_is_listed() -> None:
    """Each page of ui/pages is in PAGES once, and the kinds of records that it shows are known ones."""
    pages = importlib.import_module("insuragent.ui.pages").PAGES
    modules = [page.factory.__module__ for page in pages]
    assert sorted(modules) == sorted(contract("Pages do not import one another")["modules"])
    shown = {kind for page in pages for kind in page.factory.kinds}
    assert shown <= set(RECORDS)


def test_every_record_that_is_written_here_can_be_opened() -> None:
    """What head office refused is corrected where its form is: each type has one, but for files, which are replaced."""
    opened = [kind for page in importlib.import_module("insuragent.ui.pages").PAGES for kind in page.opens]
    written = {kind for kind, one in RECORDS.items() if one.synced and not one.office_owned}
    assert sorted(opened) == sorted(written - {"attachment"})


def test_everything_below_the_roof_runs_without_qt() -> None:
    """Services, stores, rules, documents and the demo import where no Qt is installed."""
    floors = ("demo", "services", "sync", "documents", "products", "store", "models", "rules", "security", "settings")
    told = imported_without(QT, (*floors, "cli"))
    assert told.returncode == 0, told.stderr


def test_head_office_runs_without_a_desk() -> None:
    """The server imports where nothing of the desk is installed: no Qt, no PDF, no SQLCipher, no keyring."""
    told = imported_without(DESK, ("headoffice",))
    assert told.returncode == 0, told.stderr


def test_the_error_tree_is_the_documented_one() -> None:
    """The tree in the docstring of errors.py names every class under its parent, and no other."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for marks, name in re.findall(r"^([│├└ ]*)(\w+)  +\S", errors.__doc__ or "", re.MULTILINE):
        depth = (len(marks) + 1) // 3 if "├" in marks or "└" in marks else 0
        above[depth:] = [name]
        parents[name] = above[depth - 1] if depth else "Exception"
    classes = {
        name: kind.__base__.__name__
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind.__module__ == errors.__name__ and kind.__base__ is not None
    }
    assert parents == classes


def test_every_error_says_what_it_means() -> None:
    """Each error has a docstring of its own."""
    kinds = [k for _, k in inspect.getmembers(errors, inspect.isclass) if k.__module__ == errors.__name__]
    assert [kind.__name__ for kind in kinds if not vars(kind).get("__doc__")] == []


def test_every_setting_is_explained() -> None:
    """A setting has a label, unless it only remembers how the window, or a question, was left."""
    remembered = {"window_geometry", "last_page", "columns", "sorting", "splitters", "print_copies"}
    unlabelled = {setting.name for setting in Settings.declared() if not setting.label}
    assert unlabelled == remembered


def test_every_chore_is_explained() -> None:
    """Each phony target of the Makefile has its line in ``make``."""
    (targets,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(targets.split()) == set(make_help())


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_commands_in_the_readme_exist(readme: Path) -> None:
    """What a reader is told to type is there: make targets, subcommands, scripts and linked files."""
    text = readme.read_text(encoding="utf-8")
    typed = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    assert {"run", "test"} <= set(re.findall(r"\bmake (\w+)", typed)) <= set(make_help())
    command = [sys.executable, "-m", "insuragent", "--help"]
    helped = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for subcommand in re.findall(r"\binsuragent ([a-z][\w-]+)", text):
        assert subcommand in helped
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    assert [link for link in linked if not (ROOT / link).exists()] == []


def test_every_decision_has_a_number_of_its_own() -> None:
    """In the order in which they were made, the same in the name of the file and in its heading."""
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [f"{number:04d}" for number in range(1, len(decisions) + 1)]
    assert [path.name[:4] for path in decisions] == numbers
    assert [path.read_text(encoding="utf-8").split()[1] for path in decisions] == numbers


def test_third_party_list_matches_the_lock() -> None:
    """Every shipped package stands in THIRD-PARTY.md in its pinned version, and no other does."""
    rows = re.findall(
        r"^\| ([\w.-]+) \| (\d[^ ]*) \| ([^|]+) \|", licences.LIST.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [(name, version) for name, version, _ in rows] == [(p.name, p.version) for p in licences.shipped()]
    assert all(licence.strip() for _, _, licence in rows)


def test_the_lock_is_in_step() -> None:
    """What pyproject asks for is pinned, with hashes, and no index is named."""
    assert list(lock_faults()) == []
