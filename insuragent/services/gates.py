"""What must be so before an explanation sheet is printed, and before it is signed: one list for every way to it."""

from collections.abc import Sequence

from insuragent.errors import NotPermitted
from insuragent.i18n import N_
from insuragent.rules.policy import Policy
from insuragent.services import gates_agent, gates_customer, gates_people, gates_said
from insuragent.services.case import PRINT, SIGN, Budget, Case, Gate


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Every gate that concerns the case, in the order in which it is passed.

    Sources: requirements R1.2a, R1.2b, R1.3b, R3.1b, R3.2a, R3.2b, R7.2a; stories S04-S06, S12, S15, S17.
    """
    rooms = (gates_agent, gates_people, gates_customer, gates_said)
    return [gate for room in rooms for gate in room.gates(case, policy)]


def require(found: Sequence[Gate], stage: str = PRINT) -> None:
    """Raise NotPermitted naming every gate that is shut at this stage; a warning does not shut."""
    shut = shut_at(found, stage)
    if shut:
        hint = N_("请先处理后再打印。") if stage == PRINT else N_("请先处理后再签署。")
        raise NotPermitted("{reasons}", reasons="；".join(gate.told for gate in shut), hint=hint)


def shut_at(found: Sequence[Gate], stage: str) -> list[Gate]:
    """The gates that stop a sheet at this stage."""
    return [gate for gate in found if not gate.open and not gate.warning and (gate.stage == PRINT or stage == SIGN)]


def stop_advice(found: Sequence[Gate]) -> list[Gate]:
    """The gates for which one must advise against buying, also where the customer insists (requirement R3.2b, S06)."""
    return [gate for gate in found if gate.advice]


__all__ = ["PRINT", "SIGN", "Budget", "Case", "Gate", "gates", "require", "shut_at", "stop_advice"]
