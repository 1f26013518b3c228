"""Head office's own journal, verified each time it is looked at."""

from typing import Any

from insuragent.errors import StoreDamaged
from insuragent.headoffice import audit, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.console.pages import File, Outcome, Page, View, Visit
from insuragent.headoffice.database import Database
from insuragent.headoffice.exports import as_csv
from insuragent.i18n import N_, _, format_moment
from insuragent.rules.access import Role

_READERS = frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR})
#: So many acts stand on a page.
_ON_PAGE = 100
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
        """The acts, the newest first, and whether the chain holds."""
        found, intact = self._verified()
        told = visit.asked.get("page", "1")
        page = max(int(told), 1) if told.isdecimal() and len(told) < 8 else 1
        shown = found[::-1][(page - 1) * _ON_PAGE : page * _ON_PAGE]
        last = max((len(found) + _ON_PAGE - 1) // _ON_PAGE, 1)
        head = found[-1]["chain"] if found else ""
        return View(
            "journal.html",
            {"acts": list(map(_told, shown)), "count": len(found), "intact": intact, "page": page, "last": last}
            | {"head": head},
        )

    def export(self, _visit: Visit) -> Outcome:
        """All of it; that it was taken along is its newest act then."""
        with self._database.begin(tables.OFFICE) as rows:
            audit.tell(rows, Act.EXPORT, "audit")
        found, _intact = self._verified()
        head = [N_("序号"), N_("时间"), N_("操作人"), N_("操作"), N_("对象"), N_("详情"), N_("链")]
        cells = ((one["number"], *_told(one)[1:], one["chain"]) for one in found)
        return File("journal.csv", "text/csv", as_csv([_(name) for name in head], cells))

    def _verified(self) -> tuple[list[dict[str, Any]], bool]:
        """The acts up to the first that does not verify, and whether that was the end."""
        found: list[dict[str, Any]] = []
        try:
            for act in audit.acts(self._database):
                found.append(act)  # noqa: PERF402 - those before a fault are shown all the same
        except StoreDamaged:
            return found, False
        return found, True


def _told(act: dict[str, Any]) -> tuple[int, str, str, str, str, str]:
    """An act as it is read: number, when, who, what, of what, and the rest."""
    detail = {name: value for name, value in act["detail"].items() if name != "by" and value != ""}
    what = _LABELS[Act(act["act"])] if act["act"] in list(Act) else act["act"]
    rest = "; ".join(f"{name} {value}" for name, value in detail.items())
    return act["number"], format_moment(act["at"]), str(act["detail"].get("by", "")), _(what), act["subject"], rest
