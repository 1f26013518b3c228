"""An agent whose licence ran out yesterday, in the field; and the next pass, which brings the new date (story S17)."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from insuragent.demo import people
from insuragent.errors import NotPermitted
from insuragent.headoffice.publishing import publish
from insuragent.models import Deed, Entry
from insuragent.models.base import utc_now
from insuragent.services import agenda, complaints, customers, needs, records, sheets, today
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from tests.office_fixtures import NewDesk
from tests.offices import open_office
from tests.services.test_stories import CAPTURE

TERM = {"product": "DEMO-TERM", "sex": "M", "age": 30, "pay_years": 20, "to_age": 60, "sum_assured": "500000"}


def banners(desk: Desk) -> list[str]:
    """What stands above every page."""
    with desk.read() as work:
        return [text for text, _kind in today.frame(work).banners]


def test_visits_and_complaints_go_on_and_the_sheet_waits_for_the_new_date(tmp_path: Path, make_desk: NewDesk) -> None:
    """Refused with day, rule and law, which the journal keeps; printed after the pass, with the desk open all along."""
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    with open_office(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path) as office:
        staff = office.appoint(level="L3", licence_valid_to=yesterday.isoformat())
        desk = office.seat(make_desk("a"), staff)
        offices.sync_now(desk)
        with desk.begin() as work:
            day = records.today(work)
            who = customers.create(work, {"name": "王安", "birth_date": day.replace(year=day.year - 30, day=1)})
            work.flush()
            planned = {"customer_id": who.id, "purpose": "care", "planned_start": utc_now()}
            agenda.plan(work, planned | {"planned_end": utc_now() + dt.timedelta(hours=1)})
            complaints.receive(work, CAPTURE)
            needs.analyse(work, who.id, people.household(goals=["protect_life"]))
            work.flush()
            sheet = sheets.draft(work, who.id, TERM)
            work.flush()
            sheets.confirm(work, sheet.id, people.checked())
        told = rf"执业登记已于 {yesterday} 到期（依据：R1\.2a；金监总局令2023年第2号第三条）"
        with pytest.raises(NotPermitted, match=told), desk.begin() as work:
            sheets.print_out(work, sheet.id)
        with desk.read() as work:
            (block,) = work.session.scalars(sa.select(Entry).where(Entry.deed == Deed.GATE_BLOCK))
        assert (block.record_id, (block.changes or {})["gates"][1]["licence"]) == (sheet.id, False)
        assert any(str(yesterday) in text for text in banners(desk))
        publish(office.database, "staff", staff, {"licence_valid_to": "2099-12-31"})
        offices.sync_now(desk)
    assert not any("到期" in text for text in banners(desk))
    with desk.begin() as work:
        assert sheets.print_out(work, sheet.id).startswith(b"%PDF")
