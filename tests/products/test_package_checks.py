"""What a package may not say: each fault is told in words, and all of them at once."""

import datetime as dt
from typing import Any

import pytest

from insuragent.errors import BadFile
from insuragent.products.package_archive import pack
from insuragent.products.package_files import judge, read_zip
from insuragent.products.package_seal import DEMO_KEY
from insuragent.rules.policy import Policy
from tests.products.making import changed, files, sealed

DAY = dt.date(2026, 11, 23)
#: One change each of product.yaml, and what is told about it.
FAULTS: list[tuple[str, dict[str, str], str]] = [
    ("DEMO-PWL", {"type: increasing_wl": "type: lottery"}, "type 应为"),
    ("DEMO-PWL", {"design_type: participating": "design_type: shared"}, "design_type 应为"),
    ("DEMO-PWL", {"design: increasing": "design: magic"}, "basis.design 应为"),
    ("DEMO-PWL", {"design: increasing": "design: universal"}, "basis.design 应为"),
    ("DEMO-PWL", {"p_level: P3": "p_level: P9"}, "p_level 应为"),
    ("DEMO-PWL", {"min_agent_level: L2": "min_agent_level: L9"}, "min_agent_level 应为"),
    ("DEMO-PWL", {"status: on_sale": "status: maybe"}, "status 应为"),
    ("DEMO-PWL", {"status: on_sale": "status: withdrawn"}, "withdraw_from"),
    ("DEMO-PWL", {"  interest: 0.0175": "  interest: 0.05"}, "与预定利率 1.75% 不一致"),
    ("DEMO-PWL", {"pricing_rate: 0.0175": "pricing_rate: 0.02", "interest: 0.0175": "interest: 0.02"}, "上限 1.75%"),
    ("DEMO-PWL", {"filed_on: 2026-07-01": "filed_on: 2099-01-01"}, "在将来"),
    ("DEMO-PWL", {"filed_on: 2026-07-01": "filed_on: 1990-01-01"}, "没有备案日 1990-01-01 的预定利率上限"),
    ("DEMO-PWL", {"code: DEMO-PWL": "code: 'DEMO PWL'"}, "code 的格式不正确"),
    ("DEMO-PWL", {"version: '1.0'": "version: new"}, "version 的格式不正确"),
    ("DEMO-PWL", {"sample: true": "sample: true\nbonus: 1"}, "不认识的字段 bonus"),
    ("DEMO-PWL", {"  growth: 0.0175": "  growth: 0.0175\n  luck: 7"}, "不认识的字段 basis.luck"),
    ("DEMO-PWL", {"  times: 一次\n": "  times: 一次\n  colour: red\n"}, "不认识的字段 coverage.colour"),
    (
        "DEMO-PWL",
        {"sample: true": "sample: true\ntables: {}"},
        "不认识的字段 tables",
    ),
    ("DEMO-PWL", {"age_min: 0": "age_min: -5"}, "投保年龄 -5 至 65 不合理"),
    ("DEMO-PWL", {"age_max: 65": "age_max: -5"}, "投保年龄 0 至 -5 不合理"),
    ("DEMO-PWL", {"premium_min: 1000": "premium_min: -1"}, "entry.premium 超出范围"),
    ("DEMO-PWL", {"annual: 1\n": "annual: 2\n"}, "pay_modes 超出范围"),
    ("DEMO-PWL", {"  - 0.30": "  - -0.30"}, "basis.expenses 超出范围"),
    ("DEMO-PWL", {"hesitation_days: 15": "hesitation_days: 5"}, "犹豫期不能少于 10 日"),
    ("DEMO-PWL", {"revival_years: 2": "revival_years: 1"}, "复效期不能少于 2 年"),
    ("DEMO-PWL", {"file: clauses.txt": "file: ../../../etc/passwd"}, "缺少文件 ../../../etc/passwd"),
    ("DEMO-PWL", {"file: clauses.txt": "file: product.yaml"}, "没有提到的文件 clauses.txt"),
    ("DEMO-PWL", {"  08: ": "  '19': "}, "没有明确提示项 19"),
    ("DEMO-PWL", {"- number: 3": "- number: 2"}, "逐条编号"),
    ("DEMO-PWL", {"code: DIVIDEND": "code: DEATH"}, "重复的编号"),
    ("DEMO-PWL", {"service_phone: 400-000-0000\n": "service_phone: ''\n"}, "company.service_phone 不能为空"),
    ("DEMO-PANN", {"annuity_from: 60": "annuity_from: 0"}, "basis.annuity_from"),
    ("DEMO-CI", {"hesitation_days: 15": "hesitation_days: 12"}, "长期健康保险的犹豫期不能少于 15 日"),
    ("DEMO-UL", {"single_fee: 0.02": "single_fee: 0.06"}, "basis.single_fee 超过上限 5.00%"),
    ("DEMO-UL", {"  - 0.15\n": "  - 0.35\n"}, "basis.expenses 第 2 年超过上限 25.00%"),
    ("DEMO-UL", {"  - 0.04\n": "  - 0.045\n"}, "basis.surrender_charges 第 2 年超过上限 4.00%"),
    ("DEMO-UL", {"  surrender_charges:": "  old_charges:"}, "basis.surrender_charges 不能为空"),
    ("DEMO-UL", {"illustrated_rate: 0.03": "illustrated_rate: 0.045"}, "basis.illustrated_rate 超出范围"),
    ("DEMO-UL", {"guarantee_years: 5": "guarantee_years: 0"}, "guarantee_years 不能为空"),
    ("DEMO-MED", {"rate_without_social: 0.6": "rate_without_social: 1.6"}, "medical.rate_without_social"),
    ("DEMO-MED", {"design: medical": "design: level"}, "不一致"),
]
#: One change each of a table.
TABLE_FAULTS: list[tuple[str, str, dict[str, str], str]] = [
    ("DEMO-PWL", "rates.csv", {"M,30,105,5,": "M,30,105,4,"}, "rates.csv 缺少 M 30 岁保至 105 岁 5 年交"),
    ("DEMO-PWL", "rates.csv", {"M,30,105,5,": "M,30,105,4,"}, "rates.csv 多出 M 30 岁保至 105 岁 4 年交"),
    ("DEMO-PWL", "rates.csv", {"M,30,105,5,": "M,30,105,5,-"}, "rates.csv 中 M 30 岁保至 105 岁 5 年交 的数字不合理"),
    ("DEMO-PWL", "cash_values.csv", {"M,30,105,5,": "M,30,105,5,-"}, "cash_values.csv 中 M 30 岁"),
    ("DEMO-PWL", "cash_values.csv", {"M,30,105,5,": "M,30,105,5,1.5 "}, "的年数不对"),
    ("DEMO-PWL", "decrements.csv", {"\n30,0": "\n30,1"}, "decrements.csv 中有不合理的数字"),
    ("DEMO-PWL", "decrements.csv", {"\n30,": "\n130,"}, "decrements.csv 没有连续地覆盖"),
    ("DEMO-PWL", "decrements.csv", {"\n30,": "\n31,"}, "decrements.csv 的内容不是预期的格式"),
    ("DEMO-MED", "bands.csv", {"\n0,": "\n1,"}, "bands.csv 没有连续地覆盖投保年龄"),
]


