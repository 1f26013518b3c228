"""The subcommand for letters: one paper to a customer, as an encrypted copy whose code is said once."""

import argparse
import uuid
from collections.abc import Callable, Mapping
from typing import TypeVar

import sqlalchemy as sa

from insuragent.cli.console import Answer, writing
from insuragent.cli.on_profile import open_desk
from insuragent.errors import UserError, ValidationError
from insuragent.i18n import N_, _, listed
from insuragent.models import Complaint, Customer, Record, Sheet, Visit
from insuragent.models.consent import Purpose
from insuragent.models.visit import VisitStatus
from insuragent.services import data_copy, letters, papers, printing, records
from insuragent.services.papers import Paper
from insuragent.store.work import UnitOfWork

R = TypeVar("R", bound=Record)
Made = Callable[[UnitOfWork, argparse.Namespace], Paper]


def letter(told: argparse.Namespace) -> Answer:
    """Write a letter about the record that was named, kept and told in the journal as from the window.

    What leaves the desk as a file is encrypted; the code that opens it is said once and kept nowhere.
    """
    with writing(told.out), open_desk(told) as opened, opened.begin() as work:
        paper = _PAPERS[told.kind](work, told)
        code = papers.exported(work, paper, told.out)
    words = _("已写成加密副本 {file}，打开码 {code}（只显示这一次，请当面告诉客户）")
    answer = {"file": told.out, "kind": paper.what, "title": paper.title, "code": code}
    return Answer(answer, [words.format(file=told.out, code=code)])


def _the(work: UnitOfWork, record_type: type[R], asked: str) -> R:
    """The one record that is meant: by its id, or by what finds it and nothing else. Raises RecordGone, UserError."""
    try:
        return work.get(record_type, uuid.UUID(asked))
    except ValueError:
        found = [one for one in records.find(work, record_type, asked) if one.archived_at is None]
    meant = [one for one in found if asked in (one.title(), getattr(one, "sheet_no", ""))] or found
    if len(meant) == 1:
        return meant[0]
    hint = N_("请用姓名、编号或号码的后四位指明一条。")
    if meant:
        raise UserError(
            N_("{label}：有 {n} 条符合，不知道是哪一条"), hint=hint, label=_(record_type.label), n=len(meant)
        )
    raise UserError(N_("{label}：没有找到"), hint=hint, label=_(record_type.label))


def _held_visit(work: UnitOfWork, asked: str) -> Visit:
    """A visit by its id, or the last one that was held with the customer who is named."""
    try:
        return work.get(Visit, uuid.UUID(asked))
    except ValueError:
        who = _the(work, Customer, asked)
    held = sa.select(Visit).where(
        Visit.customer_id == who.id, Visit.status == VisitStatus.HELD, Visit.archived_at.is_(None)
    )
    last = next(iter(work.scalars(held.order_by(Visit.actual_start.desc()).limit(1))), None)
    if last is None:
        raise UserError(N_("这位客户还没有完成的拜访"))
    return last


def _consent(work: UnitOfWork, told: argparse.Namespace) -> Paper:
    if told.purpose not in list(Purpose):
        known = listed(f"{purpose.value} {_(purpose.label)}" for purpose in Purpose)
        raise ValidationError({"purpose": _("请用 --purpose 给出处理目的：{known}").format(known=known)})
    return letters.consent_notice(work, _the(work, Customer, told.about).id, Purpose(told.purpose))  # type: ignore[call-arg]


#: What makes each letter; the names are those that the command takes (insuragent.cli.LETTERS).
_PAPERS: Mapping[str, Made] = {
    "agent-change": lambda work, told: letters.agent_change(work, _the(work, Customer, told.about).id),
    "stop-advice": lambda work, told: letters.stop_advice(work, _the(work, Sheet, told.about).id),
    "consent": _consent,
    "complaint-receipt": lambda work, told: printing.complaint_receipt(work, _the(work, Complaint, told.about).id),
    "complaint-reply": lambda work, told: letters.complaint_reply(work, _the(work, Complaint, told.about).id),
    "visit-report": lambda work, told: letters.visit_report(work, _held_visit(work, told.about).id),
    "data-copy": lambda work, told: data_copy.data_copy(work, _the(work, Customer, told.about).id),
}
