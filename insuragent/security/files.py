"""Small secret files: read with a bound, written whole or not at all, readable by their owner only."""

import errno
import os
from pathlib import Path

from insuragent.errors import DiskFull, StoreDamaged, StoreError, StoreReadOnly
from insuragent.i18n import N_

#: No file of ours here comes near; anything larger was not written by us and is not read into memory.
LARGEST = 64 * 1024


def read(path: Path) -> bytes | None:
    """The file's bytes; None when it is not there.

    Raises StoreDamaged for more than 64 KiB or something that is no file, StoreError when reading is denied.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise StoreDamaged from error
    except OSError as error:
        hint = N_("请检查该文件的权限，或磁盘是否正常。资料没有改变。")
        raise StoreError(N_("无法读取文件 {file}"), hint=hint, file=path.name) from error
    if len(data) > LARGEST:
        raise StoreDamaged
    return data


def write(path: Path, data: bytes) -> None:
    """Replace the file: after a crash or a power cut it holds all of the old or all of the new bytes.

    Raises DiskFull or StoreReadOnly; the old file then stands as it was.
    """
    # One fixed name: what an interrupted write left behind is overwritten, wrapped keys do not pile up.
    fresh = leftover(path)
    try:
        with open(fresh, "wb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _settle(path.parent)
    except OSError as error:
        raise (DiskFull() if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreReadOnly()) from error


def shred(path: Path) -> None:
    """Overwrite the file and remove it; nothing happens when it is not there. Raises StoreReadOnly.

    Flash storage may keep an old copy all the same: what matters in these files is wrapped besides.
    """
    try:
        for file in (path, leftover(path)):
            if file.exists():
                with file.open("r+b") as old:
                    old.write(bytes(file.stat().st_size))
                    old.flush()
                    os.fsync(old.fileno())
                file.unlink()
        _settle(path.parent)
    except OSError as error:
        raise StoreReadOnly from error


def leftover(path: Path) -> Path:
    """Where the new content of ``path`` stands until it is complete."""
    return path.with_name(f".{path.name}.new")


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _settle(folder: Path) -> None:
    """Make a rename or removal in ``folder`` outlast a power cut; Windows needs no asking."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
