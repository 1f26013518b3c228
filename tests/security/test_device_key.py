"""The device's key: signs, stays with its computer, and is never readable without the data key."""

import json
from pathlib import Path

import keyring.errors
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from insuragent.errors import StoreDamaged
from insuragent.security import osring
from insuragent.security.device import FILE, DeviceKey, DeviceKeys
from tests.security.parts import MemoryRing

KEY = bytes(range(32))


def test_signatures_verify(tmp_path: Path) -> None:
    """What the device signs, head office verifies by the public half; anything else fails."""
    device = DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate())
    public = Ed25519PublicKey.from_public_bytes(device.public_bytes)
    public.verify(device.sign(b"push"), b"push")
    with pytest.raises(InvalidSignature):
        public.verify(device.sign(b"push"), b"pull")


def test_in_the_keyring(ring: MemoryRing, tmp_path: Path) -> None:
    """With a keyring the file holds only the public half, and the keyring's item alone opens nothing."""
    made = DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate())
    loaded = DeviceKeys(tmp_path, KEY).load()
    assert loaded is not None
    assert loaded.private_key.private_bytes_raw() == made.private_key.private_bytes_raw()
    file = json.loads((tmp_path / FILE).read_bytes())
    assert (file["place"], file["sealed"]) == ("keyring", "")
    (secret,) = ring.secrets.values()
    assert len(secret) <= osring.LARGEST
    with pytest.raises(StoreDamaged):
        _loaded_with(ring, tmp_path, bytes(32))


def _loaded_with(ring: MemoryRing, folder: Path, key: bytes) -> None:
    """Load by another data key, the item moved to where that key looks."""
    (secret,) = ring.secrets.values()
    other = DeviceKeys(folder, key)
    ring.secrets = {(osring.SERVICE, other._account): secret}
    other.load()


@pytest.mark.parametrize("error", [None, keyring.errors.KeyringLocked("locked")])
def test_in_a_file(ring: MemoryRing, tmp_path: Path, error: Exception | None) -> None:
    """Without a usable keyring the wrapped key lies in the profile, whatever becomes of the keyring later."""
    ring.error = error or keyring.errors.NoKeyringError("none")
    made = DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate())
    assert made.private_key.private_bytes_raw() not in (tmp_path / FILE).read_bytes()
    ring.error = None
    loaded = DeviceKeys(tmp_path, KEY).load()
    assert loaded is not None
    assert loaded.public_bytes == made.public_bytes
    with pytest.raises(StoreDamaged):
        DeviceKeys(tmp_path, bytes(32)).load()


def test_a_locked_keyring_is_not_a_lost_key(ring: MemoryRing, tmp_path: Path) -> None:
    """While it does not answer nobody must enrol again; once it does, the key is there."""
    made = DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate())
    ring.error = keyring.errors.KeyringLocked("locked")
    with pytest.raises(osring.RingUnavailable):
        DeviceKeys(tmp_path, KEY).load()
    ring.error = None
    loaded = DeviceKeys(tmp_path, KEY).load()
    assert loaded is not None
    assert loaded.public_bytes == made.public_bytes


def test_a_copied_profile_is_another_device(ring: MemoryRing, tmp_path: Path) -> None:
    """On a computer whose keyring knows nothing the copy has to be enrolled."""
    DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate())
    ring.secrets.clear()
    assert DeviceKeys(tmp_path, KEY).load() is None


def test_never_enrolled_and_deleted(ring: MemoryRing, tmp_path: Path) -> None:
    """No file: no device. Deleting leaves nothing, in the folder or the keyring, and may be repeated."""
    devices = DeviceKeys(tmp_path, KEY)
    assert devices.load() is None
    devices.keep(DeviceKey.generate())
    devices.delete()
    devices.delete()
    assert devices.load() is None
    assert ring.secrets == {}
    assert list(tmp_path.iterdir()) == []


def test_enrolling_again_replaces(ring: MemoryRing, tmp_path: Path) -> None:
    """The second key is the device's key; two profiles in one keyring keep theirs apart."""
    first, second = (
        DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate()),
        DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate()),
    )
    (tmp_path / "other").mkdir()
    DeviceKeys(tmp_path / "other", bytes(32)).keep(DeviceKey.generate())
    loaded = DeviceKeys(tmp_path, KEY).load()
    assert loaded is not None
    assert loaded.public_bytes == second.public_bytes != first.public_bytes
    assert len(ring.secrets) == 2


def test_every_altered_byte_is_refused(tmp_path: Path) -> None:
    """A changed file gives a damaged device or the same key, and the words say that the records are safe."""
    made = DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate())
    path = tmp_path / FILE
    whole = path.read_bytes()
    told = set()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            loaded = DeviceKeys(tmp_path, KEY).load()
        except StoreDamaged as error:
            told.add(error.advice)
            continue
        assert loaded is not None
        assert loaded.sign(b"x") == made.sign(b"x")
    assert len(told) == 1
    assert "资料完好" in told.pop()


def test_a_damaged_keyring_item_is_told(ring: MemoryRing, tmp_path: Path) -> None:
    """Something else in the keyring's place is damage, not a crash."""
    DeviceKeys(tmp_path, KEY).keep(DeviceKey.generate())
    for rubbish in ("not base64!", "", "AAAA"):
        ring.secrets = dict.fromkeys(ring.secrets, rubbish)
        with pytest.raises(StoreDamaged):
            DeviceKeys(tmp_path, KEY).load()
