"""What a sheet shows on an occasion: the people, the state of the product, what is known of the customer."""

from typing import Any

import pytest

from insuragent.services import catalogue
from insuragent.services.gates import Budget, Case
from insuragent.services.sheet_content import Beneficiary, Person
from insuragent.services.sheet_facts import suitability_facts
from tests.documents import sample_sheet


def facts(holder: Person, product: str = "DEMO-PWL", **told: Any) -> dict[str, str]:
    """The key facts of a sheet for a policyholder: a man of 40 in the sample case, unless told otherwise."""
    return dict(sample_sheet.content(product, holder=holder, **told).key_facts)


def test_the_policyholder_is_the_insured_when_nobody_else_is_named() -> None:
    """Name, age and sex of the one person, also when a birthday lies between the numbers and the print."""
    for age in (None, 40, 41):
        assert facts(Person("王𬭎", age, "M", "310*1"))["被保险人"] == "王𬭎　40周岁　男"
    assert facts(Person("王𬭎", 40, "U", "310*1"))["投保人"] == "王𬭎\n310*1"


@pytest.mark.parametrize("holder", [Person("王男", 60, "M"), Person("李女", 40, "F")])
def test_nobody_is_insured_by_mistake(holder: Person) -> None:
    """Numbers for a man of 40 are not printed as the case of whoever is 60, or a woman."""
    assert facts(holder)["被保险人"] == "40周岁　男"


def test_a_mother_buys_for_her_son() -> None:
    """Both stand on the sheet, with what she is to him; the large print follows the reader's age, not the child's."""
    mother = Person("陈母", 60, "F")
    told = facts(mother, insured=Person("陈子", 40, "M", relation="父母"))
    assert (told["投保人"], told["被保险人"]) == ("陈母", "陈子　40周岁　男")
    assert told["投保人是被保险人的"] == "父母"
    assert sample_sheet.content(holder=mother, insured=Person("陈子", 40)).elderly


def test_the_receivers_of_the_death_benefit() -> None:
    """With order and share where there are several; the law decides where nobody is named (保险法 art. 42)."""
    wife, son = Beneficiary("赵妻", "配偶", 60), Beneficiary("王子", "子女", 40)
    parent = Beneficiary("王父", "父母", 100, order=2)
    holder = Person("王𬭎", 40)
    assert facts(holder)["身故受益人"] == "未指定"
    assert facts(holder, beneficiaries=(wife, son))["身故受益人"] == "赵妻　配偶　60%\n王子　子女　40%"
    assert facts(holder, beneficiaries=(parent, wife))["身故受益人"].startswith("第 1 顺序　赵妻")


def test_the_state_of_the_product_has_a_word_and_a_day() -> None:
    """Story S12; a word that only a newer head office knows stays as it is."""
    assert sample_sheet.content().product_status == "产品状态截至 2026-11-18：在售"
    assert sample_sheet.content(status="notice_withdraw").product_status.endswith("：已公告停售")
    assert sample_sheet.content(status="paused").product_status.endswith("：paused")


def case(product: str, **told: Any) -> Case:
    """A case of the gates for a product."""
    day = sample_sheet.DAY
    return Case(catalogue.package(product), day, day, identified=True, **told)


def test_burden_and_double_cover_are_told() -> None:
    """Story S15: both facts, and the customer's own words, stand on the sheet."""
    budget = Budget(income=10_000_000, premiums=1_200_000, new_premium=1_300_000)
    told = suitability_facts(
        case(
            "DEMO-MED",
            budget=budget,
            premium_words="能负担",
            reimbursement_policies=1,
            own_will="自愿",
            risk_level="C3",
        )
    )
    assert told[0] == "家庭年收入 ¥100,000.00，每年保费合计 ¥25,000.00（含本次 ¥13,000.00），占收入的 25.0%。"
    assert told[1:3] == ["客户确认能够负担：能负担", "产品等级 P1，客户风险承受等级 C3 平衡。"]
    assert told[3].startswith("客户已有 1 份费用补偿型医疗险")
    assert told[4:] == ["客户确认自愿投保：自愿"]


def test_what_is_not_known_is_not_told() -> None:
    """No analysis, no sentence; without an income no share."""
    assert suitability_facts(case("DEMO-PWL")) == []
    (told,) = suitability_facts(case("DEMO-PWL", budget=Budget(0, 1_200_000, 1_300_000)))
    assert "没有家庭年收入的资料" in told
