"""Documents of one page: the recovery code, a complaint's receipt, a sync receipt, letters."""

import dataclasses
import datetime as dt
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Spacer
from reportlab.platypus.flowables import Flowable

from insuragent.documents import page
from insuragent.documents.archive import Facts, archived
from insuragent.documents.blocks import Box, FactList, SignatureBlock, bullet_list, section
from insuragent.documents.content import Agent, Column, LetterContent, SyncReceipt, texts_of
from insuragent.documents.fonts import require_glyphs
from insuragent.documents.grid import Grid
from insuragent.documents.ink import PALE, TEAL, fitting
from insuragent.documents.qr import draw_code
from insuragent.documents.tags import H1
from insuragent.documents.typography import Paragraph
from insuragent.i18n import _, format_moment

_GROUPS_A_LINE = 3
_CODE = 62.0
_COUNT_SIZE = 10.0


def render_letter(content: LetterContent) -> bytes:
    """A letter or slip for the archive (PDF/A-2b), the same bytes for the same content.

    Raises MissingGlyph, TooLong.
    """
    require_glyphs(texts_of(content))
    frame = _frame(content.company, content.title, content.number, content.printed_at, content.agent)
    if content.verification:
        frame = dataclasses.replace(frame, draw_cover=lambda canvas: _draw_code(canvas, content.verification))
    story: list[Flowable] = [
        _title(content.title),
        *([Spacer(0, _CODE - 40)] if content.verification else []),
        FactList(content.facts),
        *(Paragraph(text, 10.5, indent=21, after=5) for text in content.paragraphs),
        *([Grid(content.columns, content.rows, _COUNT_SIZE)] if content.columns else []),
        *(piece for title, facts in content.parts for piece in section(title, 1.0, FactList(facts))),
        *_signatures(content),
        *section(_("咨询、报案与投诉"), 1.0, *bullet_list(content.service, 9.5)),
    ]
    return _archived(frame, story)


def render_receipt(receipt: SyncReceipt) -> bytes:
    """Head office's receipt of a pass for the archive, with each count beside the desk's own. Raises MissingGlyph."""
    agent = receipt.agent
    facts = [
        (_("销售人员"), f"{agent.name}　{agent.licence_no}"),
        (_("机构"), agent.branch),
        (_("设备"), receipt.device),
        (_("总公司时间"), format_moment(receipt.server_time)),
        (_("操作记录"), _("第 {first} 条至第 {last} 条").format(first=receipt.entries[0], last=receipt.entries[1])),
        (_("记录摘要"), receipt.digest),
    ]
    columns = [
        Column(_("资料类别"), align="l", width=2),
        Column(_("本机发出"), align="r"),
        Column(_("总公司收到"), align="r"),
        Column(_("核对"), align="c"),
    ]
    rows = [
        (one.label, f"{one.sent:,}", f"{one.taken:,}", _("一致") if one.sent == one.taken else _("不一致"))
        for one in receipt.counts
    ]
    shown = [(name, value) for name, value in facts if value]
    title = _("同步回执")
    require_glyphs([receipt.company, receipt.number, *(w for f in shown for w in f), *receipt.notes])
    story: list[Flowable] = [_title(title), FactList(shown), Grid(columns, rows, _COUNT_SIZE)]
    story += section(_("说明"), 1.0, *bullet_list(receipt.notes, 9.5))
    return _archived(_frame(receipt.company, title, receipt.number, receipt.printed_at, agent), story)


def render_recovery(code: str, printed_at: dt.datetime) -> bytes:
    """The page with the recovery code, large and in groups; to be kept apart from the laptop."""
    groups = code.split("-")
    lines = ["　".join(groups[start : start + _GROUPS_A_LINE]) for start in range(0, len(groups), _GROUPS_A_LINE)]
    advice = (
        _("忘记口令时，用它可以打开本机资料并设置新口令。"),
        _("请与电脑分开存放，例如锁在办公室抽屉；不要拍照，不要通过网络发送。"),
        _("任何人得到此码和电脑，就能看到客户资料。遗失时请在“设置”中更换恢复码。"),
    )
    title = _("恢复码")
    size = min(fitting(line, 30, page.INNER - 80, least=12, bold=True) for line in lines)
    story: list[Flowable] = [
        _title(title),
        Box([Paragraph(line, size, bold=True, align="c", after=8) for line in lines], edge=TEAL, ground=PALE),
        Spacer(0, 16),
        *bullet_list(advice, 12),
    ]
    return page.build(_frame(_("保险管家"), title, "", printed_at, None), story)


def _archived(frame: page.PageFrame, story: list[Flowable]) -> bytes:
    """Letters are kept as long as sheets are, and are read out to whoever cannot see them."""
    data, tags = page.lay_out(frame, story)
    return archived(data, tags.pieces, Facts(frame.title, frame.author, frame.printed_at))


def _frame(company: str, title: str, number: str, printed_at: dt.datetime, agent: Agent | None) -> page.PageFrame:
    signer = _("销售人员 {name}　执业登记 {licence}").format(name=agent.name, licence=agent.licence_no) if agent else ""
    return page.PageFrame(
        printed_at=printed_at,
        title=f"{title} {number}".strip(),
        head_left=company,
        head_right=number,
        foot_left=signer,
        foot_middle=_("打印 {moment}").format(moment=format_moment(printed_at)),
        author=company,
    )


def _signatures(content: LetterContent) -> list[Flowable]:
    if not content.customer:
        return []
    agent = content.agent.name if content.agent else ""
    sides = (_("客户"), content.customer), (_("销售人员"), agent)
    return [Spacer(0, 10), SignatureBlock(*sides, content.signature, _("尚未签署"))]


def _title(text: str) -> Paragraph:
    return Paragraph(text, 20, bold=True, color=TEAL, align="c", after=18, role=H1)


def _draw_code(canvas: Any, text: str) -> None:
    draw_code(canvas, page.WIDTH - page.MARGIN - _CODE, page.HEIGHT - 19 * mm - _CODE, text, _CODE)
