"""The look of a state: the kind of its chip, the same on every page."""

from insuragent.models.sheet import SheetState
from insuragent.models.visit import VisitStatus

#: A visit that is still ahead has the accent.
VISIT: dict[str, str] = {
    VisitStatus.HELD: "ok",
    VisitStatus.STARTED: "warn",
    VisitStatus.MISSED: "bad",
    VisitStatus.NO_SHOW: "bad",
    VisitStatus.REFUSED: "bad",
}
#: A sheet that nobody has printed yet is neutral.
SHEET: dict[str, str] = {
    SheetState.PRINTED: "accent",
    SheetState.DELIVERED: "accent",
    SheetState.ACKNOWLEDGED: "ok",
    SheetState.REFUSED: "bad",
    SheetState.VOID: "bad",
}
