"""Head office is there but asks to come back later, and says in how many seconds."""

import httpx2

from insuragent.errors import Unreachable
from insuragent.i18n import N_

#: The longest break that head office may ask for, in seconds: a person waits.
LONGEST_BREAK = 30.0
_STATUSES = (502, 503, 504)


class Busy(Unreachable):
    """Head office is there but asks to come back later."""

    message = N_("总公司现在繁忙")

    def __init__(self, after: float | None = None) -> None:
        #: In how many seconds, where head office said so.
        self.after = after
        super().__init__()


def check(answer: httpx2.Response) -> None:
    """Raises Busy when that is what an answer says."""
    if answer.status_code in _STATUSES:
        told = answer.headers.get("retry-after", "")
        raise Busy(min(float(told), LONGEST_BREAK) if told.isascii() and told.isdigit() else None)
