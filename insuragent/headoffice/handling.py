"""The steps of a complaint that head office takes: accepted or refused, given to a handler, decided, answered.

What only an approver or a higher level decides (extensions, reviews) is no step of a handler, and is not here.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from insuragent.errors import Refused
from insuragent.headoffice import publishing, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.database import Database, Rows
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models import Complaint
from insuragent.models.base import utc_now
from insuragent.models.choices import Channel
from insuragent.models.complaint import ComplaintResult, ComplaintState
from insuragent.models.fields import Moment, to_wire
from insuragent.models.validation import clean
from insuragent.rules import complaint as rules
from insuragent.rules.complaint import Actor, Facts
from insuragent.sync import codec

#: As whom a complaint handler acts.
_ACTING = (Actor.HEAD_OFFICE, Actor.HANDLER)
_STATES = ComplaintState
#: What each step asks for, by the state that it leads to.
ASKED: Mapping[str, tuple[str, ...]] = {
    _STATES.ACCEPTED: (),
    _STATES.NOT_ACCEPTED: ("reason", "told"),
    _STATES.TRANSFERRED: ("institution", "told"),
    _STATES.INVESTIGATING: ("handler",),
    _STATES.DECIDED: ("result", "basis"),
    _STATES.REPLIED: ("reply", "way", "proof", "remedies"),
}
_UNKNOWN = N_("没有这一步")


@dataclass(frozen=True)
class Said:
    """What was said with a step; each looks at what it asks for. ``handler`` is the id of a member of staff."""

    reason: str = ""
    institution: str = ""
    told: bool = False
    handler: str = ""
    handler_name: str = ""
    result: str = ""
    basis: str = ""
    reply: str = ""
    way: str = ""
    proof: str = ""
    remedies: bool = False


def offered(state: str) -> list[str]:
    """The states to which a handler may take a complaint from this one; a closed one is opened again elsewhere."""
    return [
        step.to for step in rules.steps_from(state, _ACTING, device=False) if step.to in ASKED and state != "closed"
    ]


def take(database: Database, agent: str, record_id: str, to: str, said: Said, by: str) -> None:
    """Take a complaint of an agent's to its next state; ``by`` names the account. His desks learn it as any change.

    Raises Refused "unknown_record", NotPermitted with every reason that stands in the way, and ValidationError.
    """

    def decide(rows: Rows, body: Mapping[str, Any]) -> dict[str, Any]:
        now, held = utc_now(), codec.values_of(Complaint, body).known
        rules.require_step(str(held["state"]), to, _ACTING, _facts(held, said, now), device=False)
        note = {"at": now.isoformat(), "text": _note(to, said), "by": by}
        told = {"state": to, "progress": [*(held.get("progress") or []), note], **_values(to, said, now)}
        if held.get("received_by_server") is None:
            told["received_by_server"] = _arrived(rows, record_id) or now
        today = now.astimezone(SHANGHAI).date()
        cleaned = clean(Complaint, told, today=today, partial=True, current=held)
        return {name: to_wire(value) for name, value in cleaned.items()}

    if to not in ASKED:
        raise Refused("unknown_record", _UNKNOWN)
    publishing.amend(database, Complaint.kind(), record_id, agent, decide, Act.STEP, to=to, handler=said.handler)


def _facts(held: Mapping[str, Any], said: Said, now: dt.datetime) -> Facts:
    return Facts(
        now=now,
        reason=said.reason,
        institution=said.institution,
        complainant_told=said.told,
        handler=said.handler,
        respondent=str(held.get("respondent_id") or ""),
        result=said.result,
        basis=said.basis,
        way=said.way if said.way in list(Channel) else "",
        at=now if said.reply else None,
        evidence=bool(said.proof),
        remedies_told=said.remedies,
    )


def _values(to: str, said: Said, now: dt.datetime) -> dict[str, Any]:
    match to:
        case _STATES.NOT_ACCEPTED:
            return {"decision": said.reason}
        case _STATES.INVESTIGATING:
            return {"handler_id": uuid.UUID(said.handler)}
        case _STATES.DECIDED:
            return {"result": said.result, "decision": said.basis}
        case _STATES.REPLIED:
            return {"reply": said.reply, "replied_at": now, "remedy_told": said.remedies}
    return {}


def _note(to: str, said: Said) -> str:
    """What stands in the progress, for whoever reads it at the desk."""
    match to:
        case _STATES.NOT_ACCEPTED:
            return _("不予受理：{reason}").format(reason=said.reason)
        case _STATES.TRANSFERRED:
            return _("已转往：{institution}").format(institution=said.institution)
        case _STATES.INVESTIGATING:
            return _("已指定处理人：{name}").format(name=said.handler_name)
        case _STATES.DECIDED:
            known = next((one.label for one in ComplaintResult if one == said.result), "")
            return _("已作决定：{result}").format(result=_(known))
        case _STATES.REPLIED:
            way = next((one.label for one in Channel if one == said.way), "")
            return _("已答复（{way}），凭证：{proof}").format(way=_(way), proof=said.proof)
    return _("总公司已受理")


def _arrived(rows: Rows, record_id: str) -> dt.datetime | None:
    """When head office received it first, as far as this agent's feed knows."""
    e = tables.entry.c
    first = rows.all(rows.select(tables.entry, e.record_id == record_id).order_by(e.received_at).limit(1))
    return Moment.EPOCH + Moment.TICK * first[0].received_at if first else None
