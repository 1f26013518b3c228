"""Sealing a file against change (PAdES B-B, ETSI EN 319 142-1), and finding out whether it was changed since."""

import asyncio
import dataclasses
import datetime as dt
import hashlib
import io
import logging
import re
import unicodedata
import zlib
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms, core
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

#: The library tells of each signature that it sees; it is no news of ours.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)

#: What the library raises over bytes that are no sealed file.
_UNREADABLE = (
    InvalidSignature, PdfError, SignatureValidationError, ValueError, TypeError, LookupError, AttributeError,
    AssertionError, NotImplementedError, RecursionError, OSError, zlib.error,
)  # fmt: skip
#: A seal is looked at for as long as the contract may live.
_YEARS = 100


@dataclass(frozen=True)
class Signer:
    """Who seals and to what end: the desk's document key, the agent's name and licence number, the device."""

    key: ec.EllipticCurvePrivateKey
    name: str
    licence_no: str
    device: str
    reason: str

    def sign(self, digest: bytes) -> bytes:
        """A signature by PAdES B-B (CMS, DER) over bytes with this SHA-256."""
        key = self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pen = signers.SimpleSigner(
            signing_cert=_certificate(self),
            signing_key=asn1_keys.PrivateKeyInfo.load(key),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        )
        signed: bytes = asyncio.run(pen.async_sign(digest, "sha256", use_pades=True)).dump()
        return signed


@dataclass(frozen=True)
class Seal:
    """What a file's seal proves. ``signature`` is "valid", "invalid" or "none"; ``key`` the SHA-256 of the public key.
    ``moment`` (aware) is when it was set, by the clock of the device that set it.

    A file is as it was sealed only when the signature is valid and ``covers_whole_file``: what was added behind a
    valid signature is change too.
    """

    signature: str
    covers_whole_file: bool = False
    signer: str = ""
    key: str = ""
    moment: dt.datetime | None = None

    @property
    def holds(self) -> bool:
        """Whether the file is as it was sealed."""
        return self.signature == "valid" and self.covers_whole_file


def check_seal(data: bytes) -> Seal:
    """What the seal of a file proves; never an error, whatever the bytes are."""
    try:
        found = PdfFileReader(io.BytesIO(data)).embedded_signatures
        if not found:
            return Seal("none")
        if len(found) > 1:
            return Seal("invalid")
        checked = asyncio.run(_checked(found[0]))
        # Writing the gap again takes ten times as long as all the rest: only where it decides.
        if checked.signature == "valid" and not _plainly_written(data, found[0]):
            return dataclasses.replace(checked, signature="invalid")
        return checked
    except _UNREADABLE:
        return Seal("invalid")


def _plainly_written(data: bytes, signature: Any) -> bool:
    """Whether the gap that the signature leaves for itself holds the signature, as we write it, and nothing else.

    The gap is what no signature can cover. So it is written again from the parts that are proven (the certificate,
    whose hash is signed, the signed attributes and the signature) and must come out as it is: blanks, other letter
    cases, other lengths, more certificates or another name of an algorithm would go unseen.
    """
    _first, before, after, _rest = signature.byte_range
    plain, gap = _written(signature.signer_cert, signature.signer_info).hex().upper(), data[before:after]
    return bytes(gap) == b"<" + plain.encode().ljust(len(gap) - 2, b"0") + b">"


def _written(certificate: asn1_x509.Certificate, signed: cms.SignerInfo) -> bytes:
    """The one form in which our signatures stand (RFC 5652), of a certificate and what was signed with it."""
    sha256 = {"algorithm": "sha256", "parameters": core.Null()}
    whose = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(whose)),
        "digest_algorithm": sha256,
        "signed_attrs": signed["signed_attrs"],
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": signed["signature"].native,
    }
    content = {
        "version": "v1",
        "digest_algorithms": [sha256],
        "encap_content_info": {"content_type": "data"},
        "certificates": [certificate],
        "signer_infos": [signer],
    }
    written: bytes = cms.ContentInfo({"content_type": "signed_data", "content": content}).dump(force=True)
    return written


async def _checked(signature: Any) -> Seal:
    certificate = signature.signer_cert
    # Nobody vouches for a desk's key but the key itself: whose it is, its fingerprint tells.
    mine = x509.load_der_x509_certificate(certificate.dump())
    mine.verify_directly_issued_by(mine)
    context = ValidationContext(trust_roots=[certificate], allow_fetching=False)
    status = await async_validate_pdf_signature(signature, context)
    public = certificate.public_key.dump()
    return Seal(
        signature="valid" if status.bottom_line else "invalid",
        covers_whole_file=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        signer=_spelled(str(certificate.subject.native.get("common_name", ""))),
        key=hashlib.sha256(public).hexdigest(),
        moment=signature.self_reported_timestamp,
    )


def _certificate(signer: Signer) -> asn1_x509.Certificate:
    """A certificate of the desk's own over its key: it names the agent, the licence and the device."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, _certified(f"{signer.name} {signer.licence_no}".strip())),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, _certified(signer.device) or "-"),
        ]
    )
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .sign(signer.key, hashes.SHA256())
    )
    return asn1_x509.Certificate.load(made.public_bytes(serialization.Encoding.DER))


def _certified(name: str) -> str:
    """A name as a certificate bears it: in signs of Unicode 3.2, which is all that names are compared in (RFC 4518).

    A younger sign, such as 𬭎, stands as U+2CB4E; what is longer than 64 bytes (RFC 5280, appendix A) is cut.
    """
    told, fitting, known = "", "", unicodedata.ucd_3_2_0.category
    for sign in name:
        told += f"U+{ord(sign):04X}" if known(sign) in ("Cn", "Co", "Cs", "Cc") else sign
        if len(told.encode()) > 64:
            break
        fitting = told
    return fitting


def _spelled(name: str) -> str:
    """A certificate's name as people read it."""
    return re.sub(r"U\+([0-9A-F]{4,6})", lambda found: chr(int(found[1], 16)), name)


_USAGE = x509.KeyUsage(
    digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False,
)  # fmt: skip
