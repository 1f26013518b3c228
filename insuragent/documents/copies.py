"""Encrypted copies: a PDF that opens with its code alone, to be sent or carried to the customer."""

import io
import secrets
from collections.abc import Mapping

import pikepdf
from pikepdf import Name

#: Crockford's base 32: what is read aloud or typed from paper has no I, L, O and U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Four groups of four symbols are 80 random bits.
_GROUPS, _GROUP = 4, 4


def new_code() -> str:
    """A fresh code as it is typed: four groups of four, joined by dashes."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _place in range(_GROUP)) for _group in range(_GROUPS))


def encrypted(data: bytes, code: str, files: Mapping[str, bytes] | None = None) -> bytes:
    """A PDF's copy in AES-256 (PDF 2.0, revision 6) that ``code`` opens; ``files`` go into it by their names.

    A copy is written anew, so a digital signature would not hold over it: its field is left out, the pages and the
    customer's strokes stay. Whoever must prove the signature has the signed file in the archive.
    """
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        _drop_signature(pdf)
        for name, content in (files or {}).items():
            pdf.attachments[name] = content
        # The owner's password would lift every limit: nobody ever learns it.
        lock = pikepdf.Encryption(owner=secrets.token_urlsafe(24), user=code, R=6)
        pdf.save(made, encryption=lock)
    return made.getvalue()


def _drop_signature(pdf: pikepdf.Pdf) -> None:
    for name in (Name.AcroForm, Name.Perms):
        if name in pdf.Root:
            del pdf.Root[name]
    for page in pdf.pages:
        held = page.obj.get(Name.Annots)
        if held is not None:
            page.obj[Name.Annots] = pikepdf.Array([one for one in held if one.get(Name.FT) != Name.Sig])
