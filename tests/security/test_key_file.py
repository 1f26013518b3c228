"""The key file: what opens it, what does not, and what is done with a damaged or hostile one."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.errors import StoreDamaged, StoreTooNew
from insuragent.security import keys
from insuragent.security.keys import KdfCost, KeyFile
from tests.security.parts import CHEAP

PHRASE, CODE, KEK = b"phrase", b"code", bytes(range(32))


@pytest.fixture(scope="module")
def office() -> X25519PrivateKey:
    """Head office's escrow key."""
    return X25519PrivateKey.generate()


@pytest.fixture(scope="module")
def key() -> bytes:
    """The data key."""
    return keys.new_key()


@pytest.fixture(scope="module")
def file(key: bytes, office: X25519PrivateKey) -> KeyFile:
    """A key file with a slot of every kind."""
    return KeyFile(
        store=keys.store_id(key),
        founded=True,
        passphrase=keys.phrase_slot("passphrase", PHRASE, key, CHEAP),
        recovery=keys.phrase_slot("recovery", CODE, key, CHEAP),
        keyring=keys.keyring_slot("unlock:x", KEK, key),
        escrow=keys.escrow_slot(office.public_key().public_bytes_raw(), key),
    )


def test_a_guess_costs_what_was_decided() -> None:
    """The production cost is 64 MiB, three passes and four lanes; only tests pay less, and say so."""
    assert KdfCost() == KdfCost(iterations=3, memory_kib=64 * 1024, lanes=4)


def test_every_slot_opens_to_the_same_key(file: KeyFile, key: bytes, office: X25519PrivateKey, tmp_path: Path) -> None:
    """The file survives writing and reading, and each of its four ways leads to the data key."""
    path = tmp_path / "store.key"
    keys.write_key_file(path, file)
    read = keys.read_key_file(path)
    assert read == file
    assert keys.open_phrase_slot(read, "passphrase", PHRASE) == key
    assert keys.open_phrase_slot(read, "recovery", CODE) == key
    assert keys.open_keyring_slot(read, KEK) == key
    assert keys.open_escrow_slot(read, office) == key
    assert keys.damaged_slots(read) == []
    assert path.stat().st_mode & 0o077 == 0
    assert key not in path.read_bytes()


def test_nothing_else_opens_it(file: KeyFile) -> None:
    """A wrong phrase, another slot's phrase, another keyring secret, another office: none opens."""
    assert keys.open_phrase_slot(file, "passphrase", b"Phrase") is None
    assert keys.open_phrase_slot(file, "passphrase", CODE) is None
    assert keys.open_keyring_slot(file, bytes(32)) is None
    assert keys.open_keyring_slot(file, b"short") is None
    assert keys.open_escrow_slot(file, X25519PrivateKey.generate()) is None


def test_absent_slots_open_nothing(file: KeyFile, office: X25519PrivateKey) -> None:
    """Without a keyring or escrow slot these ways are closed."""
    bare = msgspec.structs.replace(file, keyring=None, escrow=None)
    assert keys.open_keyring_slot(bare, KEK) is None
    assert keys.open_escrow_slot(bare, office) is None
    assert keys.damaged_slots(bare) == []


def test_a_slot_is_bound_to_its_place_store_and_cost(file: KeyFile) -> None:
    """Moving a slot elsewhere, into another store, or cheapening it makes it worthless."""
    cheaper = msgspec.structs.replace(file.passphrase, cost=KdfCost(iterations=2, memory_kib=8, lanes=1))
    other = keys.store_id(keys.new_key())
    for altered in (
        msgspec.structs.replace(file, passphrase=file.recovery),
        msgspec.structs.replace(file, passphrase=cheaper),
        msgspec.structs.replace(file, store=other),
    ):
        for phrase in (PHRASE, CODE):
            with pytest.raises(StoreDamaged):
                keys.open_phrase_slot(altered, "passphrase", phrase)


def test_a_recipient_swapped_in_the_file_gets_nothing(file: KeyFile) -> None:
    """Writing one's own public key into the escrow slot does not make it open."""
    thief = X25519PrivateKey.generate()
    assert file.escrow is not None
    swapped = msgspec.structs.replace(file.escrow, recipient=thief.public_key().public_bytes_raw())
    with pytest.raises(StoreDamaged):
        keys.open_escrow_slot(msgspec.structs.replace(file, escrow=swapped), thief)
    nowhere = msgspec.structs.replace(swapped, ephemeral=bytes(32))
    with pytest.raises(StoreDamaged):
        keys.open_escrow_slot(msgspec.structs.replace(file, escrow=nowhere), thief)


def test_no_escrow_to_a_key_that_nobody_holds(key: bytes) -> None:
    """A point of small order would make the wrapping key known to all."""
    with pytest.raises(ValueError, match="Error computing shared key"):
        keys.escrow_slot(bytes(32), key)