def told(code: str, made: dict[str, bytes], policy: Policy) -> str:
    """What is said against a package that was changed and then signed, as whoever takes it in would hear it."""
    with pytest.raises(BadFile) as caught:
        read_zip(pack(sealed(made, code=code)), policy, [DEMO_KEY], DAY)
    return str(caught.value)


@pytest.mark.parametrize(("code", "changes", "words"), FAULTS)
def test_each_fault_is_told(code: str, changes: dict[str, str], words: str, policy: Policy) -> None:
    """A signature does not make a wrong package right."""
    assert words in told(code, changed(files(code), changes), policy)


@pytest.mark.parametrize(("code", "file", "changes", "words"), TABLE_FAULTS)
def test_each_fault_of_a_table_is_told(
    code: str, file: str, changes: dict[str, str], words: str, policy: Policy
) -> None:
    """Every case that may be sold has its price and its cash values, each of them possible."""
    assert words in told(code, changed(files(code), changes, file), policy)


@pytest.mark.parametrize("name", ["rates.csv", "cash_values.csv", "decrements.csv", "clauses.txt"])
def test_a_missing_file_is_told(name: str, policy: Policy) -> None:
    """Nothing is computed in place of a table (finding 6: prices and cash values are tables)."""
    made = files()
    del made[name]
    assert f"缺少文件 {name}" in told("DEMO-PWL", made, policy)


def test_a_table_that_does_not_belong_is_told(policy: Policy) -> None:
    """A universal account has no table of cash values."""
    assert "没有提到的文件 rates.csv" in told(
        "DEMO-UL", {**files("DEMO-UL"), "rates.csv": files()["rates.csv"]}, policy
    )


def test_everything_is_told_at_once(policy: Policy) -> None:
    """A broken seal, an unreadable value, an unknown key, a bad choice and bad tables: one look is enough."""
    made = changed(files(), {"grace_days: 60": "grace_days: soon", "p_level: P3": "p_level: P9\nbonus: 1"})
    made = changed(made, {"M,30,105,5,": "M,30,105,5,-"}, "rates.csv")
    del made["cash_values.csv"]
    with pytest.raises(BadFile) as caught:
        read_zip(pack(made), policy, [DEMO_KEY], DAY)
    for words in (
        "product.yaml 被改动过",
        "rates.csv 被改动过",
        "grace_days",
        "bonus",
        "p_level",
        "cash_values.csv",
        "M 30 岁",
    ):
        assert words in str(caught.value), words


@pytest.mark.parametrize("data", [b"\xff", b"a: [", b"- 1", b"{" * 3000, b"a: .nan", b"a: 2026-13-45"])
def test_words_that_cannot_be_read(data: bytes, policy: Policy) -> None:
    """Broken, too deep or no mapping: refused, and the seal is told besides."""
    with pytest.raises(BadFile, match=r"product\.yaml"):
        read_zip(pack({**files(), "product.yaml": data}), policy, [DEMO_KEY], DAY)


def test_before_signing_the_seal_is_passed_over(policy: Policy) -> None:
    """An actuary looks at the content first; what is unusual is told beside the faults."""
    plain: dict[str, Any] = {name: data for name, data in files().items() if name not in ("manifest.json", "signature")}
    assert judge(plain, policy, None, DAY).faults == ()
    assert judge(plain, policy, [DEMO_KEY], DAY).faults == ("产品包没有签名",)
    short = judge(changed(plain, {"hesitation_days: 15": "hesitation_days: 10"}), policy, None, DAY)
    assert (short.faults, short.notes) == ((), ("犹豫期 10 日，少于通行的 15 日",))
    assert (short.code, short.version) == ("DEMO-PWL", "1.0")


def test_a_legacy_product_keeps_the_rate_of_its_day(policy: Policy) -> None:
    """What is no longer sold may have been filed when the data do not reach back so far."""
    old = {"status: on_sale": "status: legacy", "filed_on: 2026-07-01": "filed_on: 1998-05-01"}
    assert judge(changed(files(), old), policy, None, DAY).faults == ()
