"""A small company with something on every page of the console."""

import datetime as dt
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from insuragent.headoffice.publishing import publish
from insuragent.models.base import utc_now
from insuragent.sync.protocol import Push
from tests.headoffice.signed import Signer, pushed
from tests.offices import HeadOffice

#: What no page shows unless it is revealed.
NUMBER, MOBILE, ILLNESS, FACTS = "11010519491231002X", "13800138000", "对青霉素过敏", "业务员承诺保本保息"
#: A name that would be a formula, and HTML, if it were taken at its word.
NAME = "王建国"
ODD = '=HYPERLINK("http://x")<script>alert(1)</script>'


class Company:
    """Two agents; the first has a device, a customer, and two complaints, one of them late."""

    def __init__(self, office: HeadOffice) -> None:
        self.office = office
        self.first = office.appoint(name="陈思远", licence_no="00000244030000002026000001")
        self.second = office.appoint(name="李慧敏", licence_no="00000244030000002026000002")
        # A number of this company's own, as the tests of a session share one head office.
        self.number = NUMBER
        self.customer = self._customer()
        self.late = self._complaint("TS-0001", dt.timedelta(days=20), "李小红")
        self.fresh = self._complaint("TS-0002", dt.timedelta(hours=2), ODD)
        self.signer = Signer(office, self.first)
        self.signer.ask("push", Push([pushed(1, "change", "customer", uuid7(), 4, name="无此人")]))

    @property
    def agents(self) -> tuple[str, str]:
        """The ids of both."""
        return str(self.first), str(self.second)

    @property
    def device(self) -> str:
        """The device of the first."""
        return self.signer.enrolled.device_id

    def _customer(self) -> UUID:
        told = {"name": NAME, "doc_no": self.number, "mobile": MOBILE, "health_brief": ILLNESS, "remark": "常出差"}
        return self._publish("customer", told)

    def _complaint(self, number: str, ago: dt.timedelta, who: str) -> UUID:
        received = utc_now() - ago
        due = {f"due{days}": (received + dt.timedelta(days=days)).date().isoformat() for days in (15, 30, 60)}
        told = {
            "complaint_no": number, "complainant_name": who, "contact": MOBILE, "category": "sale_mislead",
            "facts": FACTS,
            "customer_id": str(self.customer), "received_at": received.isoformat(), "respondent_id": str(self.first),
            "first_response_due": (received + dt.timedelta(hours=24)).isoformat(),
        }  # fmt: skip
        return self._publish("complaint", told | due)

    def _publish(self, kind: str, values: dict[str, Any]) -> UUID:
        publish(self.office.database, kind, record_id := uuid7(), values, str(self.first))
        return record_id
