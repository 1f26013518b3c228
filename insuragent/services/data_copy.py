"""A customer's own data, to be handed over: on paper, and as data for another firm (PIPL art. 45)."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from insuragent.documents.content import LetterContent
from insuragent.documents.letters import render_letter
from insuragent.i18n import SHANGHAI, _, format_date
from insuragent.models import Customer, Record
from insuragent.models.base import shown_fields
from insuragent.models.fields import Field, Kind, fields_of, to_wire
from insuragent.rules.access import Action
from insuragent.rules.masking import mask
from insuragent.services import records
from insuragent.services.letters import HOTLINE
from insuragent.services.papers import Paper, sender
from insuragent.store.work import UnitOfWork

#: What stays masked on paper, which lies about: numbers with which somebody could pass for the customer.
_MASKED = frozenset({"id", "bank_card"})


def data_copy(work: UnitOfWork, customer_id: uuid.UUID) -> Paper:
    """Everything that is held of a customer: pages to read, and with an encrypted copy the same as JSON, in full.

    Found by the declarations: whatever record links to a customer is in it, archived or not.
    Raises NotPermitted, RecordGone or MissingGlyph.
    """
    customer = work.get(Customer, customer_id)
    records.allow(work, Action.EXPORT, Customer, customer)
    held: list[Record] = [customer, *records.of_customer(work, customer_id)]
    company, agent = sender(work)
    said = [_("以下是我们持有的您的个人信息。您可以要求更正、补充或删除，也可以要求把它转移给您指定的处理者。")]
    parts = [(_heading(record), facts) for record in held[1:] if (facts := _facts(record))]
    title, day = _("个人信息副本"), format_date(records.today(work))
    content = LetterContent(
        company, title, day, work.now, _facts(customer), said, agent, [_(HOTLINE)], parts=parts, customer=customer.name
    )
    files = {"data.json": _as_json(held)}
    data = render_letter(content)
    return Paper("data_copy", f"{title} {day}", data, Customer.kind(), customer_id, files=files, owed=True)


def _heading(record: Record) -> str:
    return f"{_(type(record).label)}　{format_date(record.created_at.astimezone(SHANGHAI).date())}"


def _facts(record: Record) -> list[tuple[str, str]]:
    shown = {name: field for name, field in shown_fields(type(record)).items() if _readable(getattr(record, name))}
    return [(_(field.label), _words(field, getattr(record, name))) for name, field in shown.items()]


def _readable(value: Any) -> bool:
    """Whether a value says something in words; nested data is in the JSON alone."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return bool(value) and all(isinstance(item, str) for item in value)
    return value not in (None, "") and not isinstance(value, Mapping)


def _words(field: Field, value: Any) -> str:
    words = records.in_words(field, value)
    return mask(words, field.mask) if field.mask in _MASKED else words


def _as_json(held: Sequence[Record]) -> bytes:
    told: dict[str, list[dict[str, Any]]] = {}
    for record in held:
        fields = fields_of(type(record))
        values = {name: to_wire(getattr(record, name)) for name, field in fields.items() if field.kind is not Kind.LINK}
        told.setdefault(record.kind(), []).append(values)
    return json.dumps(told, ensure_ascii=False, indent=1).encode()
