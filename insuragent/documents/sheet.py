"""The explanation sheet: risks before benefits, in the order that the regulator asks for and a customer can read."""

import re
from typing import Any

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer
from reportlab.platypus.flowables import Flowable

from insuragent.documents import blocks, page
from insuragent.documents.blocks import PALE, Box, CoverageTable, Heading, KeyFacts, SignatureBlock
from insuragent.documents.chart import Chart
from insuragent.documents.content import SheetContent
from insuragent.documents.fonts import require_glyphs, width
from insuragent.documents.grid import Grid
from insuragent.documents.ink import GOLD, INK, RED, TEAL, WHITE, Run, fill, write
from insuragent.documents.typography import Paragraph
from insuragent.i18n import _, format_moment

BODY, LARGE_BODY = 9.5, 14.0
#: Exclusions stand out from the body by at least this much (requirement R3.4a).
EXCLUSION_SCALE = 1.22
COVER = 49 * mm


def render_sheet(content: SheetContent) -> bytes:
    """The sheet as PDF bytes, the same for the same content.

    Raises MissingGlyph before anything is drawn when a character has no glyph in any font.
    """
    require_glyphs(content.texts())
    signed = content.signature is not None
    frame = page.PageFrame(
        title=f"{content.product_name} {content.document_no}",
        author=content.company,
        head_left=f"{content.company} · {_('产品说明书暨利益演示')}",
        head_right=_("文件编号 {number}").format(number=content.document_no),
        foot_left=_("销售人员 {name}　执业登记 {licence}").format(
            name=content.agent.name, licence=content.agent.licence_no
        ),
        foot_middle=_("{form} · 打印 {moment}").format(form=content.form_no, moment=format_moment(content.printed_at)),
        watermark="" if signed else _("未签署"),
        cover_height=COVER + 12,
        draw_cover=lambda canvas: _draw_cover(canvas, content),
    )
    return page.build(frame, _Story(content).flowables())


class _Story:
    """The parts of a sheet in their order, at the size that the customer can read."""

    def __init__(self, content: SheetContent) -> None:
        self.content = content
        self.body = LARGE_BODY if content.large_print else BODY
        self.scale = self.body / BODY

    def flowables(self) -> list[Flowable]:
        return [
            *self._opening(),
            *self._benefits(),
            *self._limits(),
            *self._example(),
            *self._explained(),
            *self._closing(),
        ]

    def _opening(self) -> list[Flowable]:
        content = self.content
        important = [Paragraph(text, self.body, bold=True) for text in content.important]
        risks = blocks.bullet_list(content.risks, self.body)
        return [
            Box([*important, *risks], _("重要风险提示（请投保人逐条阅读）"), size=11.5 * self.scale),
            KeyFacts(content.key_facts, min(self.scale, 1.25)),
        ]

    def _benefits(self) -> list[Flowable]:
        heads = (_("保险责任"), _("给付金额"), _("保障期间"))
        found: list[Flowable] = [
            Heading(_("保险责任"), self.scale),
            CoverageTable(heads, self.content.coverage, self.body),
        ]
        if self.content.reasons:
            found += [Heading(_("推荐理由"), self.scale), *blocks.bullet_list(self.content.reasons, self.body)]
        return found

    def _limits(self) -> list[Flowable]:
        content = self.content
        size = self.body * EXCLUSION_SCALE
        loss = Paragraph(
            [
                Run(_("第一个保单年度末退保，损失"), True),
                Run(f" {content.first_year_loss} ", True, RED),
                Run(_("元。"), True),
            ],
            self.body * 1.1,
        )
        notes = blocks.bullet_list(content.surrender_notes, self.body)
        return [
            Heading(_("责任免除"), self.scale),
            Box(blocks.numbered(content.exclusions, size, bold=True), _("下列情形，本公司不承担保险责任"), size=size),
            Heading(_("等待期、犹豫期与退保"), self.scale),
            Box([loss, *notes], edge=GOLD, ground="#FBF6EA"),
        ]

    def _example(self) -> list[Flowable]:
        content = self.content
        note = Paragraph(content.example_note, self.body * 0.95)
        found: list[Flowable] = [Heading(_("保险利益演示"), self.scale), note]
        if content.chart:
            found += [Chart(content.chart, content.first_age, 150 * min(self.scale, 1.2)), Spacer(0, 4)]
        return [*found, Grid(content.columns, content.rows, 7.6 * min(self.scale, 1.15))]

    def _explained(self) -> list[Flowable]:
        found: list[Flowable] = [
            Heading(_("明确提示与说明（共 {n} 项）").format(n=len(self.content.prompts)), self.scale)
        ]
        for prompt in self.content.prompts:
            runs = [Run(f"{prompt.number} {prompt.title}　", True, TEAL), Run(prompt.text)]
            found.append(Paragraph(runs, self.body, hang=self.body * 1.4))
        for title, paragraphs in self.content.clauses:
            found.append(Heading(title, self.scale))
            found += [Paragraph(text, self.body, indent=self.body * 2) for text in paragraphs]
        return found

    def _closing(self) -> list[Flowable]:
        content = self.content
        promises = [Heading(_("服务承诺"), self.scale), *blocks.bullet_list(content.promises, self.body)]
        service = [Heading(_("咨询、报案与投诉"), self.scale), *blocks.bullet_list(content.service, self.body)]
        statement = [Paragraph(content.statement, self.body)]
        if content.copied_statement:
            statement.append(Paragraph([Run(_("投保人抄录：")), Run(content.copied_statement, True)], self.body))
        signing = [
            Heading(_("投保人声明与签署"), self.scale),
            Box(statement, edge=TEAL, ground=PALE),
            SignatureBlock(
                (_("投保人签名"), content.policyholder),
                (_("销售人员签名"), content.agent.name),
                content.signature,
                _("尚未签署"),
            ),
            Spacer(0, 6),
            *self._proof(),
        ]
        return [KeepTogether(promises), KeepTogether(service), KeepTogether(signing)]

    def _proof(self) -> list[Flowable]:
        content = self.content
        lines = [
            _("演示结果摘要 {digest}").format(digest=content.result_hash),
            _("产品包摘要 {digest}").format(digest=content.package_hash),
        ]
        return [Paragraph(line, 6.5, color="#5F6B72", align="l", after=1) for line in lines]


