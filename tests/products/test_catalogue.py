"""Packages: generated tables against the trade's, words, faults, and that making them again changes nothing."""

import csv
import importlib.util
import shutil
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import ModuleType

import pytest

from insuragent.errors import BadFile
from insuragent.products.package import Package
from insuragent.products.package_archive import open_files
from insuragent.products.package_files import load_catalogue, read_package
from insuragent.products.package_seal import content_hash
from insuragent.products.plain_files import read_table
from insuragent.rules.phrases import Context, check_text
from insuragent.rules.policy import Policy
from insuragent.settings import resource

DATA = Path(__file__).parents[1] / "data/products"
RATES = {
    "rates_P1_term": ("DEMO-TERM", "rate_per_1000", None),
    "rates_P2_wl": ("DEMO-IWL", "sa_per_1000_premium", 105),
    "rates_P3a_parwl": ("DEMO-PWL", "sa_per_1000_premium", 105),
    "rates_P3b_parann": ("DEMO-PANN", "annuity_per_1000_premium", 105),
    "rates_P5_ci": ("DEMO-CI", "rate_per_1000", None),
}


def rounded_like(value: Decimal, told: str) -> Decimal:
    return value.quantize(Decimal(told), rounding=ROUND_HALF_UP)


@pytest.mark.parametrize("name", RATES)
def test_rates_agree_with_the_trade(name: str, catalogue: dict[str, Package]) -> None:
    """Each rate of the trade's table; ages at which it has none for a way of payment cannot be insured so."""
    code, column, end = RATES[name]
    rates = catalogue[code].tables.rates
    rows = read_table(DATA / f"{name}.csv")
    for row in rows:
        case = (row["sex"], int(row["age"]), end or int(row["to_age"]), int(row["pay_years"]))
        assert rounded_like(rates[case], row[column]) == Decimal(row[column]), case
    ways = {(row["sex"], end or int(row["to_age"]), int(row["pay_years"])) for row in rows}
    given = {(row["sex"], int(row["age"]), end or int(row["to_age"]), int(row["pay_years"])) for row in rows}
    ages = {case[1] for case in given}
    assert {case for case in rates if (case[0], *case[2:]) in ways and case[1] in ages} == given


@pytest.mark.parametrize(("name", "code"), [("cv_P2_wl", "DEMO-IWL"), ("cv_P3a_parwl", "DEMO-PWL")])
def test_cash_values_agree_with_the_trade(name: str, code: str, catalogue: dict[str, Package]) -> None:
    """Every twelfth row of the trade's cash value table."""
    tables = catalogue[code].tables
    for row in read_table(DATA / f"{name}.sample.csv"):
        case = (row["sex"], int(row["age"]), 105, int(row["pay_years"]))
        value = tables.cash_values_of(case)[int(row["policy_year"]) - 1]
        assert rounded_like(value, row["cv_per_1000_premium"]) == Decimal(row["cv_per_1000_premium"]), row
    assert tables.cash_values_of(("M", 7, 105, 4)) == ()


def test_medical_bands(catalogue: dict[str, Package]) -> None:
    """The premium bands as they were given."""
    rows = read_table(DATA / "rates_P6_medical.csv")
    assert [tuple(map(str, band)) for band in catalogue["DEMO-MED"].tables.bands] == [
        tuple(row.values()) for row in rows
    ]


