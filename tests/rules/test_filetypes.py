"""What may be attached: told by the content alone, whatever a name says."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insuragent.rules import filetypes

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def packed(**files: str | bytes) -> bytes:
    """An archive of files by name; ``__`` stands for ``/`` and ``_dot_`` for a dot."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return target.getvalue()


def office_file(types: str = "<Types/>", **more: str | bytes) -> bytes:
    """The least that is a Word file, and what is added to it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", "<w:document/>")
        for name, data in more.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (b"%PDF-1.7\n%", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic....", "image/heic"),
        (b"RIFF1234WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x20ftypM4A ....", "audio/mp4"),
        (b"\0\0\0\x20ftypisom....", "video/mp4"),
        (b"ID3\x03....", "audio/mpeg"),
        (b"#!AMR\n....", "audio/amr"),
        (b"OggS....", "audio/ogg"),
        ("客户说：“可以”。\n".encode(), "text/plain"),
        (b'[{"x": 1}]', "application/json"),
        (b"{not json", "text/plain"),
        (office_file(), WORD),
        (packed(package_dot_yaml="a: 1", rates_dot_csv="1"), "application/zip"),
    ],
)
def test_what_may_be_attached(data: bytes, media: str) -> None:
    """Documents, pictures, recordings, texts, and packages of products."""
    assert filetypes.kind_of(data) == media
    assert filetypes.fault(data) == ""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"%PDF-" + bytes(filetypes.LARGEST), "file_too_large"),
        (b"MZ\x90\0", "file_macro"),
        (b"\x7fELF\2\1", "file_macro"),
        (b"#!/bin/sh\necho", "file_macro"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_macro"),  # the old Office formats cannot be looked into
        (b"<html><script>1</script></html>", "file_type"),
        (b"<svg onload='x'/>", "file_type"),
        (b"\0\1\2\3", "file_type"),
        (b"\x1b[2J", "file_type"),
        (office_file(word__vbaProject_dot_bin=b"x"), "file_macro"),
        (office_file(types="<Override ContentType='application/vnd.ms-word.macroEnabled.main+xml'/>"), "file_macro"),
        (office_file(word__activeX__activeX1_dot_xml="x"), "file_macro"),
        (office_file(word__embeddings__oleObject1_dot_bin=b"x"), "file_macro"),
        (packed(run_dot_exe=b"MZ"), "file_type"),
        (packed(**{".._dot_yaml".replace("_dot_", "/x."): "a"}), "file_type"),
    ],
)  # fmt: skip
def test_what_may_not(data: bytes, code: str) -> None:
    """Whatever runs, or what nobody can look into."""
    assert filetypes.fault(data) == code
    assert filetypes.REASONS[code]


@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    """Never an error; behind the sign of an archive too."""
    assert filetypes.fault(data) in ("", *filetypes.REASONS)
    assert filetypes.fault(b"PK\x03\x04" + data) in ("", *filetypes.REASONS)
