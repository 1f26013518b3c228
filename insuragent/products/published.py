"""A product package as the product record that head office publishes."""

import uuid

from insuragent.products.package import Package


def describe(found: Package) -> dict[str, object]:
    """A package as the fields of a product record, for whoever publishes it."""
    return {
        "code": found.code,
        "name": found.name,
        "filing_no": found.filing_no,
        "version": found.version,
        "package_hash": found.content_hash,
        "type": found.type,
        "design_type": found.design_type,
        "p_level": found.p_level,
        "min_agent_level": found.min_agent_level,
        "status": found.status,
        "withdraw_from": found.withdraw_from,
        "notice_id": found.notice_id or None,
        "filed_on": found.filed_on,
        "entry_age_min": found.entry.age_min,
        "entry_age_max": found.entry.age_max,
        "summary": {"summary": found.summary, "suits": found.suits},
    }


def product_id(code: str) -> uuid.UUID:
    """The id of a sample product's record, the same on every head office."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"insuragent:product:{code}")