def test_words_break_no_phrase_rule(policy: Policy, catalogue: dict[str, Package]) -> None:
    """What stands in a package may stand on a sheet: no finding in any of its words."""
    for package in catalogue.values():
        rules = policy.phrase_rules(package.filed_on)
        for file in ("product.yaml", "clauses.txt"):
            text = (resource("catalogue") / package.code / file).read_text(encoding="utf-8")
            assert check_text(text, rules, Context()) == (), (package.code, file)


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_catalogue", Path(__file__).parents[2] / "tools/make_catalogue.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("code", [folder.name for folder in resource("catalogue").glob("DEMO-*")])
def test_making_them_again_changes_nothing(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool gives the very bytes that are bundled, seal and all."""
    tool = _tool()
    monkeypatch.setattr(tool, "CATALOGUE", tmp_path)
    tool.make(tool.SOURCES / f"{code}.yaml")
    assert open_files(tmp_path / code) == open_files(resource("catalogue") / code)


@pytest.fixture
def broken(tmp_path: Path, policy: Policy) -> Callable[[dict[str, str]], str]:
    """Copy a package, replace texts in its product.yaml, and give what the refusal says."""

    def break_it(changes: dict[str, str], code: str = "DEMO-PWL") -> str:
        folder = tmp_path / code
        shutil.copytree(resource("catalogue") / code, folder, dirs_exist_ok=True)
        text = (folder / "product.yaml").read_text(encoding="utf-8")
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        (folder / "product.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(BadFile) as caught:
            read_package(folder, policy)
        return str(caught.value)

    return break_it


def test_all_faults_are_told_at_once(broken: Callable[[dict[str, str]], str]) -> None:
    """One look at the refusal is enough to mend the package (R3.1a: a missing prompt item makes it invalid)."""
    told = broken(
        {
            "演示终身寿险": "终身寿险",
            "  '18': 查询": "  '19': 查询",
            "waiting_days: 0": "waiting_days: 181",
            "grace_days: 60": "grace_days: 30",
            "pricing_rate: 0.0175": "pricing_rate: 0.0200",
            "dividend_share: 0.70": "dividend_share: 0.60",
            "file: clauses.txt": "file: missing.pdf",
            "statement: 本人": "statement: ''\nold_statement: 本人",
            "risk_hints:": "risk_hints: []\nold_hints:",
        }
    )
    for part in ("演示", "18", "180", "60", "2.00%", "70.00%", "missing.pdf", "抄录", "risk_hints"):
        assert part in told, part


def test_unreadable_values_are_told_together(broken: Callable[[dict[str, str]], str]) -> None:
    """Missing and mistyped values are named, both."""
    told = broken({"filing_no:": "old_filing_no:", "hesitation_days: 15": "hesitation_days: soon"})
    assert "filing_no" in told
    assert "hesitation_days" in told


def test_health_products_need_fifteen_days(tmp_path: Path, policy: Policy) -> None:
    """G16: long-term health cover with fewer days to think it over is invalid; so is one without its table."""
    folder = tmp_path / "DEMO-CI"
    shutil.copytree(resource("catalogue") / "DEMO-CI", folder)
    (folder / "decrements.csv").unlink()
    text = (folder / "product.yaml").read_text(encoding="utf-8")
    (folder / "product.yaml").write_text(text.replace("hesitation_days: 15", "hesitation_days: 10"), encoding="utf-8")
    with pytest.raises(BadFile, match="15 日") as caught:
        read_package(folder, policy)
    assert "发生率" in str(caught.value)


@pytest.mark.parametrize("content", ["sex,age\nM,1\n", "age,M,F\nx,1,1\n", 'age,M,F\n"1', "age,M,F\n1,a,b\n"])
def test_broken_tables_are_told(tmp_path: Path, policy: Policy, content: str) -> None:
    """A table that cannot be read names its file."""
    folder = tmp_path / "DEMO-UL"
    shutil.copytree(resource("catalogue") / "DEMO-UL", folder)
    (folder / "decrements.csv").write_text(content, encoding="utf-8")
    with pytest.raises(BadFile, match=r"decrements\.csv"):
        read_package(folder, policy)


def test_a_folder_without_a_package(tmp_path: Path, policy: Policy) -> None:
    """Nothing to read is a BadFile; a list where a mapping should be, too; no packages at all is an empty catalogue."""
    with pytest.raises(BadFile):
        read_package(tmp_path, policy)
    (tmp_path / "product.yaml").write_text("- 1\n", encoding="utf-8")
    with pytest.raises(BadFile):
        read_package(tmp_path, policy)
    assert load_catalogue(policy, tmp_path / "none") == {}


def test_the_hash_covers_every_file(tmp_path: Path) -> None:
    """One byte or one name changes it; hidden files do not count."""
    folder = tmp_path / "p"
    shutil.copytree(resource("catalogue") / "DEMO-UL", folder)
    first = content_hash(open_files(folder))
    (folder / ".DS_Store").write_bytes(b"x")
    assert content_hash(open_files(folder)) == first
    with (folder / "clauses.txt").open("ab") as file:
        file.write(b" ")
    second = content_hash(open_files(folder))
    (folder / "clauses.txt").rename(folder / "clauses2.txt")
    assert len({first, second, content_hash(open_files(folder))}) == 3


def test_tables_are_plain_csv() -> None:
    """The bundled tables have plain line ends, which the hash depends on."""
    for path in resource("catalogue").rglob("*"):
        if path.is_file():
            assert b"\r" not in path.read_bytes(), path.name
            if path.suffix == ".csv":
                with path.open(encoding="utf-8", newline="") as file:
                    assert len({len(row) for row in csv.reader(file)}) == 1, path.name
