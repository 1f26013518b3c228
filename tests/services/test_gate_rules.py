"""Every gate before a sheet, shut once: its message names the rule and the source on which it rests."""

import datetime as dt
import re
from typing import Any

import pytest

from insuragent.errors import NotPermitted
from insuragent.services import catalogue, gates
from tests.services.test_gates import NOW, TODAY, judged

#: What shuts each gate, or makes it warn, in a case that is otherwise in order.
SHUT: dict[str, dict[str, Any]] = {
    "licence": {"licence_valid_to": dt.date(2026, 11, 22)},
    "authority": {"authorised": ["DEMO-TERM"]},
    "identity": {"id_checked": False},
    "on_sale": {"withdrawn_from": TODAY},
    "version": {"newest_package": "0f" * 32},
    "status": {"status_as_of": dt.date(2026, 11, 15)},
    "dated": {"proposed_on": dt.date(2026, 11, 24)},
    "valid": {"valid_until": dt.date(2026, 11, 22)},
    "promises": {"promises_told": False},
    "insured": {"insured_fits": False},
    "consent": {"applicant": "spouse"},
    "beneficiary": {"beneficiary": "林晓静 100%"},
    "minor": {"age": 7, "applicant": "parent", "guardian_consent": True},
    "elderly_soon": {"applicant_born": dt.date(1966, 11, 24)},
    "recording": {"applicant_born": dt.date(1966, 11, 23)},
    "exclusions_first": {"applicant_born": dt.date(1966, 11, 23), "prompts": {"04": NOW}},
    "reflection": {"applicant_born": dt.date(1959, 4, 16), "explained_at": NOW},
    "needs": {"analysed": False},
    "risk": {"risk_level": "C1"},
    "need": {"goals": ["medical"]},
    "premium": {"budget": gates.Budget(10_000_000, 1_200_000, 1_300_000)},
    "burden": {"budget": gates.Budget(10_000_000, 0, 100, pay_years=20, pay_years_ok=10)},
    "double_cover": {"package": catalogue.package("DEMO-MED"), "reimbursement_policies": 1},
    "prompts": {"prompts": {"01": NOW}},
    "reasons": {"reason_links": []},
    "statement": {"statement": ""},
    "phrases": {"texts": ("保本",)},
    "review": {"texts": ("退旧买新",)},
}


@pytest.mark.parametrize("name", SHUT)
def test_each_gate_names_its_rule_and_its_source(name: str) -> None:
    """Requirement or story, and the law or the company's rule behind it, in the message that refuses or warns."""
    gate = next(gate for gate in judged(**SHUT[name]) if gate.name == name)
    assert not gate.open
    assert re.fullmatch(r".+（依据：(R\d\.\d[a-z]|S\d\d)[^；]*；[^；]+）", gate.told.replace("\n", " "))
    if not gate.warning:
        with pytest.raises(NotPermitted, match=re.escape(gate.told)):
            gates.require([gate], gates.SIGN)
