"""Nothing of a customer whose data are restricted is handed out, but what he himself is owed (PIPL art. 45 and 47)."""

import uuid

from insuragent.models import RECORDS, Attachment, Complaint, Customer, Deed, Record
from insuragent.services import gates, gates_customer
from insuragent.store.work import UnitOfWork


def require_free(work: UnitOfWork, record: Record) -> None:
    """Raise NotPermitted, with the rule and its source, when a record is of a customer whose data are restricted.

    The refusal enters the journal as that of every gate does. What he complains of goes on.
    """
    about = _about(work, record)
    customer = _customer(work, about) if about is not None else None
    if customer is not None and customer.restricted_at is not None:
        gate = gates_customer.restricted()
        work.tell_refusal(Deed.GATE_BLOCK, record, stage=gates.PRINT, gates={gate.name: gate.open})
        gates.require([gate])


def _about(work: UnitOfWork, record: Record) -> Record | None:
    """What a record is about: of an attachment that which it hangs on; nothing where it is a complaint."""
    if isinstance(record, Attachment):
        kind = RECORDS.get(record.subject_kind)
        found = work.find(kind, uuid.UUID(record.subject_id)) if kind and record.subject_id else None
        return _about(work, found) if found is not None else None
    return None if isinstance(record, Complaint) else record


def _customer(work: UnitOfWork, record: Record) -> Customer | None:
    wanted = record.id if isinstance(record, Customer) else getattr(record, "customer_id", None)
    return work.find(Customer, wanted) if isinstance(wanted, uuid.UUID) else None
