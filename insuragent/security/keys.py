"""Keys from the data key: one for each purpose, none of which tells anything of another."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for ``purpose`` from the 32-byte data key, by HKDF-SHA256."""
    return HKDF(SHA256(), 32, salt=None, info=f"insuragent {purpose}".encode()).derive(key)
