"""The vault: what a folder holds, the ways in, and how each is changed without losing another."""

import errno
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from insuragent.errors import (
    BadFile,
    DiskFull,
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreReadOnly,
    StoreTooNew,
    ValidationError,
    WrongPassphrase,
)
from insuragent.security import keys, osring
from insuragent.security.keys import KdfCost
from insuragent.security.vault import DATABASE, KEY_FILE, QuickUnlock, State, Vault
from tests.security.parts import ANOTHER, CHEAP, OPEN_SESAME, Clock, MemoryRing, open_vault

Made = tuple[Vault, bytes, str]


def test_first_run_to_second_day(vault: Vault, tmp_path: Path, clock: Clock) -> None:
    """An empty folder is a first run; what is created opens with its passphrase after a restart."""
    assert vault.state() is State.FIRST_RUN
    key, _code = vault.create(OPEN_SESAME)
    (tmp_path / DATABASE).write_bytes(b"records")
    again = open_vault(tmp_path, clock)
    assert again.state() is State.LOCKED
    assert again.unlock(OPEN_SESAME) == key
    assert len(key) == 32


def test_production_cost_is_the_default(tmp_path: Path) -> None:
    """Without an explicit cost the key file asks for the full one, for the passphrase and the recovery code."""
    key, _code = Vault(tmp_path).create(OPEN_SESAME)
    file = keys.read_key_file(tmp_path / KEY_FILE)
    assert file is not None
    assert file.passphrase.cost == file.recovery.cost == KdfCost()
    assert Vault(tmp_path).unlock(OPEN_SESAME) == key


@pytest.mark.parametrize("empty", [True, False])
def test_a_lost_database_is_never_a_first_run(made: Made, tmp_path: Path, empty: bool) -> None:
    """A key file beside a missing or emptied database is a loss: told as such, and nothing is made anew."""
    vault, key, _code = made
    (tmp_path / DATABASE).unlink()
    if empty:
        (tmp_path / DATABASE).touch()
    before = (tmp_path / KEY_FILE).read_bytes()
    assert vault.state() is State.MISSING_DATABASE
    for attempt in (vault.check, lambda: vault.create(ANOTHER), lambda: vault.unlock(OPEN_SESAME), vault.quick_unlock):
        with pytest.raises(StoreMissing) as caught:
            attempt()
        assert "密钥文件已原样保留" in caught.value.advice
    assert (tmp_path / KEY_FILE).read_bytes() == before
    assert vault.unlock(OPEN_SESAME, restoring=True) == key


@pytest.mark.parametrize("content", [b"", b"records"])
def test_a_lost_key_file_is_told_apart(vault: Vault, tmp_path: Path, content: bytes) -> None:
    """A database without its key file has its own words, and no new key file is put beside it."""
    (tmp_path / DATABASE).write_bytes(content)
    assert vault.state() is State.MISSING_KEY
    for attempt in (lambda: vault.unlock(OPEN_SESAME), lambda: vault.create(OPEN_SESAME), vault.damaged_slots):
        with pytest.raises(StoreMissing) as caught:
            attempt()
        assert "密钥文件缺失" in str(caught.value)
    assert not (tmp_path / KEY_FILE).exists()


def test_nothing_at_all_cannot_be_unlocked(vault: Vault) -> None:
    """On a first run there is nothing to open, and asking for it says so."""
    with pytest.raises(StoreMissing):
        vault.unlock(OPEN_SESAME)


def test_a_first_run_cut_short_may_be_repeated(vault: Vault, tmp_path: Path, clock: Clock) -> None:
    """Between key file and database nothing can be lost: the person simply begins again."""
    vault.create(OPEN_SESAME)
    again = open_vault(tmp_path, clock)
    assert again.state() is State.FIRST_RUN
    key, _code = again.create(ANOTHER)
    (tmp_path / DATABASE).write_bytes(b"records")
    assert again.unlock(ANOTHER) == key
    (tmp_path / DATABASE).unlink()
    assert again.state() is State.MISSING_DATABASE


def test_a_new_store_begins_without_a_wait(vault: Vault, tmp_path: Path, clock: Clock) -> None:
    """Slips at a store that is gone are not held against the one that replaces it."""
    (tmp_path / "attempts.json").write_bytes(b'{"failures": 9, "last": %d}' % clock.wall)
    assert vault.wait_seconds() == 64
    vault.create(OPEN_SESAME)
    assert vault.wait_seconds() == 0


