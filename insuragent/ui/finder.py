"""What Ctrl+K finds among the records: customers, by every kind of question, and their sheets by number."""

from collections.abc import Callable, Sequence
from functools import partial

from insuragent.models import Customer, Record, Sheet
from insuragent.models.fields import fields_of
from insuragent.services import records
from insuragent.ui.palette import PaletteEntry
from insuragent.ui.shell import Context

MOST = 8
Hand = Callable[[Sequence[PaletteEntry]], None]


class RecordFinder:
    """Looks for what is typed into the palette, beside the window; only the newest question is answered."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def __call__(self, typed: str, hand: Hand) -> None:
        """Find customers and sheets for ``typed`` and hand over their entries, customers first."""
        tasks, owner = self.context.tasks, self.context.palette
        tasks.run(owner, records.find, Customer, typed, MOST).then(lambda found: hand([*map(self._customer, found)]))
        tasks.run(owner, records.find, Sheet, typed, MOST).then(lambda found: hand([*map(self._sheet, found)]))

    def _customer(self, found: Customer) -> PaletteEntry:
        detail = "  ".join(filter(None, (_masked(found, "mobile"), _masked(found, "birth_date"))))
        go = partial(self.context.go, "customers", found.id)
        return PaletteEntry((Customer.kind(), found.id), found.name, go, "user", detail)

    def _sheet(self, found: Sheet) -> PaletteEntry:
        go = partial(self.context.go, "sheets", (Sheet.kind(), found.id))
        return PaletteEntry((Sheet.kind(), found.id), found.sheet_no, go, "file-text", found.product_name)


def _masked(record: Record, name: str) -> str:
    return records.shown(fields_of(type(record))[name], getattr(record, name))
