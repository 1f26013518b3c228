"""Letters and receipts as a field day brings them."""

import datetime as dt

from insuragent.documents.content import Agent, LetterContent, SyncCount, SyncReceipt
from insuragent.services import numbers
from insuragent.services.letters import comparison_content

PRINTED = dt.datetime(2026, 11, 23, 2, 24, tzinfo=dt.UTC)
COMPANY = "示例人寿保险股份有限公司"
AGENT = Agent("林晓静", "00000244030000002026000123", "上海分公司")
COMPLAINT = LetterContent(
    company=COMPANY,
    title="客户投诉受理回执",
    number="TS-20261123-0091",
    printed_at=PRINTED,
    facts=[
        ("投诉人", "王𬭎"),
        ("联系电话", "138****8000"),
        ("投诉事项", "对分红水平与销售时的说明不一致提出异议，要求公司书面说明并核实双录资料。"),
        ("受理人", "林晓静"),
        ("受理时间", "2026-11-23 10:24"),
        ("首次回应", "2026-11-24 10:24 前"),
        ("处理期限", "2026-12-08 前；情况复杂的，经批准可以延长至 2026-12-23，并书面告知理由"),
    ],
    paragraphs=[
        "我们已收到您的投诉，将在上述期限内把处理决定书面告知您。",
        "您对处理决定有异议的，可以自收到决定之日起 30 日内书面申请核查；也可以申请调解、仲裁或者提起诉讼。",
    ],
    agent=AGENT,
    service=["公司服务电话 400-000-0000，二十四小时受理。", "金融消费者投诉热线 12378。"],
    verification="TS-20261123-0091|9f1c2a77",
)
RECEIPT = SyncReceipt(
    company=COMPANY,
    number="HZ-20261123-0007",
    agent=AGENT,
    device="外勤笔记本 03",
    server_time=PRINTED,
    printed_at=PRINTED,
    counts=[SyncCount("客户", 3, 3), SyncCount("拜访", 14, 14), SyncCount("产品说明书", 5, 5)],
    entries=(4711, 4790),
    digest="9f1c2a77" * 8,
    notes=["本机时钟比总公司快 6 分钟，记录的时间保持原样。"],
)


def comparison() -> LetterContent:
    """Two products and two ways of paying, for a man of 40 who wants to leave something."""
    told = {"sex": "M", "age": 40, "premium": "50000"}
    plans = (("DEMO-PWL", 5), ("DEMO-IWL", 5), ("DEMO-IWL", 10))
    proposals = [told | {"product": code, "pay_years": years} for code, years in plans]
    return comparison_content(
        numbers.compare(proposals, "legacy", PRINTED.date()), "王𬭎", "legacy", (COMPANY, AGENT), PRINTED
    )