def test_an_existing_store_is_not_initialised_again(made: Made, tmp_path: Path) -> None:
    """A second first run would throw the key away."""
    before = (tmp_path / KEY_FILE).read_bytes()
    with pytest.raises(StoreError, match="已经有一个资料夹"):
        made[0].create(ANOTHER)
    assert (tmp_path / KEY_FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("content", "state", "error"),
    [
        (b"", State.DAMAGED, StoreDamaged),
        (b"\0" * 1000, State.DAMAGED, StoreDamaged),
        (b'{"version": 1', State.DAMAGED, StoreDamaged),
        (b'{"version": 7}', State.TOO_NEW, StoreTooNew),
    ],
)
def test_a_damaged_key_file_is_told(
    made: Made, tmp_path: Path, content: bytes, state: State, error: type[StoreError]
) -> None:
    """Emptied, zeroed, cut or newer: the words say what is safe, and nothing is overwritten."""
    vault = made[0]
    (tmp_path / KEY_FILE).write_bytes(content)
    assert vault.state() is state
    for attempt in (lambda: vault.unlock(OPEN_SESAME), lambda: vault.create(ANOTHER), vault.check):
        with pytest.raises(error) as caught:
            attempt()
        assert caught.value.advice
    assert (tmp_path / KEY_FILE).read_bytes() == content


