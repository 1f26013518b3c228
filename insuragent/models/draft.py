"""What was being typed: kept every few seconds, offered again after a crash, never synced."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from insuragent.models.base import Base


class Draft(Base):
    """The unsaved values of one form. ``form`` names it; ``record_id`` is None for a record not yet made."""

    __tablename__ = "draft"

    form: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    record_id: Mapped[uuid.UUID | None]
    at: Mapped[dt.datetime]
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
