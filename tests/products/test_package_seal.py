"""A package is what head office signed, byte for byte, from a folder or a zip; whatever else it may be is refused."""

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from insuragent.errors import BadFile
from insuragent.products import package_archive
from insuragent.products.package_archive import Files, open_files, pack, unpack
from insuragent.products.package_files import read_package, read_zip
from insuragent.products.package_seal import DEMO_KEY, MANIFEST, SIGNATURE, seal_faults
from insuragent.rules.policy import Policy
from tests.products.making import DEMO, changed, files, seal_key, sealed

OFFICE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def faults(made: Files) -> str:
    """What is said against the seal of a sample."""
    return "；".join(seal_faults(made, {"code": "DEMO-PWL", "version": "1.0", "sample": True}, [DEMO_KEY]))


def folder_of(made: Files, folder: Path) -> Path:
    for name, data in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_the_sample_key_is_the_one_that_is_bundled() -> None:
    """The public half in the program belongs to the sentence in the tool."""
    assert seal_key(DEMO).public == DEMO_KEY.public


def test_a_folder_and_its_zip_are_the_same_package(tmp_path: Path, policy: Policy) -> None:
    """Packed twice it is the same bytes; read from either it is the same package."""
    made = files()
    assert faults(made) == ""
    data = pack(made)
    assert data == pack(dict(reversed(made.items())))
    assert unpack(data, "a.zip") == made
    (tmp_path / "a.zip").write_bytes(data)
    from_zip = read_package(tmp_path / "a.zip", policy)
    assert from_zip == read_package(folder_of(made, tmp_path / "folder"), policy) == read_zip(data, policy, [DEMO_KEY])


@pytest.mark.parametrize("name", sorted(files()))
def test_any_changed_byte_is_noticed(name: str) -> None:
    """In every file, at its start, its end and places between, each bit on its own in turn."""
    made, chance = files(), random.Random(name)
    data = made[name]
    places = {0, len(data) - 1, *(chance.randrange(len(data)) for _ in range(20))}
    for place in places:
        broken = bytearray(data)
        broken[place] ^= 1 << chance.randrange(8)
        told = faults({**made, name: bytes(broken)})
        assert told, (name, place)
        assert name in (MANIFEST, SIGNATURE) or name in told


def test_what_is_not_listed_or_is_missing_is_named() -> None:
    """A file slipped in, one taken out, no seal at all: each is told."""
    made = files()
    assert "清单上没有文件 extra.txt" in faults({**made, "extra.txt": b"x"})
    assert "缺少文件 rates.csv" in faults({name: data for name, data in made.items() if name != "rates.csv"})
    for name in (MANIFEST, SIGNATURE):
        assert faults({other: data for other, data in made.items() if other != name}) == "产品包没有签名"
    assert MANIFEST in faults({**made, MANIFEST: b"[]"})
    assert "签名与清单不符" in faults({**made, SIGNATURE: b"zz"})
    assert "不一致" in faults(sealed(made, version="1.1"))


def test_only_head_office_signs(policy: Policy) -> None:
    """A key that nobody knows is refused, head office's is taken; the samples' key signs samples only."""
    made = sealed(files(), OFFICE)
    with pytest.raises(BadFile, match="不是总公司的"):
        read_zip(pack(made), policy, [DEMO_KEY])
    assert read_zip(pack(made), policy, [DEMO_KEY, seal_key(OFFICE)]).code == "DEMO-PWL"
    real = changed(files(), {"sample: true": "sample: false"})
    with pytest.raises(BadFile, match="演示密钥只能签署演示产品"):
        read_zip(pack(sealed(real)), policy, [DEMO_KEY])
    assert not read_zip(pack(sealed(real, OFFICE)), policy, [seal_key(OFFICE)]).sample


# --- zips made to harm -------------------------------------------------------------------------------------------


def zipped(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    """A zip of these members, in this order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a/../../b", "a\\b", "C:a", "./a", "a//b", ".hidden", "a/.b", "a\nb", "a" * 200, "a/"]
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    """No name is followed; it is named in a form that can be printed."""
    with pytest.raises(BadFile, match="不允许的文件名"):
        unpack(zipped((name, b"x")), "a.zip")


def test_links_doubles_and_ciphers_are_refused(tmp_path: Path) -> None:
    """What a zip can hold besides plain files; a link in a folder too."""
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with pytest.raises(BadFile, match="不允许的文件名"):
        unpack(zipped((link, b"/etc/passwd")), "a.zip")
    with pytest.warns(UserWarning, match="Duplicate"), pytest.raises(BadFile, match="出现了两次"):
        unpack(zipped(("a", b"1"), ("a", b"2")), "a.zip")
    secret = bytearray(zipped(("a", b"1")))
    secret[secret.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadFile, match="加密"):
        unpack(bytes(secret), "a.zip")
    folder = folder_of(files(), tmp_path / "p")
    (folder / "clauses.txt").unlink()
    (folder / "clauses.txt").symlink_to("/etc/hostname")
    with pytest.raises(BadFile, match="链接"):
        open_files(folder)


def test_bombs_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large unpacked, too many, or larger than it says, is refused before it fills the memory."""
    monkeypatch.setattr(package_archive, "LARGEST_PACKAGE", 1000)
    with pytest.raises(BadFile, match="展开后超过"):
        unpack(zipped(("a", b"0" * 1001)), "a.zip")
    with pytest.raises(BadFile, match="文件超过"):
        unpack(zipped(*((str(number), b"") for number in range(201))), "a.zip")
    lying = bytearray(zipped(("a", b"0" * 100_000)))
    struct.pack_into("<I", lying, lying.index(b"PK\x01\x02") + 24, 10)
    with pytest.raises(BadFile, match="不是产品包"):
        unpack(bytes(lying), "a.zip")
    monkeypatch.setattr(package_archive, "LARGEST_ZIP", 100)
    with pytest.raises(BadFile, match="过大"):
        unpack(bytes(101), "a.zip")


def test_what_is_no_zip_is_refused() -> None:
    """Empty, cut, or something else."""
    data = pack(files("DEMO-MED"))
    for broken in (b"", b"PK", data[:-9], data[:99]):
        with pytest.raises(BadFile, match="不是产品包"):
            unpack(broken, "a.zip")


def test_a_zip_with_any_byte_changed_is_refused_or_the_same(policy: Policy) -> None:
    """Around the files a zip has bytes that say nothing of them; where the files come out, they are as signed."""
    made = files("DEMO-MED")
    data, chance = pack(made), random.Random(4)
    refused = 0
    for _ in range(150):
        broken = bytearray(data)
        broken[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            read_zip(bytes(broken), policy, [DEMO_KEY])
        except BadFile:
            refused += 1
        else:
            assert unpack(bytes(broken), "a.zip") == made
    assert refused > 100


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A clear word; a folder without anything is no package either."""
    with pytest.raises(BadFile):
        open_files(tmp_path / "none.zip")
    assert open_files(tmp_path) == {}
