"""Makes and signs the sample product packages of resources/catalogue from the words in tools/catalogue and mortality.

Run it from anywhere: ``python tools/make_catalogue.py``. The same sources give the same bytes. The key that signs them
is no secret, as it is made from a sentence below: it signs demonstrations only, and every reader refuses it elsewhere.
"""

import csv
import decimal
import hashlib
import io
import shutil
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from insuragent.products.package import Basis, Case  # noqa: E402 - the tool also runs from a plain checkout
from insuragent.products.package_seal import seal  # noqa: E402
from insuragent.products.plain_files import read_table, read_yaml  # noqa: E402
from insuragent.products.plans import PLANS, Person  # noqa: E402
from insuragent.products.pricing import CONTEXT, Account, NoPrice, cents, solve  # noqa: E402

CATALOGUE, SOURCES = ROOT / "resources" / "catalogue", ROOT / "tools" / "catalogue"
TABLES = CATALOGUE / "tables"
#: Enough digits that a premium of ten million is exact to the cent.
_FINE = Decimal("0.00000001")
_DEMO_SENTENCE = b"insuragent sample products: this key is public and signs demonstrations only"
_OURS = ("tables", "prompt_words", "extra_risk_hints", "extra_exclusions", "claim_papers")


def main() -> None:
    """Write every package anew."""
    for source in sorted(SOURCES.glob("DEMO-*.yaml")):
        make(source)


