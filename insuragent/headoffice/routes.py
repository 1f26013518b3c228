"""What a device may ask: each module offers its routes as a list, and what no list names is denied."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from insuragent.headoffice.database import Rows
from insuragent.sync.protocol import LARGEST_BODY, LARGEST_MESSAGE

M = TypeVar("M", bound=msgspec.Struct)


@dataclass(frozen=True)
class Device:
    """A device as its signature proved it; ``agent`` is the staff id that its records belong to.

    What it asks is done in one transaction, which begins with :meth:`admit`: there it is looked whether it may ask.
    """

    agent: str
    device: str
    #: Whether its program is young enough to be brought data.
    may_pull: bool = field(default=True, compare=False)
    admission: Callable[[Rows, bool], Any] = field(default=lambda _rows, _lock: None, compare=False, repr=False)

    def admit(self, rows: Rows, *, lock: bool = False) -> Any:
        """Take the signature for the first and last time: the device's row, which nobody else changes with ``lock``
        until the transaction ends; None where the signature was taken before. Raises what the doorkeeper does."""
        return self.admission(rows, lock)

    @property
    def key_id(self) -> str:
        """The device's name in its signatures."""
        return f"{self.agent}/{self.device}"


@dataclass(frozen=True)
class Limit:
    """The largest body in bytes as it comes, and what it may become unpacked."""

    body: int
    message: int


#: For messages of a fixed shape, and for those that carry entries.
SMALL = Limit(16 * 1024, 64 * 1024)
LARGE = Limit(LARGEST_BODY, LARGEST_MESSAGE)


@dataclass(frozen=True)
class Route(Generic[M]):
    """``POST /v1/name``: a message of ``kind`` that a device signed comes in, what ``use`` answers goes out.

    The limit holds before the signature is looked at. A module offers its routes as a list; ``app.build`` joins them.
    """

    name: str
    kind: type[M]
    use: Callable[[Device, M], msgspec.Struct]
    limit: Limit = SMALL
    #: Whether it brings data to the desk: an old desk may be told to update first, but never before it pushes.
    pulls: bool = False
    #: Whether a device that was withdrawn may still ask this.
    withdrawn: bool = False
