"""A package's files as bytes by name, from a folder or a zip that may have been made to harm; and back into a zip.

Nothing is ever unpacked onto the disk: what is asked for is looked up among the names.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from insuragent.errors import BadFile, NoAccess
from insuragent.i18n import N_, _

#: A package's files by their names, "/" between folders.
Files = Mapping[str, bytes]
#: The largest zip, which a desk keeps as one attachment; what it may hold, and how many files.
LARGEST_ZIP, LARGEST_PACKAGE, MOST_FILES = 20 * 1024**2, 64 * 1024**2, 200
_LONGEST_NAME = 120
_EPOCH = (1980, 1, 1, 0, 0, 0)
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
#: What the library raises over bytes that are no zip, or one that was tampered with.
_UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError,
    NotImplementedError, OverflowError,
)  # fmt: skip

_NO_PACKAGE = N_("文件 {name} 不是产品包")
_REFUSED = N_("产品包 {name} 不能使用：{faults}")


def open_files(path: Path) -> dict[str, bytes]:
    """The files of the package in a folder or zip at ``path``. Raises BadFile that names every fault of the outside."""
    if path.is_dir():
        return _folder(path)
    try:
        if path.stat().st_size > LARGEST_ZIP:
            raise BadFile(N_("文件过大，超过 {limit} MB"), limit=LARGEST_ZIP // 1024**2)
        data = path.read_bytes()
    except OSError as error:
        raise NoAccess(path.name) from error
    return unpack(data, path.name)


def unpack(data: bytes, name: str) -> dict[str, bytes]:
    """The files in the bytes of a zip; ``name`` is for the message. Raises BadFile as :func:`open_files`."""
    if len(data) > LARGEST_ZIP:
        raise BadFile(N_("文件过大，超过 {limit} MB"), limit=LARGEST_ZIP // 1024**2)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _refuse(name, _zip_faults(members))
            return {member.filename: _member(archive, member) for member in members}
    except _UNREADABLE as error:
        raise BadFile(_NO_PACKAGE, name=name) from error


def pack(files: Files) -> bytes:
    """The files as a zip: in the order of their names, without the time or the machine."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            archive.writestr(member, files[name])
    return target.getvalue()


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """One file's bytes, never more than it says it has: asked for all, the library would first unpack a bomb whole."""
    with archive.open(member) as file:
        data = file.read(member.file_size + 1)
    if len(data) != member.file_size:
        raise zipfile.BadZipFile
    return data


def _folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder; hidden ones, which systems leave behind, do not count."""
    paths = sorted(path for path in folder.rglob("*") if not path.name.startswith("."))
    names = {path: path.relative_to(folder).as_posix() for path in paths if path.is_symlink() or path.is_file()}
    faults = [_("{name} 是指向别处的链接").format(name=names[path]) for path in names if path.is_symlink()]
    faults += list(_size_faults(len(names), sum(path.stat().st_size for path in names if path.is_file())))
    _refuse(folder.name, faults)
    try:
        return {name: path.read_bytes() for path, name in names.items()}
    except OSError as error:
        raise NoAccess(folder.name) from error


def _zip_faults(members: list[zipfile.ZipInfo]) -> Iterable[str]:
    yield from _size_faults(len(members), sum(member.file_size for member in members))
    seen: set[str] = set()
    for member in members:
        told = member.filename.encode("unicode_escape").decode()[:_LONGEST_NAME]
        if not _plain_name(member):
            yield _("不允许的文件名 {name}").format(name=told)
        if member.filename in seen:
            yield _("文件 {name} 出现了两次").format(name=told)
        seen.add(member.filename)
        if member.compress_type not in _COMPRESSIONS or member.flag_bits & _ENCRYPTED:
            yield _("文件 {name} 是加密的，或者压缩方法不受支持").format(name=told)


def _size_faults(count: int, size: int) -> Iterable[str]:
    if count > MOST_FILES:
        yield _("文件超过 {most} 个").format(most=MOST_FILES)
    if size > LARGEST_PACKAGE:
        yield _("展开后超过 {limit} MB").format(limit=LARGEST_PACKAGE // 1024**2)


def _plain_name(member: zipfile.ZipInfo) -> bool:
    """Whether a name leads to a file inside and nowhere else, on any system; a link in a zip is no file."""
    name = member.orig_filename
    parts = PurePosixPath(name).parts
    is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
    odd = not name or len(name) > _LONGEST_NAME or any(sign in '\\:*?"<>|' or ord(sign) < 32 for sign in name)
    leads_out = name.startswith("/") or name != "/".join(parts) or any(part.startswith(".") for part in parts)
    return not (odd or leads_out or is_link)


def _refuse(name: str, faults: Iterable[str]) -> None:
    told = list(faults)
    if told:
        raise BadFile(_REFUSED, name=name, faults="；".join(told))
