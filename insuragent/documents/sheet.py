"""The explanation sheet: risks before benefits, in the order that the regulator asks for and a customer can read."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer
from reportlab.platypus.flowables import Flowable

from insuragent.documents import page
from insuragent.documents.blocks import FactList, KeyFacts, SignatureBlock, boxed, bullet_list, numbered, section
from insuragent.documents.chart import Chart
from insuragent.documents.content import SheetContent, texts_of
from insuragent.documents.coverage import CoverageTable
from insuragent.documents.fonts import require_glyphs
from insuragent.documents.grid import spread
from insuragent.documents.ink import CREAM, GOLD, GREY, PALE, RED, TEAL, WHITE, Run, fill, fitting, write
from insuragent.documents.qr import draw_code
from insuragent.documents.tags import H1
from insuragent.documents.typography import Paragraph
from insuragent.i18n import _, format_moment

if TYPE_CHECKING:
    from insuragent.documents.sealing import Pen

BODY, LARGE_BODY = 9.5, 14.0
#: Tables are set smaller than the body, except in large print.
TABLE_SCALE = 0.8
#: Exclusions stand out from the body by at least this much (requirement R3.4a).
EXCLUSION_SCALE = 1.22
COVER = 49 * mm
#: The foot of a sheet in large print; it holds names and numbers, no advice.
LARGE_FOOT = 10.0
_ON_TEAL = "#C7DDE6"


def render_sheet(content: SheetContent) -> bytes:
    """The sheet as PDF bytes, the same for the same content.

    Raises MissingGlyph before anything is drawn when a character has no glyph in any font, and TooLong when a name,
    a heading or a fact has no room. Longer texts go on overleaf; signs such as <b> are printed as they are.
    """
    return page.build(_frame(content), _Story(content).flowables())


def archive_sheet(content: SheetContent, proof: Mapping[str, Any], pen: "Pen | None" = None) -> bytes:
    """The same for the archive: PDF/A-2b, tagged, with the ``proof`` that recomputes its numbers; signed by ``pen``."""
    from insuragent.documents.archive import Facts, archived  # needed by a signing alone

    frame = _frame(content)
    data, tags = page.lay_out(frame, _Story(content).flowables())
    return archived(data, tags.pieces, Facts(frame.title, frame.author, frame.printed_at, proof), pen)


def _frame(content: SheetContent) -> page.PageFrame:
    require_glyphs(texts_of(content))
    signed = content.signature is not None
    return page.PageFrame(
        printed_at=content.printed_at,
        title=f"{content.product_name} {content.document_no}",
        author=content.company,
        head_left=f"{content.company} · {_('产品说明书暨利益演示')}",
        head_right=_("文件编号 {number}").format(number=content.document_no),
        foot_size=LARGE_FOOT if content.elderly else page.FOOT,
        foot_left=_("销售人员 {name}　执业登记 {licence}").format(
            name=content.agent.name, licence=content.agent.licence_no
        ),
        foot_middle=_("{form} 第 {version} 版 · 打印 {moment}").format(
            form=content.form_no, version=content.template_version, moment=format_moment(content.printed_at)
        ),
        watermark="" if signed else _("未签署"),
        cover_height=COVER + 12,
        draw_cover=lambda canvas: _draw_cover(canvas, content),
    )


class _Story:
    """The parts of a sheet in their order, at the size that the customer can read."""

    def __init__(self, content: SheetContent) -> None:
        self.content = content
        self.body = LARGE_BODY if content.elderly else BODY
        self.scale = self.body / BODY

    def flowables(self) -> list[Flowable]:
        """The parts in their order; an elderly customer reads what is not covered before what is (story S05)."""
        benefits = self._cover(), self._exclusions()
        first, then = reversed(benefits) if self.content.elderly else benefits
        return [
            *self._opening(),
            *self._summary(),
            *first,
            *then,
            *self._limits(),
            *self._example(),
            *self._explained(),
            *self._closing(),
        ]

    def _section(self, title: str, *body: Flowable) -> list[Flowable]:
        return section(title, self.scale, *body)

    def _listed(self, title: str, texts: Sequence[str]) -> list[Flowable]:
        """A section of items; of a single one only the words."""
        items = bullet_list(texts, self.body) if len(texts) > 1 else [Paragraph(text, self.body) for text in texts]
        return self._section(title, *items)

    def _opening(self) -> list[Flowable]:
        content = self.content
        important = [Paragraph(text, self.body, bold=True) for text in content.important]
        risks = bullet_list(content.risks, self.body)
        across = 3 if content.elderly else 4
        return [
            *boxed([*important, *risks], _("重要风险提示（请投保人逐条阅读）"), size=11.5 * self.scale),
            KeyFacts(content.key_facts, min(self.scale, 1.25), across),
        ]

    def _summary(self) -> list[Flowable]:
        content = self.content
        summary = [Paragraph(text, self.body) for text in content.description[:1]]
        return self._section(_("产品概要"), *summary, *bullet_list(content.description[1:], self.body))

    def _cover(self) -> list[Flowable]:
        content = self.content
        heads = (_("保险责任"), _("给付条件和金额"), _("保障期间"))
        table = CoverageTable(heads, content.coverage, self.body)
        return [*self._section(_("保险责任"), table), *self._listed(_("推荐理由"), content.reasons)]

    def _exclusions(self) -> list[Flowable]:
        size = self.body * EXCLUSION_SCALE
        exclusions = numbered(self.content.exclusions, size, bold=True)
        return self._section(_("责任免除"), *boxed(exclusions, _("下列情形，本公司不承担保险责任"), size=size))

    def _limits(self) -> list[Flowable]:
        content = self.content
        found: list[Flowable] = []
        for title, texts in content.terms:
            found += self._listed(title, texts)
        notes = bullet_list(content.surrender_notes, self.body)
        loss = [self._loss()] if content.first_year_loss else []
        return [*found, *self._section(_("各项期间与退保"), *boxed([*loss, *notes], edge=GOLD, ground=CREAM))]

    def _loss(self) -> Paragraph:
        runs = [
            Run(_("第一个保单年度末退保，损失"), True),
            Run(f" {self.content.first_year_loss} ", True, RED),
            Run(_("元。"), True),
        ]
        return Paragraph(runs, self.body * 1.1)

    def _example(self) -> list[Flowable]:
        content = self.content
        size = self.body if content.elderly else self.body * TABLE_SCALE
        tables = spread(content.columns, content.rows, size, size * 0.85)
        note = Paragraph(content.example_note, self.body * 0.95)
        title = content.example_title or _("保险利益演示")
        if not content.chart:
            return self._section(title, note, *tables)
        chart = Chart(content.chart, content.first_age, 150 * min(self.scale, 1.3), min(7.0 * self.scale, 11.0))
        return [KeepTogether([*self._section(title, note), chart, Spacer(0, 4)]), *tables]

    def _explained(self) -> list[Flowable]:
        prompts = []
        for prompt in self.content.prompts:
            runs = [Run(f"{prompt.number} {prompt.title}　", True, TEAL), Run(prompt.text)]
            prompts.append(Paragraph(runs, self.body, hang=self.body * 1.4))
        found = self._section(_("明确提示与说明（共 {n} 项）").format(n=len(prompts)), *prompts)
        for title, texts in self.content.clauses:
            found += self._listed(title, texts)
        return found

    def _closing(self) -> list[Flowable]:
        content = self.content
        statement = [Paragraph(content.statement, self.body)] if content.statement else []
        if content.copied_statement:
            statement.append(Paragraph([Run(_("投保人抄录：")), Run(content.copied_statement, True)], self.body))
        parts = [
            self._listed(_("与您的情况是否相符"), content.suitability),
            self._listed(_("服务承诺"), content.promises),
            self._listed(_("咨询、报案与投诉"), content.service),
            self._company(),
            [
                *self._section(_("投保人声明与签署"), *boxed(statement, edge=TEAL, ground=PALE), self._signatures()),
                Spacer(0, 6),
                *self._proof(),
            ],
        ]
        return [KeepTogether(part) for part in parts if part]

    def _company(self) -> list[Flowable]:
        content = self.content
        facts = [FactList(content.company_facts, self.body)] if content.company_facts else []
        return self._section(_("公司声明"), *bullet_list(content.company_statement, self.body), *facts)

    def _signatures(self) -> SignatureBlock:
        content = self.content
        customer, agent = (_("投保人签名"), content.policyholder), (_("销售人员签名"), content.agent.name)
        return SignatureBlock(customer, agent, content.signature, _("尚未签署"))

    def _proof(self) -> list[Flowable]:
        content = self.content
        lines = [
            _("演示结果摘要 {digest}").format(digest=content.result_hash),
            _("产品包摘要 {digest}").format(digest=content.package_hash),
            _("规则数据摘要 {digest}").format(digest=content.policy_hash),
        ]
        return [Paragraph(line, 6.5, color=GREY, align="l", after=1) for line in lines]


def _draw_cover(canvas: Any, content: SheetContent) -> None:
    top, left, room = page.HEIGHT, page.MARGIN, page.INNER - 96
    small = 9.5 if content.elderly else 7.0
    fill(canvas, TEAL)
    canvas.rect(0, top - COVER, page.WIDTH, COVER, stroke=0, fill=1)
    fill(canvas, GOLD)
    canvas.rect(0, top - COVER - 4, page.WIDTH, 4, stroke=0, fill=1)
    fill(canvas, WHITE)
    canvas.circle(left + 15, top - 34, 15, stroke=0, fill=1)
    write(canvas, left + 15, top - 40, content.company[:1], 17, bold=True, color=TEAL, align="c")
    size = fitting(content.company, 11.5, room - 40, least=6, bold=True)
    write(canvas, left + 40, top - 31, content.company, size, bold=True, color=WHITE)
    filing = _("备案号 {filing}　代码 {code}　版本 {version}").format(
        filing=content.filing_no, code=content.product_code, version=content.product_version
    )
    write(canvas, left + 40, top - 47, filing, fitting(filing, small, room - 40, least=4), color=_ON_TEAL)
    size = fitting(content.product_name, 22.0, room, least=7, bold=True)
    write(canvas, left, top - 88, content.product_name, size, bold=True, color=WHITE, role=H1)
    size = fitting(content.subtitle, 12, room, least=6)
    write(canvas, left, top - 109, content.subtitle, size, color="#E8D9B5")
    size = fitting(content.product_status, small + 0.5, room, least=4)
    write(canvas, left, top - 127, content.product_status, size, color=_ON_TEAL)
    x, y = page.WIDTH - page.MARGIN - 72, top - 112
    draw_code(canvas, x, y, content.verification)
    write(canvas, x + 33, y - 17, _("扫码验真"), small, color=_ON_TEAL, align="c")
