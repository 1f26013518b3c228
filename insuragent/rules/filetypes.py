"""What a file is, told by its content: an attachment must be of a kind that is looked at and never runs."""

import io
import json
import zipfile
from collections.abc import Callable

from insuragent.i18n import N_

#: The largest attachment in bytes (data dictionary: visit.attachments <= 20 MB each).
LARGEST = 20 * 1024 * 1024
#: Why a file is not taken: stable codes, and words for people on both sides.
REASONS = {
    "file_empty": N_("文件是空的"),
    "file_too_large": N_("附件超过 20 MB"),
    "file_type": N_("不接受这种文件：只接受 PDF、图片、录音、录像、文本和不含宏的 Office 文件"),
    "file_macro": N_("文件里有宏或可执行的内容"),
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: The folder in an Office file that tells which program it belongs to.
_OFFICE_FOLDERS = {
    "word/": _OFFICE + "wordprocessingml.document",
    "xl/": _OFFICE + "spreadsheetml.sheet",
    "ppt/": _OFFICE + "presentationml.presentation",
}
#: What an archive (a product package) may hold, by the ends of its names.
_PACKED = (".yaml", ".csv", ".json", ".md", ".txt", ".pdf", ".sig", "signature")
#: An archive's table of contents may name so many files, and a part that is looked into may be so long.
_MOST_NAMES, _LONGEST_PART = 2000, 1024 * 1024
_SIGNS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("application/pdf", lambda data: data.startswith(b"%PDF-")),
    ("image/png", lambda data: data.startswith(b"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", lambda data: data.startswith(b"\xff\xd8\xff")),
    ("image/webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP"),
    ("image/heic", lambda data: data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1")),
    ("audio/wav", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WAVE"),
    ("audio/mp4", lambda data: data[4:12] == b"ftypM4A "),
    ("video/mp4", lambda data: data[4:8] == b"ftyp"),
    ("audio/mpeg", lambda data: data.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"))),
    ("audio/amr", lambda data: data.startswith(b"#!AMR")),
    ("audio/ogg", lambda data: data.startswith(b"OggS")),
)


def kind_of(data: bytes) -> str:
    """The media type of a file that may be attached; "" for any other.

    Nothing is believed of a name or of what the sender says.
    """
    for media, shown in _SIGNS:
        if shown(data):
            return media
    if data.startswith(b"PK\x03\x04"):
        return _packed(data)
    return _plain(data)


def fault(data: bytes) -> str:
    """Why a file may not be attached, a code of REASONS; "" when it may."""
    if not data:
        return "file_empty"
    if len(data) > LARGEST:
        return "file_too_large"
    if kind_of(data):
        return ""
    return "file_macro" if _runs(data) else "file_type"


def _packed(data: bytes) -> str:
    """An Office file without macros, or a product package."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _has_macros(archive):
                return ""
            names = archive.namelist()
            if "[Content_Types].xml" in names:
                return next((media for folder, media in _OFFICE_FOLDERS.items() if _in(folder, names)), "")
            return "application/zip" if all(_may_be_packed(name) for name in names) else ""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError):
        return ""


def _has_macros(archive: zipfile.ZipFile) -> bool:
    """Whether an Office file carries a program; no sniffer of file types tells a ``.docm`` from a ``.docx``."""
    listed = archive.infolist()
    if len(listed) > _MOST_NAMES or any(one.flag_bits & 1 for one in listed):
        return True
    names = [one.filename.lower() for one in listed]
    if any("vbaproject" in name or "activex/" in name or "/embeddings/" in name for name in names):
        return True
    if "[content_types].xml" not in names:
        return False
    with archive.open(listed[names.index("[content_types].xml")]) as types:
        return b"macroenabled" in types.read(_LONGEST_PART).lower()


def _in(folder: str, names: list[str]) -> bool:
    return any(name.startswith(folder) for name in names)


def _may_be_packed(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." not in parts and not name.startswith("/") and (name.endswith("/") or name.endswith(_PACKED))


def _plain(data: bytes) -> str:
    """JSON, or text without control characters and markup that a program would follow."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""
    if any(sign < " " and sign not in "\t\r\n\f" for sign in text):
        return ""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return "text/plain"
        return "application/json"
    return "" if start == "<" or text.startswith("#!") else "text/plain"


def _runs(data: bytes) -> bool:
    if data.startswith((b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xd0\xcf\x11\xe0")):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _has_macros(archive)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError):
        return False
