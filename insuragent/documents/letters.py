"""Documents of one page: the recovery code, a complaint's receipt, a sync receipt, letters."""

import datetime as dt

from reportlab.platypus import Spacer
from reportlab.platypus.flowables import Flowable

from insuragent.documents import page
from insuragent.documents.blocks import PALE, Box, Heading, KeyFacts, bullet_list
from insuragent.documents.content import LetterContent
from insuragent.documents.fonts import require_glyphs
from insuragent.documents.ink import TEAL
from insuragent.documents.typography import Paragraph
from insuragent.i18n import _, format_moment

_GROUPS_A_LINE = 4


def render_letter(content: LetterContent) -> bytes:
    """A letter or slip as PDF bytes. Raises MissingGlyph before anything is drawn."""
    require_glyphs(content.texts())
    agent = content.agent
    signer = _("销售人员 {name}　执业登记 {licence}").format(name=agent.name, licence=agent.licence_no) if agent else ""
    frame = page.PageFrame(
        title=f"{content.title} {content.number}".strip(),
        author=content.company,
        head_left=content.company,
        head_right=content.number,
        foot_left=signer,
        foot_middle=_("打印 {moment}").format(moment=format_moment(content.printed_at)),
    )
    story: list[Flowable] = [
        Paragraph(content.title, 20, bold=True, color=TEAL, align="c", after=14),
        KeyFacts(content.facts),
        *(Paragraph(text, 11, indent=22, after=6) for text in content.paragraphs),
    ]
    if content.service:
        story += [Heading(_("咨询、报案与投诉")), *bullet_list(content.service, 9.5)]
    return page.build(frame, story)


def render_recovery(code: str, printed_at: dt.datetime) -> bytes:
    """The page with the recovery code, large and in groups; to be kept apart from the laptop."""
    groups = code.split("-")
    lines = ["　".join(groups[start : start + _GROUPS_A_LINE]) for start in range(0, len(groups), _GROUPS_A_LINE)]
    advice = (
        _("忘记口令时，用它可以打开本机资料并设置新口令。"),
        _("请与电脑分开存放，例如锁在办公室抽屉；不要拍照，不要通过网络发送。"),
        _("任何人得到此码和电脑，就能看到客户资料。遗失时请在“设置”中更换恢复码。"),
    )
    frame = page.PageFrame(
        title=_("恢复码"),
        author="insuragent",
        head_left=_("保险管家"),
        head_right=_("恢复码"),
        foot_left="",
        foot_middle=_("打印 {moment}").format(moment=format_moment(printed_at)),
    )
    story: list[Flowable] = [
        Paragraph(_("恢复码"), 24, bold=True, color=TEAL, align="c", after=20),
        Box([Paragraph(line, 24, bold=True, align="c", after=8) for line in lines], edge=TEAL, ground=PALE),
        Spacer(0, 16),
        *bullet_list(advice, 12),
    ]
    return page.build(frame, story)
