"""Train resources/headoffice/records.zdict: what head office packs its sealed records and entries with.

usage: python -m tools.make_dictionary      the same declarations and texts give the same file

Made up by the declarations of all record types, with the program's own sentences for words. What was packed with a
dictionary is not read without it: a file that has once been on main is never trained anew, another one lies beside it.
"""

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
import zstandard
from babel.messages import pofile

from insuragent.models import RECORDS
from insuragent.models.fields import Field, Kind, Search, fields_of
from insuragent.models.journal import Deed
from insuragent.settings import resource

#: In bytes; of the private numbers that zstd leaves to programs.
SIZE, NUMBER = 12 * 1024, 40_001
EACH, LEVEL, SEED = 120, 1, 7
EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def sentences() -> list[str]:
    """The program's own texts."""
    with resource("i18n/en.po").open("rb") as file:
        return sorted(str(message.id) for message in pofile.read_po(file) if isinstance(message.id, str) and message.id)


def value(field: Field, words: Sequence[str], dice: random.Random) -> Any:
    """Something that a field may hold, in wire form."""
    match field.kind:
        case Kind.CHOICE if field.choices is not None:
            return dice.choice(list(field.choices)).value
        case Kind.DAY:
            return (EPOCH - dt.timedelta(days=dice.randrange(30_000))).date().isoformat()
        case Kind.MOMENT:
            return moment(dice)
        case Kind.LINK:
            return str(uuid.UUID(int=dice.getrandbits(128)))
        case Kind.YES_NO:
            return dice.random() < 1 / 2
        case Kind.MONEY | Kind.NUMBER:
            return dice.randint(1, 10**6)
        case Kind.ITEMS:
            return dice.sample(words, 2)
    if field.search in (Search.TAIL, Search.DIGITS):
        return str(dice.randrange(10**10, 10**11))
    text = dice.choice(words)
    return text[: field.max_length] if field.kind is Kind.LONG_TEXT else text[:6]


def moment(dice: random.Random) -> str:
    """An instant as the journal has it."""
    return (EPOCH + dt.timedelta(microseconds=dice.randrange(365 * 86_400 * 10**6))).isoformat()


def samples() -> list[bytes | bytearray | memoryview[int]]:
    """Bodies of records, and the entries that made and changed them."""
    dice, words = random.Random(SEED), sentences()  # noqa: S311 - samples, no secrets
    found: list[bytes | bytearray | memoryview[int]] = []
    for kind, record_type in RECORDS.items():
        fields = fields_of(record_type)
        for number in range(EACH):
            filled = dice.sample(list(fields), dice.randint(1, len(fields)))
            body = {name: value(fields[name], words, dice) for name in fields if name in filled}
            deed = dice.choice((Deed.CREATE, Deed.CREATE, Deed.CHANGE)).value
            changes = {name: [None if deed == Deed.CREATE else now, now] for name, now in body.items()}
            ids = [str(uuid.UUID(int=dice.getrandbits(128))) for _ in range(3)]
            told = [number, ids[0], moment(dice), deed, kind, ids[1], changes, "", ids[2], ids[0][-12:], "1.0"]
            found += [msgspec.json.encode(one, order="sorted") for one in (body, told)]
    return found


def main() -> None:
    """Write the file."""
    path = resource("headoffice/records.zdict")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zstandard.train_dictionary(SIZE, samples(), level=LEVEL, dict_id=NUMBER).as_bytes())


if __name__ == "__main__":
    main()
