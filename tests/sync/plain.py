"""A desk's file as whoever holds its key can read it: every page, used or free, and what the log still has."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from insuragent.services.desk import Desk

#: SQLCipher 4: pages of 4096 bytes that end with an initialisation vector and an HMAC; the first begins with a salt.
_PAGE, _RESERVED, _VECTOR, _SALT = 4096, 80, 16, 16
_LOG_HEADER, _FRAME_HEADER = 32, 24


def text_of(desk: Desk) -> bytes:
    """Every byte of the desk's database and its write-ahead log, decrypted, and of the files beside it."""
    database = desk.profile.database
    raw = database.read_bytes()
    found = [_page(desk.key, raw[at : at + _PAGE], is_first=at == 0) for at in range(0, len(raw), _PAGE)]
    log = database.with_name(f"{database.name}-wal")
    frames = log.read_bytes() if log.exists() else b""
    for at in range(_LOG_HEADER, len(frames), _FRAME_HEADER + _PAGE):
        is_first = frames[at : at + 4] == b"\0\0\0\1"
        found.append(_page(desk.key, frames[at + _FRAME_HEADER : at + _FRAME_HEADER + _PAGE], is_first=is_first))
    return b"".join(found)


def _page(key: bytes, page: bytes, *, is_first: bool) -> bytes:
    start = _SALT if is_first else 0
    vector = page[-_RESERVED : -_RESERVED + _VECTOR]
    plain = Cipher(algorithms.AES256(key), modes.CBC(vector)).decryptor()
    return plain.update(page[start:-_RESERVED]) + plain.finalize()