def make(source: Path) -> None:
    """Write the package of one source anew."""
    product = read_yaml(source)
    figures, age_limits = tables(product)
    if age_limits:
        product["entry"]["age_limits"] = age_limits
    words = package_words(read_yaml(SOURCES / "common.yaml"), product)
    texts = {"product.yaml": _as_yaml(words), "clauses.txt": clauses(words), **figures}
    # UTF-8 with plain line ends on every system, because the seal covers the bytes.
    files = {name: text.encode() for name, text in texts.items()}
    key = demo_key()
    public = key.public_key().public_bytes_raw()
    folder = CATALOGUE / product["code"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in seal(files, words["code"], words["version"], public, key.sign).items():
        (folder / name).write_bytes(data)


def demo_key() -> Ed25519PrivateKey:
    """The key of the samples, the same wherever this runs."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(_DEMO_SENTENCE).digest())


def package_words(common: Mapping[str, Any], product: Mapping[str, Any]) -> dict[str, Any]:
    """The content of product.yaml: the common words, the product's own over them, and every {brace} filled."""
    merged = {**common, **product}
    exclusions = [*common["exclusions_death"], *product.get("extra_exclusions", ())]
    merged["exclusions"] = exclusions
    merged["risk_hints"] = [*product.get("extra_risk_hints", ()), *merged["risk_hints"]]
    merged["claim_steps"] = [*common["claim_steps"], product["claim_papers"]]
    merged["rights"] = [*merged["rights"], merged["exclusions_after"]]
    merged["statement"] = common["statement_new_type"] if product.get("statement") == "new_type" else ""
    merged["docs"] = [{"title": f"{product['name']}条款（演示）", "file": "clauses.txt"}]
    facts = {
        **common["company"],
        **{name: value for name, value in merged.items() if not isinstance(value, list | dict)},
        "company_name": common["company"]["name"],
        "coverage_names": "、".join(item["name"] for item in product["coverage"]),
        "exclusion_count": len(exclusions),
    }
    words = {**common["prompt_words"], **product.get("prompt_words", {})}
    facts |= {name: text.format_map(facts) for name, text in words.items()}
    left_out = {*_OURS, *(name for name in common if name.startswith(("exclusions_", "statement_")))}
    filled = ("rights", "claim_steps", "complaint_ways")
    return {
        name: _filled(value, facts) if name in (*filled, "prompt_items") else value
        for name, value in merged.items()
        if name not in left_out
    }


def _filled(value: Any, facts: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: text.format_map(facts) for name, text in value.items()}
    return [text.format_map(facts) for text in value]


class _Dumper(yaml.SafeDumper):
    """Plain YAML without anchors, decimals as they are written."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", str(value)))


def _as_yaml(words: Mapping[str, Any]) -> str:
    return yaml.dump(dict(words), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def clauses(words: Mapping[str, Any]) -> str:
    """The sample clauses in plain words."""
    lines = [f"{words['name']}条款", f"{words['company']['name']}　{words['filing_no']}", "", "一、保险责任"]
    lines += [f"{item['name']}：{item['condition']}给付：{item['amount']}。" for item in words["coverage"]]
    lines += ["", "二、责任免除", "因下列情形之一发生保险事故的，公司不承担给付责任："]
    lines += [f"{item['number']}. {item['text']}" for item in words["exclusions"]]
    lines += ["", "三、您的权利", *words["rights"], *words["loan"], "", "四、解除合同", words["surrender"]]
    lines += ["", "五、理赔", *words["claim_steps"], "", "六、争议处理", *words["complaint_ways"]]
    return "\n".join(lines) + "\n"


def tables(product: Mapping[str, Any]) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The package's CSV files by name, and the entry ages above which there is no price."""
    wanted = product["tables"]
    if wanted.get("bands"):
        return {"bands.csv": _bands()}, []
    decrements = {sex: _decrements(sex, wanted) for sex in ("M", "F")}
    ages = sorted(decrements["M"])
    rows = ([str(age), *(str(decrements[sex][age]) for sex in ("M", "F"))] for age in ages)
    files = {"decrements.csv": _csv(["age", "M", "F"], rows)}
    basis = msgspec.convert(product["basis"], Basis)
    if basis.design not in PLANS:
        return files, []
    solved, age_limits = _solved(basis, product["entry"], decrements)
    fine = basis.design in ("increasing", "annuity")
    heading = ["sex", "age", "to_age", "pay_years"]
    files["rates.csv"] = _csv(
        [*heading, "per_1000"],
        ([*case, str(_to(account.unknown, _FINE) if fine else cents(account.unknown))] for case, account in solved),
    )
    files["cash_values.csv"] = _csv(
        [*heading, "by_year"],
        ([*case, " ".join(f"{_to(year.cash_value, _FINE):f}" for year in account.years)] for case, account in solved),
    )
    return files, age_limits


def _solved(
    basis: Basis, entry: Mapping[str, Any], decrements: Mapping[str, Mapping[int, Decimal]]
) -> tuple[list[tuple[Case, Account]], list[dict[str, Any]]]:
    """Each case that may be sold, with its account; and from which age on there is no price, sex by sex."""
    found: dict[Case, Account] = {}
    limits = []
    for to_age in entry.get("to_ages", [None]):
        end = to_age or basis.last_age
        for pay_years in entry["pay_years"]:
            oldest = min(entry["age_max"], (basis.annuity_from or end) - pay_years)
            for sex in ("M", "F"):
                for age in range(entry["age_min"], oldest + 1):
                    try:
                        account = solve(PLANS[basis.design](basis, Person(age, end, pay_years, decrements[sex])))
                    except NoPrice:
                        limit = {"sex": sex, "pay_years": pay_years, "age_max": age - 1}
                        limits.append(limit | ({"to_age": to_age} if to_age else {}))
                        break
                    found[sex, age, end, pay_years] = account
    return sorted(found.items()), limits


def _decrements(sex: str, wanted: Mapping[str, Any]) -> dict[int, Decimal]:
    """The yearly probabilities by age: death, or for an illness product illness and death from other causes."""
    column = wanted["decrements"]["MF".index(sex)]
    deaths = {int(row["age"]): Decimal(row[column]) for row in read_table(TABLES / "mortality_2010_2013.csv")}
    if not wanted.get("illness"):
        return deaths
    rows = read_table(TABLES / "ci_incidence_synthetic.csv")
    return {
        int(row["age"]): Decimal(row[f"ci_{sex}"])
        + deaths[int(row["age"])] * (1 - Decimal(row["k_ci_share_of_deaths"]))
        for row in rows
    }


def _bands() -> str:
    rows = read_table(TABLES / "medical_premiums_invented.csv")
    return _csv(["age_from", "age_to", "with_social", "without_social"], (list(row.values()) for row in rows))


def _to(amount: Decimal, places: Decimal) -> Decimal:
    return amount.quantize(places, rounding=decimal.ROUND_HALF_UP, context=CONTEXT)


def _csv(heading: list[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    main()
