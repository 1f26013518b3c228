"""Blocks: what a push brought lies sealed in one piece beside thin rows, and goes into a page as it came.

A row of :data:`tables.entry` names its block by the number of the block's first entry; what head office itself wrote,
and what an older program took, has its text in the row. What was erased stands in its block as ``null``.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any, cast

import msgspec
import sqlalchemy as sa
from msgspec import Raw

from insuragent.headoffice import tables
from insuragent.headoffice.database import Rows
from insuragent.models.journal import link_chain
from insuragent.sync.protocol import LARGEST_MESSAGE
from insuragent.sync.protocol.columns import Columns, ColumnsText, join, pick_text, text_of, turn, turn_back

#: A block has no more entries: a small page reads all of it.
MOST = 250
#: What stands in the place of a text that was erased.
GONE = Raw(b"null")


class Block(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed of a block: how many bytes the text of each entry has, and the entries in columns."""

    sizes: list[int]
    columns: ColumnsText


class _Whole(msgspec.Struct, frozen=True, array_like=True):
    """The same with every value."""

    sizes: list[int]
    columns: Columns


def packed(sizes: Sequence[int], columns: Columns) -> bytes:
    """A block as it is sealed."""
    return msgspec.json.encode(_Whole(list(sizes), columns))


def texts_of(block: bytes) -> list[Raw]:
    """The texts of all entries of a block, once it is unsealed."""
    return turn_back(msgspec.json.decode(block, type=_Whole).columns, LARGEST_MESSAGE)


class Texts:
    """The sealed texts of entries that were ``found``, wherever they lie."""

    def __init__(self, rows: Rows, found: Iterable[Any]) -> None:
        self._rows = rows
        wanted = {row.block for row in found if row.block is not None}
        self._kept = {(one.device, one.first): one for one in rows.among(tables.block.c.first, wanted)}
        self._blocks: dict[tuple[str, int], Block] = {}
        self._read: dict[tuple[str, int], list[Raw]] = {}

    def of(self, row: Any) -> bytes:
        """The text of an entry; empty when it was erased."""
        if row.block is None:
            return bytes(row.sealed.encode())
        return b"" if row.digest else bytes(self._all((row.device, row.block))[row.number - row.block])

    def sizes(self, same: Sequence[Any]) -> tuple[list[int], bool]:
        """How many bytes the texts of entries in one block have, and whether the last of them is the block's."""
        first, sizes = same[0].block, self._block((same[0].device, same[0].block)).sizes
        return [sizes[row.number - first] for row in same], same[-1].number - first == len(sizes) - 1

    def columns(self, found: Iterable[Any]) -> Columns:
        """Entries in columns, in their order, each column as a text: of a whole block nothing is read."""
        told: list[ColumnsText] = []
        for key, group in groupby(found, key=attrgetter("device", "block")):
            same = list(group)
            if key[1] is None:
                told.append(text_of(turn(Raw(row.sealed.encode()) for row in same)))
            elif len(same) == len((block := self._block(key)).sizes):
                told.append(block.columns)
            else:
                told.append(pick_text(block.columns, [row.number - key[1] for row in same]))
        return cast(Columns, join(told)) if told else turn(())

    def erase(self, found: Sequence[Any]) -> None:
        """Drop the texts of entries; their hashes stay, so that the chain of their device still verifies."""
        e = tables.entry.c
        for row in found:
            digest = sha256(self.of(row)).hexdigest()
            emptied = {"sealed": "", "digest": digest, "feed_number": None}
            self._rows.update(tables.entry, emptied, e.device == row.device, e.number == row.number)
        for key, group in groupby(sorted(_in_blocks(found)), key=lambda one: one[0]):
            texts = self._all(key)
            for _key, place in group:
                texts[place] = GONE
            sealed = packed([len(bytes(text)) for text in texts], turn(texts))
            kept = {"device": key[0], "first": key[1], "chain": self._kept[key].chain, "sealed": sealed}
            self._rows.upsert_many(tables.block, [kept])

    def chain_at(self, row: Any) -> str:
        """The hash of a device's journal at an entry, in hex."""
        if row.block is None:
            return str(row.chain)
        e = tables.entry.c
        same = self._rows.select(tables.entry, e.device == row.device, e.number.between(row.block, row.number))
        chain = bytes.fromhex(self._kept[row.device, row.block].chain)
        for one in self._rows.all(same.order_by(e.number)):
            chain = link_chain(chain, bytes.fromhex(one.digest) if one.digest else sha256(self.of(one)).digest())
        return chain.hex()

    def _block(self, key: tuple[str, int]) -> Block:
        if key not in self._blocks:
            self._blocks[key] = msgspec.json.decode(self._kept[key].sealed, type=Block)
        return self._blocks[key]

    def _all(self, key: tuple[str, int]) -> list[Raw]:
        if key not in self._read:
            self._read[key] = texts_of(self._kept[key].sealed)
        return self._read[key]


def knows(rows: Rows, number: int, chain: str) -> bool:
    """Whether a device's journal had this hash at this number, as far as it was taken here."""
    found = rows.all(rows.select(tables.entry, tables.entry.c.number == number))
    texts = Texts(rows, found)
    return any(texts.chain_at(row) == chain for row in found)


def _in_blocks(found: Iterable[sa.Row[Any]]) -> Iterator[tuple[tuple[str, int], int]]:
    return (((row.device, row.block), row.number - row.block) for row in found if row.block is not None)