def test_a_key_file_that_may_not_be_read(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails to read is no damage and no first run."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "open", refuse)
    assert made[0].state() is State.UNREADABLE
    with pytest.raises(StoreError, match=r"store\.key"):
        made[0].check()


def test_wrong_passphrases_wait_and_the_right_one_forgives(made: Made, clock: Clock) -> None:
    """The error carries the wait; within it even the right passphrase is not looked at; after it, it opens."""
    vault, key, _code = made
    waits = []
    for guess in ("one", "two", "three", "four"):
        clock.pass_(vault.wait_seconds())
        with pytest.raises(WrongPassphrase) as caught:
            vault.unlock(guess)
        waits.append(caught.value.values["wait_seconds"])
    assert waits == [0, 0, 1, 2]
    with pytest.raises(WrongPassphrase):
        vault.unlock(OPEN_SESAME)
    clock.pass_(2)
    assert vault.unlock(OPEN_SESAME) == key
    assert vault.wait_seconds() == 0


def test_what_cannot_be_a_passphrase_is_no_try(made: Made) -> None:
    """An empty field or a NUL is told, and counts for nothing."""
    for typed in ("", "a\0b") * 5:
        with pytest.raises(ValidationError):
            made[0].unlock(typed)
    assert made[0].wait_seconds() == 0


@pytest.mark.parametrize(
    "passphrase", ["🐼🐉👩‍👩‍👧‍👦🥟🏮🧧🀄🎎", "مرحبا بالعالم كيف الحال", "河边" * 4990 + "的石头会唱歌abc"]
)
def test_any_script_opens(vault: Vault, tmp_path: Path, passphrase: str) -> None:
    """Emoji, right-to-left text and thousands of characters protect and open a store."""
    key, _code = vault.create(passphrase)
    (tmp_path / DATABASE).write_bytes(b"records")
    assert vault.unlock(passphrase) == key
    with pytest.raises(WrongPassphrase):
        vault.unlock(passphrase[:-1])


def test_a_weak_passphrase_protects_nothing(vault: Vault, made: Made) -> None:
    """Neither at first nor later; the refusal names the field and what would help."""
    _vault, _key, code = made
    for attempt in (
        lambda: vault.change_passphrase(OPEN_SESAME, "123456"),
        lambda: vault.recover(code, "床前明月光"),
        lambda: vault.recover_by_escrow(bytes(32), "password"),
    ):
        with pytest.raises(ValidationError) as caught:
            attempt()
        assert caught.value.problems["passphrase"]


def test_a_new_passphrase_changes_the_key_file_only(made: Made, tmp_path: Path) -> None:
    """The old one no longer opens, the key and the recovery code stay, the database is not touched."""
    vault, key, code = made
    before = (tmp_path / DATABASE).stat()
    vault.change_passphrase(OPEN_SESAME, ANOTHER)
    assert vault.unlock(ANOTHER) == key
    with pytest.raises(WrongPassphrase):
        vault.unlock(OPEN_SESAME)
    with pytest.raises(WrongPassphrase):
        vault.change_passphrase(OPEN_SESAME, OPEN_SESAME)
    assert vault.recover(code, OPEN_SESAME) == key
    assert (tmp_path / DATABASE).stat() == before
    assert {path.name for path in tmp_path.iterdir()} == {DATABASE, KEY_FILE}


def test_the_recovery_code_needs_no_wait_and_stays(made: Made, clock: Clock) -> None:
    """Whoever forgot the passphrase has tried often; the code opens at once, and again another time."""
    vault, key, code = made
    for _time in range(8):
        clock.pass_(vault.wait_seconds())
        with pytest.raises(WrongPassphrase):
            vault.unlock("forgotten")
    assert vault.recover(code.lower(), ANOTHER) == key
    assert vault.unlock(ANOTHER) == key
    assert vault.recover(code, OPEN_SESAME) == key


def test_a_renewed_recovery_code_replaces_the_old(made: Made) -> None:
    """After renewing, the lost paper opens nothing; a typing error is told before any derivation."""
    vault, key, old = made
    new = vault.renew_recovery(OPEN_SESAME)
    with pytest.raises(WrongPassphrase, match="恢复码不正确"):
        vault.recover(old, ANOTHER)
    assert vault.unlock(OPEN_SESAME) == key
    assert vault.recover(new, ANOTHER) == key
    with pytest.raises(ValidationError) as caught:
        vault.recover(new[:-1], ANOTHER)
    assert "recovery_code" in caught.value.problems


def test_a_damaged_passphrase_slot_leaves_the_recovery_code(made: Made, tmp_path: Path) -> None:
    """Damage is not called a wrong passphrase and costs no wait; the way that still opens is named and works."""
    vault, key, code = made
    path = tmp_path / KEY_FILE
    file = keys.read_key_file(path)
    assert file is not None
    other = keys.phrase_slot("passphrase", b"x", keys.new_key(), CHEAP)
    keys.write_key_file(path, _with(file, passphrase=other))
    assert vault.damaged_slots() == ["passphrase"]
    for _time in range(5):
        with pytest.raises(StoreDamaged) as caught:
            vault.unlock(OPEN_SESAME)
        assert "恢复码" in caught.value.advice
    assert vault.recover(code, ANOTHER) == key
    assert vault.damaged_slots() == []
    assert vault.unlock(ANOTHER) == key


def _with(file: keys.KeyFile, **changes: object) -> keys.KeyFile:
    import msgspec

    return msgspec.structs.replace(file, **changes)


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, DiskFull), (errno.EIO, StoreReadOnly)])
def test_a_failing_disk_leaves_the_old_passphrase(
    made: Made, monkeypatch: pytest.MonkeyPatch, number: int, error: type[StoreError]
) -> None:
    """A change that could not be written has not happened."""
    vault, key, code = made

    def fail(_handle: int) -> None:
        raise OSError(number, "no")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(error):
            vault.change_passphrase(OPEN_SESAME, ANOTHER)
        with pytest.raises(error):
            vault.renew_recovery(OPEN_SESAME)
        assert vault.unlock(OPEN_SESAME) == key
    assert vault.unlock(OPEN_SESAME) == key
    assert vault.recover(code, ANOTHER) == key


def test_a_folder_that_cannot_be_made(tmp_path: Path, clock: Clock) -> None:
    """A file in the folder's way is told as a folder that cannot be written."""
    (tmp_path / "profile").touch()
    with pytest.raises(StoreError):
        open_vault(tmp_path / "profile" / "deeper", clock).create(OPEN_SESAME)


def test_quick_unlock(made: Made, ring: MemoryRing, tmp_path: Path, clock: Clock) -> None:
    """Once enabled, the keyring opens without typing; the secret in it opens nothing without the file."""
    vault, key, _code = made
    assert vault.quick_unlock() is None
    assert vault.quick_unlock_state() is QuickUnlock.OFF
    vault.enable_quick_unlock(key)
    again = open_vault(tmp_path, clock)
    assert again.quick_unlock_state() is QuickUnlock.READY
    assert again.quick_unlock() == key
    assert key.hex() not in ring.secrets.values()
    again.change_passphrase(OPEN_SESAME, ANOTHER)
    assert again.quick_unlock() == key
    again.disable_quick_unlock()
    assert again.quick_unlock() is None
    assert ring.secrets == {}
    again.disable_quick_unlock()
    assert again.quick_unlock_state() is QuickUnlock.OFF