def test_every_flipped_bit_is_refused_or_harmless(
    file: KeyFile, key: bytes, office: X25519PrivateKey, tmp_path: Path
) -> None:
    """Whatever one bit of the file changes to, each way gives the data key or a store error, never another key."""
    path = tmp_path / "store.key"
    keys.write_key_file(path, file)
    whole = path.read_bytes()
    refused = 0
    for place in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            try:
                read = keys.read_key_file(path)
            except (StoreDamaged, StoreTooNew):
                refused += 1
                continue
            assert read is not None
            refused += sum(answer is None for answer in _answers(read, office, key))
    assert refused > 4 * len(whole)


def _answers(file: KeyFile, office: X25519PrivateKey, key: bytes) -> list[bytes | None]:
    """What each way gives; a slot that raised or lost its owner gives None. Any key but the right one is a failure."""
    answers: list[bytes | None] = []
    ways: list[Callable[[], bytes | None]] = [
        lambda: keys.open_phrase_slot(file, "passphrase", PHRASE),
        lambda: keys.open_phrase_slot(file, "recovery", CODE),
        lambda: keys.open_keyring_slot(file, KEK),
        lambda: keys.open_escrow_slot(file, office),
    ]
    for way in ways:
        try:
            answers.append(way())
        except StoreDamaged:
            answers.append(None)
    assert set(answers) <= {key, None}
    if None in answers:
        assert keys.damaged_slots(file) or file.keyring is None or file.escrow is None
    return answers


def test_every_cut_is_refused(file: KeyFile, tmp_path: Path) -> None:
    """A file cut anywhere within its content, emptied included, is damaged: never half understood."""
    path = tmp_path / "store.key"
    keys.write_key_file(path, file)
    whole = path.read_bytes().rstrip()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(StoreDamaged) as caught:
            keys.read_key_file(path)
        assert "备份" in caught.value.advice


@given(data=st.binary(max_size=200))
@settings(deadline=None)
def test_any_other_bytes_are_damage(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever stands in the file, reading it ends with words for a person."""
    path = tmp_path_factory.getbasetemp() / "any.key"
    path.write_bytes(data)
    with pytest.raises((StoreDamaged, StoreTooNew)):
        keys.read_key_file(path)


@pytest.mark.parametrize(
    "cost",
    [
        {"iterations": 3, "memory_kib": 2**30, "lanes": 4},
        {"iterations": 10**9, "memory_kib": 65536, "lanes": 4},
        {"iterations": 3, "memory_kib": 65536, "lanes": 10**6},
        {"iterations": 0, "memory_kib": 65536, "lanes": 4},
        {"iterations": 3, "memory_kib": 8, "lanes": 4},
        {"iterations": 3, "memory_kib": -1, "lanes": 4},
        {"iterations": 3, "memory_kib": 1e300, "lanes": 4},
    ],
)
def test_a_hostile_cost_is_not_paid(file: KeyFile, tmp_path: Path, cost: dict[str, float]) -> None:
    """A file that asks for a terabyte of memory, or a year, is refused when it is read."""
    content = msgspec.to_builtins(file)
    content["passphrase"]["cost"] = cost
    path = tmp_path / "store.key"
    path.write_bytes(msgspec.json.encode(content))
    with pytest.raises(StoreDamaged):
        keys.read_key_file(path)


def test_a_large_file_or_a_folder_is_damage(tmp_path: Path) -> None:
    """A terabyte in the key file's place is not read into memory; a folder there is no key file either."""
    large = tmp_path / "large"
    with large.open("wb") as sparse:
        sparse.truncate(2**40)
    for path in (large, tmp_path):
        with pytest.raises(StoreDamaged):
            keys.read_key_file(path)


def test_a_newer_file_is_told_as_such(file: KeyFile, tmp_path: Path) -> None:
    """A file of a newer program, with or without fields unknown here, is not called damaged."""
    path = tmp_path / "store.key"
    content = {**msgspec.to_builtins(file), "version": 2}
    for newer in (content, {**content, "hardware": {"slot": 1}}):
        path.write_bytes(msgspec.json.encode(newer))
        with pytest.raises(StoreTooNew):
            keys.read_key_file(path)


def test_derived_keys_are_apart() -> None:
    """One purpose, one key, the same each time; none is the data key."""
    key = bytes(32)
    derived = [keys.derive(key, purpose) for purpose in ("attachments", "journal anchor", "device key")]
    assert len({key, *derived}) == 4
    assert {len(one) for one in derived} == {32}
    assert keys.derive(key, "attachments") == derived[0]
    assert keys.derive(bytes([1] * 32), "attachments") != derived[0]
