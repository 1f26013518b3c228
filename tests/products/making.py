"""Packages made for a test: a sample's files, changed and sealed again."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from insuragent.products.package_archive import open_files
from insuragent.products.package_seal import SealKey, seal
from insuragent.settings import resource
from tools.make_catalogue import demo_key

DEMO = demo_key()


def files(code: str = "DEMO-PWL") -> dict[str, bytes]:
    """The files of a bundled sample."""
    return open_files(resource("catalogue") / code)


def changed(made: Mapping[str, bytes], changes: Mapping[str, str], file: str = "product.yaml") -> dict[str, bytes]:
    """The files with texts of one of them replaced; each must be there."""
    text = made[file].decode()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return {**made, file: text.encode()}


def sealed(
    made: Mapping[str, bytes], key: Ed25519PrivateKey = DEMO, code: str = "DEMO-PWL", version: str = "1.0"
) -> dict[str, bytes]:
    """The files under a seal of ``key``."""
    return seal(made, code, version, key.public_key().public_bytes_raw(), key.sign)


def seal_key(key: Ed25519PrivateKey) -> SealKey:
    """What a desk holds of a head office whose key this is."""
    return SealKey(key.public_key().public_bytes_raw())