def test_two_profiles_share_a_keyring(made: Made, ring: MemoryRing, tmp_path: Path, clock: Clock) -> None:
    """Each store has its own place in the keyring, and no key is taken for another store's."""
    vault, key, _code = made
    other = open_vault(tmp_path / "second", clock)
    other_key, _code = other.create(ANOTHER)
    vault.enable_quick_unlock(key)
    other.enable_quick_unlock(other_key)
    assert (vault.quick_unlock(), other.quick_unlock()) == (key, other_key)
    assert len(ring.secrets) == 2
    with pytest.raises(ValueError, match="another store"):
        vault.enable_quick_unlock(other_key)
    with pytest.raises(ValueError, match="another store"):
        vault.add_escrow(other_key, bytes(32))


def test_without_a_keyring_all_else_works(made: Made) -> None:
    """No back end: enabling says so and changes nothing, the passphrase opens."""
    vault, key, _code = made
    with pytest.raises(osring.RingUnavailable) as caught:
        vault.enable_quick_unlock(key)
    assert "口令" in caught.value.advice
    assert vault.quick_unlock_state() is QuickUnlock.OFF
    assert vault.unlock(OPEN_SESAME) == key


def test_a_keyring_that_forgot_or_is_locked(made: Made, ring: MemoryRing) -> None:
    """The passphrase is asked for; turning quick unlock off works all the same."""
    import keyring.errors

    vault, key, _code = made
    vault.enable_quick_unlock(key)
    kept = dict(ring.secrets)
    ring.error = keyring.errors.KeyringLocked("locked")
    assert vault.quick_unlock() is None
    assert vault.quick_unlock_state() is QuickUnlock.UNAVAILABLE
    ring.error = None
    ring.secrets.clear()
    assert vault.quick_unlock() is None
    assert vault.quick_unlock_state() is QuickUnlock.LOST
    ring.secrets.update(dict.fromkeys(kept, "not hexadecimal"))
    assert vault.quick_unlock() is None
    ring.error = keyring.errors.KeyringLocked("locked")
    vault.disable_quick_unlock()
    ring.error = None
    ring.secrets.update(kept)
    assert vault.quick_unlock() is None
    assert vault.unlock(OPEN_SESAME) == key


def test_head_office_opens_what_was_escrowed(made: Made) -> None:
    """Its private key sets a new passphrase; another key, or none, opens nothing; a false public key is refused."""
    vault, key, _code = made
    office = X25519PrivateKey.generate()
    with pytest.raises(WrongPassphrase, match="托管"):
        vault.recover_by_escrow(office.private_bytes_raw(), ANOTHER)
    for false in (bytes(32), b"short"):
        with pytest.raises(BadFile):
            vault.add_escrow(key, false)
    vault.add_escrow(key, office.public_key().public_bytes_raw())
    with pytest.raises(WrongPassphrase):
        vault.recover_by_escrow(X25519PrivateKey.generate().private_bytes_raw(), ANOTHER)
    assert vault.recover_by_escrow(office.private_bytes_raw(), ANOTHER) == key
    assert vault.unlock(ANOTHER) == key


def test_a_withdrawn_device_opens_no_more(made: Made, ring: MemoryRing, tmp_path: Path) -> None:
    """After destruction no way is left, in the folder or the keyring, and it does not pass for a first run."""
    vault, key, code = made
    vault.enable_quick_unlock(key)
    wrapped = (tmp_path / KEY_FILE).read_bytes()
    (tmp_path / f".{KEY_FILE}.new").write_bytes(wrapped)
    vault.destroy()
    assert ring.secrets == {}
    assert [path.name for path in tmp_path.iterdir()] == [DATABASE]
    assert vault.state() is State.MISSING_KEY
    with pytest.raises(StoreMissing):
        vault.recover(code, ANOTHER)
    vault.destroy()
    assert vault.state() is State.MISSING_KEY