def _draw_cover(canvas: Any, content: SheetContent) -> None:
    top, left = page.HEIGHT, page.MARGIN
    fill(canvas, TEAL)
    canvas.rect(0, top - COVER, page.WIDTH, COVER, stroke=0, fill=1)
    fill(canvas, GOLD)
    canvas.rect(0, top - COVER - 4, page.WIDTH, 4, stroke=0, fill=1)
    fill(canvas, WHITE)
    canvas.circle(left + 15, top - 34, 15, stroke=0, fill=1)
    write(canvas, left + 15, top - 40, content.company[:1], 17, bold=True, color=TEAL, align="c")
    write(canvas, left + 40, top - 31, content.company, 11.5, bold=True, color=WHITE)
    filing = _("备案号 {filing}　代码 {code}　版本 {version}").format(
        filing=content.filing_no, code=content.product_code, version=content.product_version
    )
    write(canvas, left + 40, top - 46, filing, 7, color="#C7DDE6")
    size = 22.0
    while width(content.product_name, size, bold=True) > page.INNER - 90:
        size -= 0.5
    write(canvas, left, top - 88, content.product_name, size, bold=True, color=WHITE)
    write(canvas, left, top - 110, _("产品说明书　暨　保险利益演示"), 12, color="#E8D9B5")
    write(canvas, left, top - 126, content.product_status, 7.5, color="#C7DDE6")
    _draw_code(canvas, page.WIDTH - page.MARGIN - 72, top - 112, content.verification)


def _draw_code(canvas: Any, x: float, y: float, text: str) -> None:
    """The QR code that opens the verification text, as one path."""
    fill(canvas, WHITE)
    canvas.roundRect(x - 6, y - 6, 78, 78, 4, stroke=0, fill=1)
    fill(canvas, INK)
    canvas.saveState()
    canvas.translate(x, y)
    canvas._code.append(_code_squares(text, 66.0))
    canvas.restoreState()
    write(canvas, x + 33, y - 16, _("扫码验真"), 7, color="#C7DDE6", align="c")


def _code_squares(text: str, side: float) -> str:
    """The dark squares of the code as one path, neighbours in a row joined."""
    code = QrCodeWidget(text, barLevel="M", barBorder=0).qr
    code.make()
    count = code.getModuleCount()
    unit = side / count
    found = []
    for row in range(count):
        dark = "".join("1" if code.isDark(row, column) else "0" for column in range(count))
        for run in re.finditer("1+", dark):
            length = (run.end() - run.start()) * unit
            found.append(f"{run.start() * unit:.2f} {side - (row + 1) * unit:.2f} {length:.2f} {unit:.2f} re")
    return " ".join([*found, "f"])
