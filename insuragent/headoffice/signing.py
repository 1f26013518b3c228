"""Head office's own Ed25519 key: what it signs, every desk can prove. In the database it lies sealed."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from insuragent.errors import StoreDamaged, StoreMissing
from insuragent.headoffice import schema, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.sealing import WrongKey

_NAME = "signing"


class ServerKey:
    """The signing key; ``public_bytes`` (32) go to each desk when it enrols.

    ``private_key`` is for what wants the key itself: a day package is opened with its twin.
    """

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self.private_key = private_key
        self.public_bytes = private_key.public_key().public_bytes_raw()

    def derive(self, purpose: str) -> bytes:
        """A secret key of 32 bytes for another purpose."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(
            self.private_key.private_bytes_raw()
        )

    def sign(self, data: bytes) -> bytes:
        """The signature of ``data``, 64 bytes."""
        return self.private_key.sign(data)


def create_key(database: Database) -> None:
    """Make the key where there is none."""
    with database.begin(tables.OFFICE) as rows:
        if rows.find(tables.key, tables.key.c.name == _NAME) is None:
            made = Ed25519PrivateKey.generate().private_bytes_raw()
            rows.insert(tables.key, {"name": _NAME, "private_key": made})


def load_key(database: Database) -> ServerKey:
    """The key. Raises StoreMissing before ``headoffice init``, what :func:`schema.check` raises, and WrongKey."""
    schema.check(database)
    try:
        with database.read(tables.OFFICE) as rows:
            row = rows.find(tables.key, tables.key.c.name == _NAME)
    except StoreDamaged as error:
        raise WrongKey from error
    if row is None:
        raise StoreMissing(schema.NOT_FOUNDED, hint=schema.INIT_FIRST)
    return ServerKey(Ed25519PrivateKey.from_private_bytes(row.private_key))
