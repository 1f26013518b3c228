"""One day in the field, off-screen: import, visits, sheets, a complaint at night, and what became of it all."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from insuragent.demo import people, seeding
from insuragent.demo.headquarters import headquarters
from insuragent.errors import BadFile
from insuragent.i18n import N_, SHANGHAI
from insuragent.models import Sheet, Visit
from insuragent.models.base import utc_now
from insuragent.models.choices import Channel
from insuragent.models.complaint import Category, Severity
from insuragent.models.visit import VisitPurpose
from insuragent.services import agenda, complaints, importing, needs, records, sheets, syncing
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.settings import Profile, resource, write_whole
from insuragent.store.work import UnitOfWork

#: What is sold that day, by product code.
PLANS: Mapping[str, dict[str, Any]] = {
    "DEMO-PWL": {"product": "DEMO-PWL", "pay_years": 5, "premium": "50000"},
    "DEMO-TERM": {"product": "DEMO-TERM", "pay_years": 20, "to_age": 60, "sum_assured": "1000000"},
}
#: Visits of the day by the hour at which they begin; the last is still to come.
HOURS = (8, 9, 11, 14, 16, 19)


#: Says that a folder was made by a field day and may be made anew.
MARKER = ".field-day"


@dataclass
class Report:
    """What the day came to; ``DIR/report.json``."""

    imported: int = 0
    refused: int = 0
    visits: int = 0
    sheets: int = 0
    complaints: int = 0
    synced: dict[str, int] = field(default_factory=dict)
    receipt: dict[str, Any] = field(default_factory=dict)
    second_desk: dict[str, int] = field(default_factory=dict)
    server: dict[str, int] = field(default_factory=dict)
    pdfs: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Keep it beside the sheets."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        write_whole(folder / "report.json", text.encode() + b"\n")


def work_the_day(desk: Desk, out: Path, report: Report) -> None:
    """The day as far as the desk alone goes: in the office, on the road, at the customer's table, at the door."""
    with desk.begin() as work:
        shown = importing.preview(work, resource("demo/customers.xlsx"))
        report.imported = importing.take(work, shown)
        report.refused = shown.refused_rows
    with desk.begin() as work:
        _visit(work)
        report.visits = work.count(Visit)
    with desk.begin() as work:
        for number, plan in enumerate(PLANS.values()):
            customer = seeding.adults(work)[number]
            needs.analyse(work, customer.id, people.household())
            sheet = seeding.signed_sheet(work, customer.id, plan)
            report.pdfs.append(_keep(work, sheet, out))
        report.sheets = work.count(Sheet)
    with desk.begin() as work:
        _complain(work)
        report.complaints = complaints.count_open(work)


def _visit(work: UnitOfWork) -> None:
    """Yesterday's round, held and entered in the evening, and one visit planned for tomorrow."""
    day = records.today(work) - dt.timedelta(days=1)
    for number, hour in enumerate(HOURS):
        customer = seeding.adults(work)[number]
        ahead = dt.timedelta(days=2 if hour == HOURS[-1] else 0)
        start = seeding.at(day + ahead, hour)
        visit = agenda.plan(work, seeding.planned(customer, start, 50, VisitPurpose.NEEDS, "客户家中"))
        work.flush()
        if not ahead:
            agenda.hold(work, visit.id, seeding.held(number, day, late=True))


def _complain(work: UnitOfWork) -> None:
    """The complaint at the door at 23:50, written down afterwards (story S08)."""
    customer = seeding.adults(work)[0]
    night = dt.datetime.combine(utc_now().astimezone(SHANGHAI).date(), dt.time(23, 50), SHANGHAI)
    told = {
        "customer_id": customer.id,
        "complainant_name": customer.name,
        "contact": customer.mobile,
        "received_at": night if night <= work.now else night - dt.timedelta(days=1),
        "channel": Channel.FACE,
        "category": Category.SALE_MISLEAD,
        "severity": Severity.S3,
        "facts": "客户说当时把现金价值说成了存款，要求书面解释。",
        "respondent_id": work.actor.staff_id,
        "backdate_reason": "门口当面听取，回家后记录",
    }
    complaints.receive(work, told)


def _keep(work: UnitOfWork, sheet: Sheet, out: Path) -> str:
    name = f"{sheet.sheet_no}.pdf"
    write_whole(out / name, sheets.preview(work, sheet.id))
    return name


def run(out: Path) -> Report:
    """The whole day on new profiles under ``out``; returns what ``report.json`` there holds.

    An earlier day there is replaced. Raises BadFile when ``out`` holds anything else.
    """
    _clear(out)
    report = Report()
    with headquarters(out / "headoffice") as office, _new_desk(out / "desk") as desk:
        offices.enrol(desk, office.address, office.code())
        offices.sync_now(desk)  # in the morning: the products
        work_the_day(desk, out, report)
        _come_home(desk, report)
        with _new_desk(out / "second-desk") as second:
            offices.enrol(second, office.address, office.code())
            offices.sync_now(second)
            with second.read() as work:
                report.second_desk = syncing.held(work)
    report.write(out)
    return report


def _come_home(desk: Desk, report: Report) -> None:
    """In the evening, at the office: the day is synced, and the receipt kept."""
    outcome = offices.sync_now(desk)
    assert outcome.receipt is not None, "a pass that ends well has a receipt"
    report.receipt = msgspec.to_builtins(outcome.receipt)
    report.server = dict(outcome.receipt.held)
    with desk.read() as work:
        report.synced = syncing.held(work)


@contextmanager
def _new_desk(folder: Path) -> Iterator[Desk]:
    desk, _code = desks.create(Profile(folder), people.PASSPHRASE)
    try:
        yield desk
    finally:
        desk.close()


def _clear(out: Path) -> None:
    """Make ``out`` an empty folder of ours: what an earlier day left goes, what somebody else put there does not."""
    marker = out / MARKER
    if out.exists() and any(out.iterdir()) and not marker.exists():
        raise BadFile(N_("{folder} 不是空文件夹，也不是以前的演示"), folder=str(out))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    marker.touch()
