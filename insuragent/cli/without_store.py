"""The subcommands that need no store: validators, clocks, illustrations, sheets and the phrase check."""

import argparse
import csv
import io
from dataclasses import asdict
from typing import Any

from insuragent.cli.console import DONE, REFUSED, Answer, csv_lines, read_json, read_text, today, writing
from insuragent.errors import BadFile
from insuragent.i18n import N_, _, format_moment
from insuragent.models.base import utc_now
from insuragent.products.explain import Step
from insuragent.products.illustration import illustrate_plain
from insuragent.products.pricing import cents
from insuragent.rules import phrases
from insuragent.rules.clocks import clocks_row
from insuragent.rules.validators import validate_rows
from insuragent.services import catalogue, loose_sheets, numbers
from insuragent.settings import write_whole


def validate(told: argparse.Namespace) -> Answer:
    """Judge each row of kind and value in a CSV file."""
    day = today()
    pattern = catalogue.policy().text("licence_pattern", day)
    reader = csv.DictReader(io.StringIO(read_text(told.file), newline=""))
    try:
        rows = list(validate_rows(reader, today=day, licence_pattern=pattern))
    except csv.Error as error:
        raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=told.file.name) from error
    if not {"kind", "value"} <= set(reader.fieldnames or ()):
        raise BadFile(N_("文件 {name} 应有 kind 和 value 两列"), name=told.file.name)
    return Answer(rows, csv_lines(rows, ("kind", "value", "result", "normalised", "reason")))


def clocks(told: argparse.Namespace) -> Answer:
    """The clocks of a complaint."""
    policy = catalogue.policy()
    row = clocks_row(told.received, policy.calendar, policy.periods(today()))
    words = {
        "first_response_due": _("首次响应期限"),
        "day15": _("15日期限"),
        "day15_is_workday": _("当天是工作日"),
        "day15_rolled": _("顺延至（仅供参考）"),
        "internal_due": _("内部期限"),
        "day30": _("30日期限"),
        "day60": _("60日期限"),
        "notes": _("说明"),
    }
    lines = [f"{words[name]}：{_worded(value)}" for name, value in row.items() if value != []]
    return Answer(row, lines)


def _worded(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return "；".join(value) if isinstance(value, list) else str(value)


def illustrate(told: argparse.Namespace) -> Answer:
    """The illustration of a case, or the steps to one of its figures."""
    if told.explain is not None:
        return _explained(told)
    result = illustrate_plain(read_json(told.file), catalogue.packages(), catalogue.policy(), today=today())
    heading = [f"{name}: {result[name]}" for name in ("product", "premium", "sum_assured", "annuity") if name in result]
    rows = [{name: str(value) for name, value in row.items()} for row in result["rows"]]
    table = csv_lines(rows, list(rows[0])) if rows else []
    return Answer(result, [*heading, *table, f"result_hash: {result['result_hash']}"])


def _explained(told: argparse.Namespace) -> Answer:
    year, column = told.explain
    steps = numbers.explain_cell(read_json(told.file), int(year) if year.isdecimal() else 0, column, today())
    rows = [{"sign": step.sign, "label": step.label, "amount": _figure(step)} for step in steps]
    lines = [f"{row['sign']} {row['label']}  {row['amount']}" for row in rows]
    return Answer({"year": int(year), "column": column, "steps": rows}, lines)


def _figure(step: Step) -> str:
    """A factor as it is, an amount to the cent."""
    return f"{step.amount.normalize():f}" if step.sign == "×" else f"{cents(step.amount)}"


def sheet(told: argparse.Namespace) -> Answer:
    """The explanation sheet of a case, as PDF; refused as the window would."""
    with writing(told.out):
        data = loose_sheets.render(read_json(told.file), utc_now())
        write_whole(told.out, data)
    return Answer({"file": str(told.out), "bytes": len(data)}, [_("已生成 {file}").format(file=told.out)])


def verify(told: argparse.Namespace) -> Answer:
    """Whether a signed sheet is as it was signed, and its numbers come out again; 1 when something is not right."""
    from insuragent.services import verifying

    keys = _sealers(told)
    found = verifying.verify(told.file, keys)
    asks = found.known_key == "unknown" and bool(found.key) and _ask_whose(told, found.key)
    standing = {
        "yes": _("是"),
        "before": _("在设备登记之前签署"),
        "after": _("否"),
        "unknown": _("没有核对"),
    }
    words = {
        _("文件编号"): found.document_no,
        _("签名"): {"valid": _("有效"), "invalid": _("无效"), "none": _("没有")}[found.signature],
        _("签名覆盖整个文件"): _worded(found.covers_whole_file),
        _("签名人"): found.signer or "–",
        _("签署时间（签署设备的时钟）"): format_moment(found.signed_at) if found.signed_at else "–",
        _("总公司认识签名的密钥"): {"yes": _("是"), "no": _("否"), "unknown": _("没有核对")}[found.known_key],
        _("登记的人员和设备"): f"{found.agent} {found.device}".strip() or "–",
        _("签署时设备有效"): standing[found.device_valid],
        _("存档格式 PDF/A-2b"): _worded(found.archival),
        _("数字已重算一致"): _worded(found.recomputed),
        _("重算的依据"): {"package": _("已安装的产品包"), "file": _("文件所带的依据"), "": "–"}[found.recomputed_from],
        _("结果摘要"): found.result_hash,
    }
    lines = [*(f"{name}：{value}" for name, value in words.items()), *(f"✗ {fault}" for fault in found.faults)]
    if asks:
        lines.append(_("本机的清单中没有这把密钥；下次同步时向总公司核对，之后请再查一次"))
    if keys and keys.unproven:
        lines.append(_("密钥清单由公钥 {key} 签署，请与总公司核对").format(key=keys.unproven))
    told_of = asdict(found) | {"keys_signed_by": keys.unproven if keys else ""}
    return Answer(told_of, lines, DONE if found.sound else REFUSED)


def _sealers(told: argparse.Namespace) -> Any:
    """The keys of the list that is given, or that the named profile knows; without both nobody is asked.

    A list is believed when head office signed it whose key is given, or at which the profile is enrolled; without
    both, the answer names the key, to be compared by a person.
    """
    from insuragent.cli.on_profile import open_desk
    from insuragent.services import sealers

    if told.profile is None:
        return sealers.from_file(told.keys, told.office) if told.keys else None
    with open_desk(told) as opened, opened.read() as work:
        return (
            sealers.from_file(told.keys, told.office or sealers.office_key(work))
            if told.keys
            else sealers.sealers(work)
        )


def _ask_whose(told: argparse.Namespace, key: str) -> bool:
    """Have head office asked with the next sync of the named profile; whether there is one that can ask."""
    from insuragent.cli.on_profile import open_desk
    from insuragent.services import sealers

    if told.profile is None or told.keys:
        return False
    with open_desk(told) as opened, opened.begin() as work:
        if sealers.office_key(work) is None:
            return False
        sealers.ask(work, key)
    return True


def check_text(told: argparse.Namespace) -> Answer:
    """The phrase check on a text file; 1 when something in it may not be used."""
    rules = catalogue.policy().phrase_rules(today())
    context = phrases.Context(setting=phrases.Setting(told.setting))
    found = phrases.check_text(read_text(told.file), rules, context)
    lines = [f"{f.start}–{f.end} “{f.text}” {f.rule} {_(f.why)}（{f.legal_ref}）：{f.action.value}" for f in found]
    blocked = phrases.blocks(found)
    data = {"findings": [finding.plain() for finding in found], "blocked": blocked}
    return Answer(data, lines or [_("没有发现问题")], REFUSED if blocked else DONE)
