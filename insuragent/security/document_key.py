"""The key that seals a desk's signed documents: P-256, which every reader of PDF files can check."""

import hashlib
from functools import cached_property

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from insuragent.security.keys import derive

#: The order of the curve's group (FIPS 186-5; SEC 2, secp256r1).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class DocumentKey:
    """Derived from the data key, so that a restored backup seals with the same key and no keyring is needed."""

    def __init__(self, key: bytes) -> None:
        """``key`` is the data key, 32 bytes."""
        self._seeds = derive(key, "document signing 1") + derive(key, "document signing 2")

    @cached_property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The private half."""
        # 512 bits reduced to 256 leave no bias that could matter (FIPS 186-5, A.2.1).
        return ec.derive_private_key(int.from_bytes(self._seeds) % (_ORDER - 1) + 1, ec.SECP256R1())

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the public half, in hex: by it a seal is known to be this desk's."""
        form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(self.private_key.public_key().public_bytes(*form)).hexdigest()
