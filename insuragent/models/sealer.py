"""Whose key seals documents, as head office published it."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from insuragent.models.base import Base


class Sealer(Base):
    """A device that seals by ``key`` (SHA-256 of the public key, in hex), in whose name, and from when until when."""

    __tablename__ = "sealer"

    key: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    licence_no: Mapped[str]
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime | None]
