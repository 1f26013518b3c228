"""A customer's family: its members, and the customers in whose families he stands himself."""

import uuid
from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from insuragent.i18n import _, format_date
from insuragent.models import Customer, FamilyMember
from insuragent.models.base import shown_fields
from insuragent.models.fields import fields_of
from insuragent.services import customers, records
from insuragent.services.customers import Relative
from insuragent.ui.parts.linked import FormTab
from insuragent.ui.parts.lists import line
from insuragent.ui.shell import Context
from insuragent.ui.widgets import button, chip

#: Who is a customer too is found first: his file tells the rest.
_LINK = "linked_customer_id"
_NAMES = ("relation", _LINK, *(name for name in shown_fields(FamilyMember) if name != "relation"))
_RELATION = fields_of(FamilyMember)["relation"]
#: What a customer's own file tells of a member.
_SAME = ("name", "gender", "birth_date")


class FamilyTab(FormTab):
    """The list with its form. A member who is a customer of the same agent is linked, and opened from either side."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context, FamilyMember, customers.add_family, line=self._relative, icon="users", names=_NAMES,
            empty=_("还没有登记家庭成员"), add_text=_("添加家庭成员"), change=customers.change_family,
        )  # fmt: skip
        self.form.editors[_LINK].on_edit(self._on_linked)

    def _found(self, work: Any, customer_id: uuid.UUID) -> tuple[Sequence[Any], Sequence[Any]]:
        archived = records.hanging_on(work, FamilyMember, customer_id, archived=True)
        return customers.family(work, customer_id), archived

    def _relative(self, one: Relative) -> QWidget:
        member, after = one.member, []
        if (other := one.other) is not None:
            after.append(button(_("打开"), lambda: self.context.go("customers", other), kind="link"))
        relation = records.in_words(_RELATION, member.relation)
        if one.of:
            return line(one.of, _("本客户在其家庭成员中登记为：{relation}").format(relation=relation), *after)
        after.append(button(_("修改"), lambda: self.show_form(member), kind="link"))
        born, dependent = format_date(member.birth_date), _("需抚养或赡养") if member.is_dependent else ""
        linked = _("也是客户") if one.other is not None else ""
        words = " · ".join(filter(None, (born, dependent, linked)))
        return line(member.name, words, *after, before=[chip(relation, "accent")])

    def _on_linked(self) -> None:
        """What the file of the customer who was chosen tells stands in the form, unless something else was typed."""
        chosen = self.form.editors[_LINK].value()
        if isinstance(chosen, uuid.UUID):
            self.context.tasks.run(self, records.get, Customer, chosen).then(self._take)

    def _take(self, who: Customer) -> None:
        editors = self.form.editors
        if editors[_LINK].value() == who.id:
            told = {name: getattr(who, name) for name in _SAME if editors[name].value() in (None, "")}
            self.form.take({name: value for name, value in told.items() if value is not None})
