"""A product is withdrawn at head office: what the next sync does on a desk (story S12)."""

import datetime as dt
import uuid
from pathlib import Path

from insuragent.headoffice.publishing import publish
from insuragent.models import Sheet
from insuragent.models.fields import to_wire
from insuragent.models.sheet import SheetState
from insuragent.products.published import describe
from insuragent.services import agenda, catalogue, customers, records, sheets
from insuragent.services import office as offices
from tests.office_fixtures import NewDesk
from tests.offices import open_office

TERM = {"product": "DEMO-TERM", "sex": "M", "pay_years": 20, "to_age": 60, "sum_assured": "500000"}


def test_the_next_pass_voids_what_is_open(tmp_path: Path, make_desk: NewDesk) -> None:
    """Published, drafted offline, withdrawn with its notice: void, told to the window, and a reminder is there."""
    with open_office(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path) as office:
        desk = office.seat(make_desk("a"), office.appoint(level="L3"))
        told = {name: to_wire(value) for name, value in describe(catalogue.package("DEMO-TERM")).items()}
        product = uuid.uuid4()
        publish(office.database, "product", product, told)
        offices.sync_now(desk)
        with desk.begin() as work:
            day = records.today(work)
            born = day.replace(year=day.year - 30, day=1)
            who = customers.create(work, {"name": "王安", "birth_date": born, "gender": "M"})
            made = sheets.draft(work, who.id, TERM | {"age": customers.age(who, day)})
        gone = {"status": "withdrawn", "withdraw_from": (day - dt.timedelta(days=1)).isoformat(), "notice_id": "N-77"}
        publish(office.database, "product", product, gone)
        outcome = offices.sync_now(desk)
    with desk.read() as work:
        fallen = work.get(Sheet, made.id)
        assert (fallen.state, "N-77" in (fallen.void_reason or "")) == (SheetState.VOID, True)
        owed = [one.text for one in agenda.reminders(work, day) if one.key.startswith("withdrawn")]
    assert owed == ["王安：说明产品停售（示例人寿演示定期寿险）"]
    assert ("sheet", made.id) in outcome.changed
