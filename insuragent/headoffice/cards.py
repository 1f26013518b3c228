"""Cards: what a feed needs of a record that head office owns, such as a colleague's name and licence."""

from collections.abc import Iterable

from insuragent.headoffice import tables
from insuragent.headoffice.hand import Hand
from insuragent.models import RECORDS
from insuragent.models.fields import fields_of


def lend(hand: Hand, wanted: Iterable[str]) -> None:
    """Put the cards of those of the records ``wanted`` that head office owns into a feed that lacks them.

    A card has the fields that its record type cannot do without, and nothing more: it is there to be linked to.
    """
    lacking = set(wanted)
    lacking -= hand.rows.pairs(tables.record.c.kind, lacking).keys()
    for record_id in sorted(lacking):
        # What head office owns and an agent needs lies in the feed of the same name.
        row = hand.rows.of(record_id).find(tables.record, tables.record.c.id == record_id)
        record_type = RECORDS.get(row.kind) if row else None
        if row is not None and record_type is not None and record_type.office_owned:
            needed = (name for name, field in fields_of(record_type).items() if not field.optional)
            hand.change(row.kind, record_id, {n: [None, row.body[n]] for n in needed if n in row.body}, 0)
