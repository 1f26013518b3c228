"""Who may do what: by role, by kind of record, and by what has already happened to the record."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from insuragent.errors import NotPermitted
from insuragent.i18n import N_


class Role(StrEnum):
    """What a member of staff is; head office assigns it."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    HANDLER = "handler"
    COMPLIANCE = "compliance"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """What may be done with a record."""

    CREATE = "create"
    CHANGE = "change"
    ARCHIVE = "archive"
    RESTORE = "restore"
    ERASE = "erase"
    REVEAL = "reveal"
    PRINT = "print"
    SIGN = "sign"
    VOID = "void"
    DELIVER = "deliver"
    REVIEW = "review"
    EXPORT = "export"
    RESOLVE = "resolve"
    AUDIT = "audit"
    REASSIGN = "reassign"


@dataclass(frozen=True)
class Facts:
    """What the record and its agent are like. ``today`` is Shanghai's date; ``state`` a complaint's state."""

    office_owned: bool = False
    append_only: bool = False
    signed: bool = False
    state: str = ""
    #: Whether the customer's data are stored and used for nothing else (rules/retention).
    restricted: bool = False
    licence_valid_to: dt.date | None = None
    today: dt.date = dt.date.min


_WRITING = frozenset({Action.CREATE, Action.CHANGE, Action.ARCHIVE, Action.RESTORE, Action.ERASE, Action.RESOLVE})
_READING = frozenset({Action.REVEAL, Action.EXPORT})
_SERVING = frozenset({Action.PRINT, Action.SIGN, Action.VOID, Action.DELIVER})
_GRANTS = {
    Role.AGENT: _WRITING | _READING | _SERVING,
    Role.SUPERVISOR: _WRITING | _READING | _SERVING | {Action.AUDIT, Action.REASSIGN, Action.REVIEW},
    Role.HANDLER: _WRITING | _READING | _SERVING,
    Role.COMPLIANCE: _READING | {Action.AUDIT, Action.ERASE, Action.REVIEW},
    Role.ADMINISTRATOR: frozenset({Action.AUDIT, Action.REASSIGN}),
}
# What a restriction ends: to look, to copy for the customer himself and to erase stay possible.
_USING = frozenset({Action.CREATE, Action.CHANGE, Action.SIGN, Action.DELIVER})
# A handler works on complaints and what hangs on them, not on customers or sales.
_HANDLERS_KINDS = frozenset({"complaint", "attachment"})


def check(role: Role, action: Action, kind: str, facts: Facts) -> None:
    """Pass when ``role`` may do ``action`` to a record of ``kind``; raises NotPermitted naming the rule.

    Sources: requirements R1.2a (licence), R1.4a, R1.4b; complaint_state_machine invariants; story S17.
    """
    if action not in _GRANTS[role] or (role is Role.HANDLER and action in _WRITING and kind not in _HANDLERS_KINDS):
        raise NotPermitted(N_("您的岗位不能进行这一操作"))
    if facts.office_owned and action in _WRITING:
        raise NotPermitted(N_("产品和人员资料由总公司维护，本机只能查看"))
    if facts.append_only and action in (Action.CHANGE, Action.ARCHIVE):
        raise NotPermitted(N_("这份记录提交后不能修改，更正请另建一份"))
    if facts.restricted and kind != "complaint" and action in _USING:
        raise NotPermitted(
            N_("这位客户的资料已限制处理，只保存，不再使用"), hint=N_("如客户同意恢复使用，请在“同意”页签解除限制。")
        )
    if facts.signed and action in (Action.CHANGE, Action.ARCHIVE, Action.SIGN):
        raise NotPermitted(N_("客户已签字，内容不能再改；更正请另出一份"))
    if kind == "complaint" and action in (Action.ARCHIVE, Action.ERASE) and facts.state not in ("", "draft"):
        raise NotPermitted(N_("投诉记录后不能归档或删除，只能办结或撤回"))
    if kind == "sheet" and action is Action.PRINT:
        check_licence(facts.licence_valid_to, facts.today)


def check_licence(valid_to: dt.date | None, today: dt.date) -> None:
    """Raise NotPermitted when the agent's registration ended before ``today``; its last day still counts."""
    if valid_to is not None and valid_to < today:
        raise NotPermitted(
            N_("执业登记已于 {date} 到期"),
            hint=N_("可以继续记录拜访和投诉；登记更新并同步后即可打印。"),
            date=valid_to.isoformat(),
        )
