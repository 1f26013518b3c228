"""Something that is due, as the agenda lists it."""

import datetime as dt
import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Reminder:
    """Something due; the same key never appears twice however often reminders are gathered."""

    key: str
    due: dt.date
    text: str
    kind: str
    record_id: uuid.UUID
