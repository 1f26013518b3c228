"""What was saved and has not entered the search index yet."""

from sqlalchemy.orm import Mapped, mapped_column

from insuragent.models.base import Base


class Unindexed(Base):
    """The rows of a record type numbered ``first`` to ``last``, to enter the index before the next question."""

    __tablename__ = "unindexed"

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    first: Mapped[int]
    last: Mapped[int]
