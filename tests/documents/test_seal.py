"""A sealed sheet: whatever is changed, added or written anew, the seal no longer holds."""

import io
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pypdf import PdfReader, PdfWriter

from insuragent.documents.archive import archive_faults
from insuragent.documents.sheet import archive_sheet
from insuragent.documents.signing import Signer, _certificate, check_seal
from insuragent.security.document_key import DocumentKey
from tests.documents import sample_sheet
from tests.documents.forging import sealed_by

SIGNER = Signer(
    DocumentKey(bytes(range(32))).private_key, "林晓静", "00000244030000002026000123", "0a1b2c3d", "客户签署 IA-1"
)
OTHER = Signer(DocumentKey(bytes(32)).private_key, "别人", "1", "0a1b2c3d", "x")


@cache
def plain() -> bytes:
    """A sheet before it is sealed."""
    return archive_sheet(sample_sheet.signed("DEMO-TERM"), {"document_no": "IA-1"})


@cache
def sealed() -> bytes:
    """The same, sealed."""
    return archive_sheet(sample_sheet.signed("DEMO-TERM"), {"document_no": "IA-1"}, SIGNER)


def test_a_sealed_file_holds_and_names_its_signer() -> None:
    """Valid, whole, and still an archive."""
    found = check_seal(sealed())
    assert found.holds
    assert found.signer == "林晓静 00000244030000002026000123"
    assert len(found.key) == 64
    assert archive_faults(sealed()) == []


def test_an_unsealed_file_has_no_seal() -> None:
    """And that is not the same as a broken one."""
    assert check_seal(plain()).signature == "none"


def test_the_key_is_known_again() -> None:
    """From the same data key comes the same document key; from another, another."""
    assert check_seal(sealed_by(SIGNER, plain())).key == check_seal(sealed()).key
    assert check_seal(sealed_by(OTHER, plain())).key != check_seal(sealed()).key


@pytest.mark.parametrize("name", ["王𬭎", "㑇𠮷", "阿卜杜勒·买买提", "林" * 99, "𬭎" * 99])
def test_every_name_may_sign(name: str) -> None:
    """Rare characters younger than the rule by which names are compared; long ones, of which 64 bytes are borne."""
    long = Signer(OTHER.key, name, "1" * 99, "0" * 99, name * 9)
    found = check_seal(sealed_by(long, plain()))
    assert found.holds
    assert found.signer.startswith(name[:7])


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler is installed by make test")
def test_others_read_it_alike(tmp_path: Path) -> None:
    """Poppler's reader finds one valid signature over the total document, by ETSI's profile."""
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed())
    told = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout
    for words in ("ETSI.CAdES.detached", "Total document signed", "Signature is Valid", "Hash Algorithm: SHA-256"):
        assert words in told
    assert "Signature #2" not in told


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.floats(0, 1, exclude_max=True), st.integers(0, 7))
def test_no_bit_may_change(place: float, bit: int) -> None:
    """Wherever it is, in the signature itself too; and nothing but a verdict comes back."""
    data = bytearray(sealed())
    data[int(place * len(data))] ^= 1 << bit
    assert not check_seal(bytes(data)).holds


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.floats(0, 1, exclude_max=True), st.integers(0, 7))
def test_no_bit_of_the_signature_may_change(place: float, bit: int) -> None:
    """The certificate, the letter case of the digits and what fills the gap included."""
    data = bytearray(sealed())
    start = data.rindex(b"/Contents <") + len(b"/Contents <")
    end = data.index(b">", start)
    data[start + int(place * (end - start))] ^= 1 << bit
    assert not check_seal(bytes(data)).holds


@pytest.mark.parametrize("cut", [1, 100, 5_000, 100_000])
def test_a_shorter_file_does_not_hold(cut: int) -> None:
    """A copy that broke off."""
    assert not check_seal(sealed()[:-cut]).holds


@pytest.mark.parametrize("more", [b" ", b"\n%%EOF\n", b"%PDF-1.4 another"])
def test_bytes_behind_it_do_not_hold(more: bytes) -> None:
    """A valid signature over a part of the file is not enough."""
    assert not check_seal(sealed() + more).holds


def added(change: str) -> bytes:
    """The sealed file with an update behind it, as an editor makes one."""
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed()))
    if change == "page":
        page = writer.root["/Pages"]["/Kids"][0]
        drawn = writer.add_object(generic.StreamObject(stream_data=b"q 1 0 0 rg 100 400 200 50 re f Q"))
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), drawn])
        writer.update_container(page)
    elif change == "title":
        writer.trailer_view["/Info"]["/Title"] = generic.TextStringObject("改")
        writer.update_container(writer.trailer_view["/Info"])
    else:
        writer.root["/Extra"] = generic.pdf_name("/Nothing")
        writer.update_root()
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.mark.parametrize("change", ["page", "title", "root"])
def test_an_update_behind_the_signature_does_not_hold(change: str) -> None:
    """Page content, metadata, or something that nobody sees."""
    assert not check_seal(added(change)).holds


def test_a_second_signature_does_not_hold() -> None:
    """Nobody signs over the agent's seal."""
    key = asn1_keys.PrivateKeyInfo.load(
        OTHER.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    pen = signers.SimpleSigner(_certificate(OTHER), key, SimpleCertificateStore())
    writer, target = IncrementalPdfFileWriter(io.BytesIO(sealed())), io.BytesIO()
    writer.root["/Perms"] = generic.DictionaryObject()  # else the library itself refuses to sign where no change may be
    writer.update_root()
    told = signers.PdfSignatureMetadata(field_name="Another", md_algorithm="sha256")
    signers.PdfSigner(told, pen, new_field_spec=SigFieldSpec("Another")).sign_pdf(writer, output=target)
    assert target.getvalue().startswith(sealed())
    assert check_seal(target.getvalue()).signature == "invalid"


def test_a_file_written_anew_does_not_hold() -> None:
    """By whichever library; it may look the same."""
    rewritten = io.BytesIO()
    with pikepdf.open(io.BytesIO(sealed())) as pdf:
        pdf.save(rewritten)
    assert not check_seal(rewritten.getvalue()).holds
    writer, target = PdfWriter(clone_from=PdfReader(io.BytesIO(sealed()))), io.BytesIO()
    writer.write(target)
    assert not check_seal(target.getvalue()).holds


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.binary(max_size=300))
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    """Never an error."""
    assert not check_seal(data).holds
    assert not check_seal(b"%PDF-1.7\n" + data).holds
