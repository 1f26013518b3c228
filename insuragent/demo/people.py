"""Who is in the demo: the agent, and what the customers tell at the table."""

import datetime as dt
from typing import Any

from insuragent.i18n import SHANGHAI
from insuragent.models import Product, Staff
from insuragent.models.base import utc_now
from insuragent.models.staff import AgentLevel
from insuragent.products.package import PROMPT_CODES
from insuragent.products.published import describe, product_id
from insuragent.services import catalogue

PASSPHRASE = "chenguang xiaohe 2026"  # noqa: S105 - of the demo profile, told to whoever opens it
AGENT = "林晓静"
#: A household's figures in yuan, as the needs form asks for them (the worked case of the trade).
HOUSEHOLD = {
    "annual_income": 180_000,
    "annual_expense": 110_000,
    "yearly_shortfall": 36_000,
    "debts": 800_000,
    "liquid_assets": 300_000,
    "education_cost": 400_000,
    "parents_support": 240_000,
    "treatment_cost": 400_000,
    "rehabilitation_cost": 100_000,
    "pension_need_month": 6_000,
    "pension_expected_month": 3_600,
    "life_cover": 200_000,
    "ci_cover": 300_000,
    "yearly_premiums": 12_000,
    "budget_year": 20_000,
}


def staff_values(today: dt.date) -> dict[str, Any]:
    """The agent as head office keeps her."""
    return {
        "name": AGENT,
        "gender": "F",
        "licence_no": "00000244030000002026000123",
        "licence_valid_to": today + dt.timedelta(days=400),
        "company": "示例人寿保险股份有限公司",
        "branch": "上海分公司",
        "level": AgentLevel.L3,
        "authorised_products": sorted(catalogue.packages()),
    }


def staff(today: dt.date) -> Staff:
    """The agent's record."""
    return Staff(**staff_values(today))


def products() -> list[Product]:
    """The sample products as head office publishes them."""
    return [Product(id=product_id(code), **describe(package)) for code, package in sorted(catalogue.packages().items())]


def checked(**values: Any) -> dict[str, Any]:
    """What is noted on a sheet at the table when all is in order."""
    told: dict[str, Any] = {
        "id_checked": True,
        "promises_told": True,
        "risk_level": "C3",
        "risk_assessed_on": utc_now().astimezone(SHANGHAI).date(),
        "premium_words": "保费从结余中支付，不影响生活",
        "explained": [{"code": code, "at": utc_now().isoformat()} for code in PROMPT_CODES],
        "reason_links": [{"need": "protect_life", "benefit": "DEATH"}],
    }
    return told | values


def household(**values: Any) -> dict[str, Any]:
    """What a needs analysis is told; money in fen."""
    told: dict[str, Any] = {name: yuan * 100 for name, yuan in HOUSEHOLD.items()}
    return told | {"shortfall_years": 20, "pension_years": 25, "goals": ["protect_life", "ci", "education"]} | values
