"""Messages: what one side packs the other unpacks; anything else is refused before it costs anything."""

import tracemalloc
import uuid

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from insuragent.errors import Refused
from insuragent.models import RECORDS, Entry
from insuragent.models.base import utc_now
from insuragent.models.fields import fields_of, to_wire
from insuragent.sync import codec
from insuragent.sync.protocol import (
    LARGEST_MESSAGE,
    Answer,
    Hello,
    Push,
    PushEntry,
    SealedEntry,
    decode,
    pack,
    unpack,
)
from insuragent.sync.protocol.devices import plain_code
from tests.factories import values

BOMB = zstandard.compress(b"0" * (LARGEST_MESSAGE + 1), 19)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    """Sixty-four megabytes in a few kilobytes: neither the time nor the memory is spent."""
    assert len(BOMB) < 10_000
    tracemalloc.start()
    with pytest.raises(Refused) as told:
        unpack(BOMB, Hello)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told.value.code == "bad_message"
    assert peak < 1024**2


def test_a_bomb_that_hides_its_size_is_refused() -> None:
    """A frame without its size is not ours."""
    hidden = zstandard.ZstdCompressor(level=19, write_content_size=False).compress(b"0" * 10_000_000)
    with pytest.raises(Refused):
        unpack(hidden, Hello)


@given(st.binary(max_size=300))
def test_rubbish_is_refused_by_its_code(body: bytes) -> None:
    """Whatever comes, packed or not, is a message or a refusal."""
    for told in (body, zstandard.compress(body)):
        with pytest.raises(Refused) as refused:
            unpack(told, Hello)
        assert refused.value.code == "bad_message"


@given(st.integers(0, len(pack(Hello(1, 1, "x"))) - 1))
def test_half_a_message_is_refused(length: int) -> None:
    """A message that was cut off is no message."""
    with pytest.raises(Refused):
        unpack(pack(Hello(1, 1, "x"))[:length], Hello)


@pytest.mark.parametrize(
    "told",
    [
        b'{"newest":-1,"settled":0,"now":""}',
        b'{"newest":9007199254740993,"settled":0,"now":""}',
        b'{"newest":1.5,"settled":0,"now":""}',
        b'{"newest":true,"settled":0,"now":""}',
        b'{"settled":0,"now":""}',
        b'{"newest":1,"settled":0,"now":"' + b"x" * 41 + b'"}',
        b"[" * 100_000,
    ],
)
def test_values_out_of_bounds_are_refused(told: bytes) -> None:
    """Every number and text of a message has its bounds."""
    with pytest.raises(Refused):
        decode(told, Hello)


def test_a_newer_desk_may_say_more() -> None:
    """Fields that we do not know are passed over."""
    assert decode(b'{"newest":2,"settled":1,"now":"","mood":"good"}', Hello).newest == 2


def test_an_entry_travels_as_it_was_sealed() -> None:
    """What head office hashes is, byte for byte, what the journal's digest covers."""
    entry = Entry(
        number=1,
        id=uuid.uuid4(),
        at=utc_now(),
        deed="create",
        kind="customer",
        record_id=uuid.uuid4(),
        changes={"name": [None, "王𬭎"], "b": [None, {"z": 1, "a": [1, None]}]},
        reason="",
        actor_id=None,
        device_id="d",
        version="1",
    )
    pushed = unpack(pack(Push([PushEntry(0, msgspec.Raw(entry.sealed()))])), Push).entries[0]
    assert bytes(pushed.sealed) == entry.sealed()
    told = decode(pushed.sealed, SealedEntry)
    assert (told.id, told.record_id, told.changes) == (entry.id, entry.record_id, entry.changes)
    assert codec.moment(told.at) == entry.at


@given(st.data())
def test_every_field_of_every_type_survives_the_wire(data: st.DataObject) -> None:
    """Typed, sent, packed, unpacked, typed again: equal, for all that a form could hold."""
    record_type = data.draw(st.sampled_from(list(RECORDS.values())))
    given_values = {name: data.draw(values(field)) for name, field in fields_of(record_type).items()}
    sent = {name: to_wire(value) for name, value in given_values.items()}
    wire = msgspec.json.decode(msgspec.json.encode(sent))
    found = codec.values_of(record_type, wire)
    assert found.unknown == {}
    assert found.known == given_values


def test_answers_are_small() -> None:
    """A thousand answers weigh little: they go with every push."""
    answers = [Answer(number, uuid.uuid4(), "accepted", 1) for number in range(1, 1001)]
    assert len(zstandard.compress(msgspec.json.encode(answers))) < 40_000


@pytest.mark.parametrize("typed", ["ABCD-EFGH", "abcd efgh", " Abcd–EFGH "])
def test_codes_are_read_as_people_type_them(typed: str) -> None:
    """Case, blanks and dashes do not matter."""
    assert plain_code(typed) == "ABCDEFGH"
