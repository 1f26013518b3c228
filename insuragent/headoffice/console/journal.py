"""Head office's own journal, verified when it is looked at."""

from collections.abc import Mapping
from typing import Any

from insuragent.errors import StoreDamaged
from insuragent.headoffice import attempts, audit, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.console.agents import Why
from insuragent.headoffice.console.pages import File, Outcome, Page, View, Visit
from insuragent.headoffice.console.records import Reason
from insuragent.headoffice.console.shown import kind_label
from insuragent.headoffice.database import Database
from insuragent.headoffice.exports import as_csv
from insuragent.i18n import N_, _, format_moment
from insuragent.models.fields import Choice, choice_words
from insuragent.models.staff import StaffRole
from insuragent.rules.access import Role

_READERS = frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR})
#: So many acts stand on a page.
_ON_PAGE = 100
#: So many are verified each time; of more, those on the page, and all when somebody asks.
_AT_A_GLANCE = 10_000
_LABELS = {
    Act.CODE: N_("发登记码"),
    Act.ENROL: N_("登记设备"),
    Act.SEAL_KEY: N_("登记签名密钥"),
    Act.REVOKE: N_("停用设备"),
    Act.RETIRE: N_("收回设备"),
    Act.WIPED: N_("设备确认已清除"),
    Act.REASSIGN: N_("移交客户"),
    Act.ERASE: N_("删除资料"),
    Act.PUBLISH: N_("发布"),
    Act.STEP: N_("办理投诉"),
    Act.HOLD: N_("设定法律保全"),
    Act.RELEASE: N_("解除法律保全"),
    Act.GRADE: N_("评定洗钱风险"),
    Act.SET: N_("设定"),
    Act.LOOK_UP: N_("按号码查询"),
    Act.VIEW: N_("查看（脱敏）"),
    Act.REVEAL: N_("查看明文"),
    Act.EXPORT: N_("导出"),
    Act.SIGN_IN: N_("登录"),
    Act.SIGN_OUT: N_("退出"),
    Act.LOCK: N_("多次登录失败"),
    Act.ACCOUNT: N_("开通账号"),
    Act.BIND: N_("绑定统一登录"),
    Act.DISABLE: N_("停用账号"),
    Act.PASSWORD: N_("更换密码"),
}
#: What a detail of an act is called.
_DETAILS = {
    "agent": N_("代理人"),
    "branch": N_("分支机构"),
    "case": N_("案件编号"),
    "entries": N_("条目"),
    "feed": N_("所属"),
    "former": N_("原代理人"),
    "found": N_("条数"),
    "kind": N_("类型"),
    "reason": N_("原因"),
    "records": N_("资料"),
    "revision": N_("版本"),
    "role": N_("岗位"),
    "to": N_("新代理人"),
    "value": N_("值"),
    "way": N_("方式"),
}
#: The reasons that an act is done for.
_REASONS: Mapping[str, type[Choice]] = {Act.REVEAL: Reason, Act.REASSIGN: Why}


class Journal:
    """The journal as a page and as a file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pages(self) -> list[Page]:
        """What this module offers."""
        label = N_("总公司日志")
        return [
            Page("/journal", _READERS, self.show, label=label, icon="history"),
            Page("/journal.csv", _READERS, self.export),
        ]

    def show(self, visit: Visit) -> Outcome:
        """The acts, the newest first, and whether the chain holds: of all where they are few, or somebody asks."""
        head, told = audit.newest(self._database), visit.asked.get("page", "1")
        page = max(int(told), 1) if told.isdecimal() and len(told) < 8 else 1
        newest = max(head.number - (page - 1) * _ON_PAGE, 0)
        oldest = max(newest - _ON_PAGE, 0) + 1
        whole = head.number <= _AT_A_GLANCE or visit.asked.get("all") == "yes"
        found, intact = self._verified(1, head.number) if whole else self._verified(oldest, newest)
        shown = {
            "acts": [_told(act) for act in reversed(found) if oldest <= act["number"] <= newest],
            "count": head.number,
            "held": found[-1]["number"] if found else (1 if whole else oldest) - 1,
            "intact": intact,
            "whole": whole,
            "page": page,
            "last": max((head.number + _ON_PAGE - 1) // _ON_PAGE, 1),
            "head": head.chain if head.number else "",
        }
        return View("journal.html", shown)

    def export(self, visit: Visit) -> Outcome:
        """All of it; that it was taken along is its newest act then."""
        with self._database.begin(tables.OFFICE) as rows:
            attempts.count_export(rows, visit.who.name)
            audit.tell(rows, Act.EXPORT, "audit")
        found, _intact = self._verified(1, audit.newest(self._database).number)
        head = [N_("序号"), N_("时间"), N_("操作人"), N_("操作"), N_("对象"), N_("详情"), N_("链")]
        cells = ((one["number"], *_told(one)[1:], one["chain"]) for one in found)
        return File("journal.csv", "text/csv", as_csv([_(name) for name in head], cells))

    def _verified(self, first: int, last: int) -> tuple[list[dict[str, Any]], bool]:
        """The acts of a stretch up to the first that does not verify, and whether that was the end."""
        found: list[dict[str, Any]] = []
        try:
            for act in audit.acts(self._database, first, last):
                found.append(act)  # noqa: PERF402 - those before a fault are shown all the same
        except StoreDamaged:
            return found, False
        return found, True


def _told(act: dict[str, Any]) -> tuple[int, str, str, str, str, str]:
    """An act as it is read: number, when, who, what, of what, and the rest."""
    detail = {name: value for name, value in act["detail"].items() if name != "by" and value != ""}
    what = _LABELS[Act(act["act"])] if act["act"] in list(Act) else act["act"]
    rest = " · ".join(
        f"{_(_DETAILS.get(name, name))} {_said(act['act'], name, value)}" for name, value in detail.items()
    )
    return act["number"], format_moment(act["at"]), str(act["detail"].get("by", "")), _(what), act["subject"], rest


def _said(act: str, name: str, value: object) -> str:
    """A detail in words, where it is a code."""
    if name == "kind":
        return kind_label(str(value))
    codes = StaffRole if name == "role" else _REASONS.get(act) if name == "reason" else None
    return choice_words(codes, str(value)) if codes else str(value)
