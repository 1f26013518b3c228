"""Story S05: a customer who is exactly 60, and one who is 60 tomorrow, before a product for more than a year."""

import datetime as dt
import io
import re
from collections.abc import Iterator

import pytest
import time_machine
from pypdf import PdfReader

from insuragent.demo import people
from insuragent.errors import NotPermitted, ValidationError
from insuragent.models import Customer, Sheet
from insuragent.models.customer import Stage
from insuragent.products.package import PROMPT_CODES
from insuragent.services import customers, gates, sheets
from insuragent.services.gates import Gate
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests.services.test_sheet_duties import due, sign
from tests.services.test_stories import NOON, customer, ready

#: Born on 23 and on 24 November 1966.
SIXTY, TOMORROW = "320102196611233373", "320102196611243379"
WHOLE_LIFE = {"product": "DEMO-IWL", "sex": "M", "age": 60, "pay_years": 5, "premium": "20000"}
SECTIONS = ("责任免除", "保险责任")


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """The sheets are started on 23 November 2026, at noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def started(store: Store, agent: Actor, doc_no: str, age: int) -> Sheet:
    """A sheet for an increasing whole life, with everything noted but a recording."""
    return ready(store, agent, customer(store, agent, name="王甲", doc_no=doc_no), WHOLE_LIFE | {"age": age})


def judged(store: Store, agent: Actor, sheet: Sheet) -> dict[str, Gate]:
    """The gates of a sheet by their names."""
    with store.read(agent) as work:
        return {gate.name: gate for gate in sheets.gates_of(work, sheet.id)}


def pages(store: Store, agent: Actor, sheet: Sheet) -> tuple[list[str], float]:
    """The two sections in their order on paper, and the size in which most of it is set."""
    with store.read(agent) as work:
        data = sheets.preview(work, sheet.id)
    sizes: list[float] = []
    headed: list[str] = []
    for page in PdfReader(io.BytesIO(data)).pages:
        page.extract_text(visitor_text=lambda text, _c, _t, _f, size: sizes.extend([size] * len(text.strip())))
    outline = [str(entry["/Title"]) for entry in PdfReader(io.BytesIO(data)).outline if not isinstance(entry, list)]
    headed = [title for title in (re.sub(r"\s", "", one) for one in outline) if title in SECTIONS]
    return headed, max(set(sizes), key=sizes.count)


def test_sixty_today(store: Store, agent: Actor) -> None:
    """A: a recording task, 14 pt with the exclusions first, a companion if wished, no 已承保 without it."""
    sheet = started(store, agent, SIXTY, 60)
    assert due(store, agent, "recording") == ["王甲：示例人寿演示增额终身寿险 双录"]
    assert pages(store, agent, sheet) == (["责任免除", "保险责任"], 14.0)
    assert sheet.companion is None
    with store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    with pytest.raises(NotPermitted, match=r"双录并填写编号（依据：S05；保监发〔2017〕54号）"):
        sign(store, agent, sheet)
    with pytest.raises(ValidationError, match="双录编号"), store.begin(agent) as work:
        customers.change(work, sheet.customer_id, {"stage": Stage.IN_FORCE})
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"recording_ref": "SL-20261123-1", "companion": "女儿"})
    assert due(store, agent, "recording") == []
    sign(store, agent, sheet)
    with store.begin(agent) as work:
        customers.change(work, sheet.customer_id, {"stage": Stage.IN_FORCE})
        assert work.get(Customer, sheet.customer_id).stage == Stage.IN_FORCE


def test_sixty_tomorrow(store: Store, agent: Actor, noon: time_machine.Traveller) -> None:
    """B: no task, small print in the usual order; told that the rule changes on 24 November, and then it does."""
    sheet = started(store, agent, TOMORROW, 59)
    assert due(store, agent, "recording") == []
    assert pages(store, agent, sheet) == (["保险责任", "责任免除"], 9.5)
    found = judged(store, agent, sheet)
    assert found["elderly_soon"].text == "投保人 2026-11-24 满 60 周岁，之后签署须按老年人规则办理"
    assert found["elderly_soon"].warning
    assert not {"recording", "exclusions_first"} & found.keys()
    noon.shift(dt.timedelta(days=1))
    assert due(store, agent, "recording") == ["王甲：示例人寿演示增额终身寿险 双录"]
    assert not judged(store, agent, sheet)["recording"].open
    assert pages(store, agent, sheet) == (["责任免除", "保险责任"], 14.0)


def test_what_is_not_covered_is_explained_first(store: Store, agent: Actor, noon: time_machine.Traveller) -> None:
    """The order of the ticks counts; the other way round it is explained again; nobody younger is asked."""
    sheet = started(store, agent, SIXTY, 60)
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"explained": [], "recording_ref": "SL-1"})
        sheets.print_out(work, sheet.id)
    assert "请先讲解“08 责任免除”" in judged(store, agent, sheet)["exclusions_first"].text
    explain(store, agent, sheet, ["04"])
    noon.shift(dt.timedelta(minutes=1))
    explain(store, agent, sheet, PROMPT_CODES)
    with pytest.raises(NotPermitted, match=r"先于“08 责任免除”讲解.*（依据：S05；保险法第十七条"):
        sign(store, agent, sheet)
    explain(store, agent, sheet, [code for code in PROMPT_CODES if code != "04"])
    noon.shift(dt.timedelta(minutes=1))
    explain(store, agent, sheet, PROMPT_CODES)
    assert judged(store, agent, sheet)["exclusions_first"].open
    assert gates.shut_at(list(judged(store, agent, sheet).values()), gates.SIGN) == []


def explain(store: Store, agent: Actor, sheet: Sheet, codes: list[str] | tuple[str, ...]) -> None:
    """Tick these items and no others."""
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"explained": [{"code": code} for code in codes]})


def test_a_cover_for_one_year_asks_for_nothing_of_this(store: Store, agent: Actor) -> None:
    """S05 is about products for more than a year; the large print is for whoever reads it."""
    who = customer(store, agent, name="王甲", doc_no=SIXTY)
    sheet = ready(store, agent, who, {"product": "DEMO-MED", "sex": "M", "age": 60, "pay_years": 1}, reason_links=[])
    assert not {"recording", "exclusions_first"} & judged(store, agent, sheet).keys()
    assert due(store, agent, "recording") == []
    assert pages(store, agent, sheet) == (["责任免除", "保险责任"], 14.0)
    assert people.checked()["explained"]
