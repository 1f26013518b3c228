"""What insuragent is about: one file a record type, each declared once."""

from insuragent.models.attachment import Attachment
from insuragent.models.base import Base, Record
from insuragent.models.complaint import Complaint
from insuragent.models.conflict import Conflict
from insuragent.models.consent import Consent
from insuragent.models.customer import Customer
from insuragent.models.draft import Draft
from insuragent.models.family import FamilyMember
from insuragent.models.journal import Deed, Entry, Note, Received, ReceivedBlock, State, Transfer
from insuragent.models.needs import NeedsAnalysis
from insuragent.models.product import Product
from insuragent.models.sealer import Sealer
from insuragent.models.sheet import Sheet
from insuragent.models.staff import Staff
from insuragent.models.unindexed import Unindexed
from insuragent.models.visit import Visit

#: Every record type by its kind; forms, tables, search, journal and sync walk this list and know no type by name.
RECORDS: dict[str, type[Record]] = {
    record_type.kind(): record_type
    for record_type in (
        Staff,
        Attachment,
        Product,
        Customer,
        FamilyMember,
        Consent,
        NeedsAnalysis,
        Sheet,
        Visit,
        Complaint,
        Conflict,
    )
}

__all__ = [
    "RECORDS",
    "Attachment",
    "Base",
    "Complaint",
    "Conflict",
    "Consent",
    "Customer",
    "Deed",
    "Draft",
    "Entry",
    "FamilyMember",
    "NeedsAnalysis",
    "Note",
    "Product",
    "Received",
    "ReceivedBlock",
    "Record",
    "Sealer",
    "Sheet",
    "Staff",
    "State",
    "Transfer",
    "Unindexed",
    "Visit",
]
