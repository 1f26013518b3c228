"""How complete a customer's file is, as a weighted share of the fields that identification and service need."""

from collections.abc import Mapping
from typing import Any

#: The nine items of customer due diligence (regulations.csv G25) weigh most; one of two addresses is enough.
PERSON: Mapping[tuple[str, ...], int] = {
    ("name",): 10,
    ("gender",): 6,
    ("birth_date",): 8,
    ("nationality",): 4,
    ("doc_type",): 4,
    ("doc_no",): 12,
    ("doc_valid_to", "doc_long_term"): 6,
    ("mobile", "phone2", "email"): 12,
    ("home_address", "work_address"): 8,
    ("occupation_text", "occupation_code"): 6,
    ("home_region",): 3,
    ("household_income", "annual_income"): 5,
    ("income_source",): 2,
    ("marital",): 3,
    ("tax_resident",): 2,
    ("contact_pref", "do_not_call"): 3,
    ("verified_at",): 6,
}
ENTERPRISE: Mapping[tuple[str, ...], int] = {
    ("name",): 20,
    ("doc_no",): 25,
    ("mobile", "phone2", "email"): 20,
    ("work_address", "home_address"): 15,
    ("home_region",): 5,
    ("verified_at",): 15,
}


def completeness(values: Mapping[str, Any]) -> int:
    """0 to 100 for a customer's plain ``values``. False and 0 are answers; None, empty text and "unknown" are not."""
    weights = ENTERPRISE if values.get("type") == "enterprise" else PERSON
    reached = sum(weight for names, weight in weights.items() if any(_told(values.get(name)) for name in names))
    return reached * 100 // sum(weights.values())


def missing(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The first field of each weighted group that is still untold, the heaviest first."""
    weights = ENTERPRISE if values.get("type") == "enterprise" else PERSON
    groups = sorted(weights, key=lambda names: -weights[names])
    return tuple(names[0] for names in groups if not any(_told(values.get(name)) for name in names))


def _told(value: Any) -> bool:
    return value is not None and str(value).strip() not in ("", "unknown")
