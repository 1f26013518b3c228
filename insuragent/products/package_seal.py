"""The seal of a package: a manifest with each file's SHA-256, signed with Ed25519 by head office (RFC 8032)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from insuragent.i18n import _
from insuragent.products.package_archive import Files

MANIFEST, SIGNATURE = "manifest.json", "signature"
#: The form of the manifest; a program that does not know a form refuses the package.
FORMAT = 1
#: What is signed begins so, lest a signature made for another end be taken for this one.
_PURPOSE = b"insuragent product package\0"

_Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which package this is, whose key signs it, and what each of its files hashes to."""

    format: Annotated[int, Meta(ge=FORMAT, le=FORMAT)]
    code: str
    version: str
    key_id: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    files: dict[str, _Digest]


@dataclass(frozen=True)
class SealKey:
    """A public key (32 bytes) that packages may be signed with; one that is only for demonstrations signs no others."""

    public: bytes
    samples_only: bool = False

    @property
    def id(self) -> str:
        """By which a manifest names the key."""
        return key_id(self.public)


#: The key of the bundled samples. Its private half is no secret: tools/make_catalogue.py makes it from a sentence.
DEMO_KEY = SealKey(bytes.fromhex("4d39d286849f8b3447e6f68f47e3a5d019a19de157a30ffd73d341b89656b450"), samples_only=True)


def key_id(public: bytes) -> str:
    """The first 16 hex digits of the key's SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def seal(files: Files, code: str, version: str, public: bytes, sign: Callable[[bytes], bytes]) -> dict[str, bytes]:
    """``files`` with manifest and signature; ``sign`` makes the 64 bytes that the ``public`` key proves."""
    plain = {name: data for name, data in files.items() if name not in (MANIFEST, SIGNATURE)}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(plain.items())}
    told = msgspec.json.encode(Manifest(FORMAT, code, version, key_id(public), digests))
    manifest = msgspec.json.format(told, indent=1) + b"\n"
    return {**plain, MANIFEST: manifest, SIGNATURE: sign(_PURPOSE + manifest).hex().encode() + b"\n"}


def content_hash(files: Files) -> str:
    """SHA-256 over the names and bytes of a package's files, whoever signed them: what a sheet names as its package."""
    digest = hashlib.sha256()
    for name in sorted(files):
        if name not in (MANIFEST, SIGNATURE):
            digest.update(f"{name}\0{hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return digest.hexdigest()


def seal_faults(files: Files, told: Mapping[str, object], keys: Iterable[SealKey]) -> Iterable[str]:
    """What is wrong with the seal of a package whose product.yaml says ``told``; nothing when all is proven."""
    if MANIFEST not in files or SIGNATURE not in files:
        yield _("产品包没有签名")
        return
    try:
        manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        yield _("文件 {name} 的内容不是预期的格式").format(name=MANIFEST)
        return
    yield from _key_faults(files, manifest, bool(told.get("sample")), keys)
    if (manifest.code, manifest.version) != (told.get("code"), told.get("version")):
        yield _("清单上的产品代码或版本与产品资料不一致")
    plain = files.keys() - {MANIFEST, SIGNATURE}
    yield from (_("清单上没有文件 {name}").format(name=name) for name in sorted(plain - manifest.files.keys()))
    yield from (_("缺少文件 {name}").format(name=name) for name in sorted(manifest.files.keys() - plain))
    for name in sorted(plain & manifest.files.keys()):
        if hashlib.sha256(files[name]).hexdigest() != manifest.files[name]:
            yield _("文件 {name} 被改动过").format(name=name)


def _key_faults(files: Files, manifest: Manifest, sample: bool, keys: Iterable[SealKey]) -> Iterable[str]:
    key = next((key for key in keys if key.id == manifest.key_id), None)
    if key is None:
        yield _("签名的密钥 {key} 不是总公司的").format(key=manifest.key_id)
        return
    if not _proves(key, files[SIGNATURE], files[MANIFEST]):
        yield _("签名与清单不符")
    if key.samples_only and not sample:
        yield _("演示密钥只能签署演示产品")


def _proves(key: SealKey, signature: bytes, manifest: bytes) -> bool:
    try:
        told = signature.decode("ascii")
        made = bytes.fromhex(told)
        if told != made.hex() + "\n":  # one way of writing it, so that no byte can change unnoticed
            return False
        Ed25519PublicKey.from_public_bytes(key.public).verify(made, _PURPOSE + manifest)
    except (InvalidSignature, ValueError):
        return False
    return True
