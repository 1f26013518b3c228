"""What was done with a record: who, when, why, and each field before and after, masked."""

import uuid
from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from insuragent.i18n import N_, _, format_moment
from insuragent.models import Record
from insuragent.models.fields import Field, Kind, fields_of, from_wire
from insuragent.services import records
from insuragent.services.records import Past
from insuragent.ui.areas import scrolled
from insuragent.ui.layout import column
from insuragent.ui.parts.lists import line, refill
from insuragent.ui.shell import Context
from insuragent.ui.widgets import EmptyState, chip

DEEDS = {
    "create": (N_("建立"), "ok"),
    "change": (N_("修改"), "accent"),
    "archive": (N_("归档"), "neutral"),
    "restore": (N_("恢复"), "ok"),
    "view_sensitive": (N_("查看明文"), "warn"),
    "print": (N_("打印"), "violet"),
    "export": (N_("导出"), "warn"),
    "import": (N_("导入"), "accent"),
    "merge": (N_("合并"), "violet"),
    "conflict_resolve": (N_("解决冲突"), "violet"),
    "grant": (N_("移交"), "violet"),
    "late": (N_("移交前填写"), "warn"),
    "gate_pass": (N_("通过检查"), "ok"),
    "gate_block": (N_("未通过检查"), "bad"),
}
#: A creation tells every field; more than these would hide who made it.
_MOST = 12


class HistoryTab(QWidget):
    """The history of one record."""

    def __init__(self, context: Context, record_type: type[Record]) -> None:
        super().__init__()
        self.context, self.record_type = context, record_type
        self._rows = column(spacing=8)
        self.setLayout(column((scrolled(self._rows), 1), margins=16))

    def show_record(self, record_id: uuid.UUID) -> None:
        """Read a record's history."""
        self.context.tasks.run(self, records.history, record_id).then(self._show)

    def _show(self, found: Sequence[Past]) -> None:
        rows = [self._line(past) for past in found]
        refill(self._rows, rows or [EmptyState("history", _("还没有留痕"))], lines=bool(rows))

    def _line(self, past: Past) -> QWidget:
        words, kind = DEEDS.get(past.deed, (past.deed, "neutral"))
        state = [chip(_("待同步"), "warn")] if past.pending else []
        who = " · ".join(filter(None, (format_moment(past.at), past.by, past.device[:8])))
        told = "\n".join(filter(None, (_(past.reason), *self._told(past))))
        return line(who, told, *state, before=[chip(_(words), kind)])

    def _told(self, past: Past) -> list[str]:
        if past.deed == "grant":
            return [_("总公司移交给您，连同全部资料")]
        return self._choice(past) if past.deed == "conflict_resolve" else self._changes(past)

    def _choice(self, past: Past) -> list[str]:
        """What was chosen in a conflict, and what was not."""
        told = {name: pair[1] for name, pair in past.changes.items()}
        field = fields_of(self.record_type).get(str(told.get("field")))
        if field is None or "chosen" not in told:
            return []
        chosen, mine, theirs = (records.shown(field, from_wire(field, told[at])) for at in ("chosen", "mine", "theirs"))
        label = _(field.label)
        lines = [_("{label}：采用 {value}").format(label=label, value=chosen or "—")]
        lines += [_("没有采用本机的 {value}").format(value=mine or "—")] if told["mine"] != told["chosen"] else []
        lines += [_("没有采用对方的 {value}").format(value=theirs or "—")] if told["theirs"] != told["chosen"] else []
        return lines

    def _changes(self, past: Past) -> list[str]:
        fields = fields_of(self.record_type)
        known = [(fields[name], *pair) for name, pair in past.changes.items() if name in fields]
        told = [_told(field, was, now) for field, was, now in known if was != now and field.kind is not Kind.LINK]
        return told if past.deed in ("change", "late") or len(told) <= _MOST else [*told[:_MOST], "…"]


def _told(field: Field, was: Any, now: Any) -> str:
    before, after = (records.shown(field, from_wire(field, value)) for value in (was, now))
    label = _(field.label)
    if not before:
        return _("{label}：{now}").format(label=label, now=after or "—")
    return _("{label}：{was} → {now}").format(label=label, was=before, now=after or "—")
