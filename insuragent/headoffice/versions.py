"""Which versions of the protocol are served: an old desk may be told to update before it pulls, never before it pushes.

What an agent saved on a desk that nobody has updated must reach head office: pushing stays open for so many days after
a version was superseded as the policy says (``old_desk_push_days``), whatever is asked for pulling.
"""

import datetime as dt

from insuragent.errors import ProtocolTooOld, Refused
from insuragent.i18n import SHANGHAI
from insuragent.models.base import utc_now
from insuragent.rules.policy import Policy
from insuragent.sync.protocol import PULL_FROM, PUSH_FROM, SUPERSEDED


class Versions:
    """The versions that are served; ``pull_from`` is the oldest that may pull, when head office asks for a newer."""

    def __init__(self, policy: Policy, pull_from: int = PULL_FROM) -> None:
        self._policy, self._pull_from = policy, max(pull_from, PULL_FROM)

    def check(self, told: str | None, *, pulls: bool) -> None:
        """Raises Refused "old_protocol" when the version in a request's header is not served for what is asked."""
        version = _number(told)
        if not (self.may_pull(told) if pulls else version >= PUSH_FROM or self._is_recent(version)):
            raise Refused("old_protocol", ProtocolTooOld.message)

    def may_pull(self, told: str | None) -> bool:
        """Whether a desk of the version in a request's header may be brought data."""
        return _number(told) >= self._pull_from

    def _is_recent(self, version: int) -> bool:
        today = utc_now().astimezone(SHANGHAI).date()
        superseded = SUPERSEDED.get(version)
        days = dt.timedelta(days=self._policy.count("old_desk_push_days", today))
        return superseded is not None and today < superseded + days


def _number(told: str | None) -> int:
    return int(told) if told and told.isascii() and told.isdigit() else 0
