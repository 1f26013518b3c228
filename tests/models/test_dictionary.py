"""The records are those of the trade's data dictionary: each of its fields is declared, or it is told where it lies."""

import csv
from pathlib import Path

import pytest

from insuragent.models import RECORDS, complaint, consent, customer, family, product, sheet, staff, visit
from insuragent.models.base import shown_fields
from insuragent.models.choices import Channel, DocType, Gender
from insuragent.models.fields import Choice, Kind, fields_of
from insuragent.products.package import Package
from insuragent.rules.completeness import PERSON
from insuragent.services.importing import field_choices

DATA = Path(__file__).parents[1] / "data" / "models"
ENUMS: dict[str, type[Choice]] = {
    "gender": Gender,
    "doc_type": DocType,
    "channel": Channel,
    "marital": customer.Marital,
    "customer_type": customer.CustomerType,
    "customer_class": customer.CustomerClass,
    "customer_stage": customer.Stage,
    "source": customer.Source,
    "family_relation": family.Relation,
    "consent_purpose": consent.Purpose,
    "consent_state": consent.ConsentState,
    "visit_purpose": visit.VisitPurpose,
    "visit_status": visit.VisitStatus,
    "visit_outcome": visit.VisitOutcome,
    "product_type": product.ProductType,
    "design_type": product.DesignType,
    "c_level": sheet.RiskLevel,
    "agent_level": staff.AgentLevel,
    "complaint_category": complaint.Category,
    "severity": complaint.Severity,
    "complaint_result": complaint.ComplaintResult,
}


def rows(name: str) -> list[dict[str, str]]:
    """A table beside the tests."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


DICTIONARY = rows("data_dictionary.csv")


def test_the_dictionary_tells_of_every_type() -> None:
    """But for what only a program needs: files, conflicts, and who seals."""
    told = {row["record"] for row in DICTIONARY}
    assert told == RECORDS.keys() - {"attachment", "conflict", "draft", "sealer"}


@pytest.mark.parametrize("row", DICTIONARY, ids=lambda row: f"{row['record']}-{row['field'][:30]}")
def test_a_field_is_declared_or_its_place_is_told(row: dict[str, str]) -> None:
    """Under the name in ``ours``; what is not a field of its own has a note that says where it lies."""
    record_type = RECORDS[row["record"]]
    ours = row["ours"].split()
    there = fields_of(record_type).keys() | {"id", "revision", "changed_at", "created_at"}
    assert ours or row["note"]
    assert [name for name in ours if name not in there] == []


@pytest.mark.parametrize(
    "row", [row for row in DICTIONARY if row["required"] == "true"], ids=lambda r: f"{r['record']}-{r['field'][:30]}"
)
def test_what_is_required_is_asked_for(row: dict[str, str]) -> None:
    """Where the column ``asked`` says: by the record itself, by a file's completeness, or before a sheet is signed."""
    declared = fields_of(RECORDS[row["record"]])
    ours = [name for name in row["ours"].split() if name in declared]
    match row["asked"]:
        case "record":
            first = [name for name in ours if declared[name].default is not None or not declared[name].optional]
            assert first or set(row["ours"].split()) & {"id", "created_at"}
        case "completeness":
            assert any(ours[0] in group for group in PERSON)
        case "derived":
            assert not set(ours) & (shown_fields(RECORDS[row["record"]]).keys() - {"birth_date"})
        case "package":
            assert row["record"] == "product"
        case "analysis" | "holding" | "gate" | "":
            assert row["note"] or set(ours) <= shown_fields(RECORDS[row["record"]]).keys() | _made_by_steps(ours)
        case name:
            assert not declared[name].optional


def _made_by_steps(ours: list[str]) -> set[str]:
    """What no form holds because a step of the work sets it."""
    return {"affordability_bp", "signed_at", "signature_id", "explained_at"} & set(ours)


@pytest.mark.parametrize("name", ENUMS)
def test_an_enumeration_has_the_codes_of_the_trade(name: str) -> None:
    """No code is lacking, each has words, and what is ours alone is only added."""
    codes = [row["code"] for row in rows("enums.csv") if row["enum"] == name]
    assert codes
    assert [code for code in codes if code not in [member.value for member in ENUMS[name]]] == []
    assert all(member.label for member in ENUMS[name])


def test_what_may_be_imported_can_be_read() -> None:
    """Each column that an import offers is a field of a kind that a cell can hold."""
    declared = fields_of(customer.Customer)
    assert all(declared[name].kind not in (Kind.ITEMS, Kind.LINK) for name in field_choices())


def test_the_package_holds_what_the_product_does_not() -> None:
    """The parts of the dictionary's product that no record holds are parts of the signed package."""
    parts = {
        "coverage", "exclusions", "waiting_days", "waiting_scope", "hesitation_days", "grace_days", "medical", "fees",
        "guaranteed_renewal_years", "tables", "pricing_rate", "fulfilment", "prompt_items", "health_questions", "docs",
        "company", "complaint_ways", "entry",
    }  # fmt: skip
    assert parts <= set(Package.__dataclass_fields__)
