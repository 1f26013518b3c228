"""The place of a signature in a file: kept free while the file is written, filled in when all its bytes are known."""

import datetime as dt
import hashlib
from typing import Protocol

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from insuragent.i18n import SHANGHAI

_FIELD = "AgentSeal"
#: The bytes that are kept free: with the longest names that a certificate bears a signature takes 1.7 kB.
_ROOM = 2048
#: What stands in the free place until the file is written, and where the signed ranges are told.
_GAP = b"<" + b"0" * (2 * _ROOM) + b">"
_UNTOLD = 9_999_999_999
_RANGES = f"/ByteRange [ 0 {_UNTOLD} {_UNTOLD} {_UNTOLD} ]".encode()
#: Flags of an annotation (ISO 32000-1, table 165) and of a form (table 219).
_PRINTED, _LOCKED = 1 << 2, 1 << 7
_SIGNED, _APPEND_ONLY = 1, 2


class Pen(Protocol):
    """Who signs."""

    @property
    def reason(self) -> str:
        """To what end, as the signature tells it."""

    def sign(self, digest: bytes) -> bytes:
        """The signature (CMS, DER) over bytes with this SHA-256."""


def reserve(pdf: pikepdf.Pdf, reason: str, moment: dt.datetime) -> pikepdf.Object:
    """Give ``pdf`` the field of a signature that allows no change, unseen on the first page, and return it.

    ``moment`` (aware) is when it is signed by the agent's clock.
    """
    page = pdf.pages[0].obj
    limits = Dictionary(Type=Name.TransformParams, V=Name("/1.2"), P=1)  # P 1: no change at all
    signature = Dictionary(
        Type=Name.Sig,
        Filter=Name("/Adobe.PPKLite"),
        SubFilter=Name("/ETSI.CAdES.detached"),
        M=String(pdf_moment(moment)),
        Reason=String(reason),
        Reference=Array([Dictionary(Type=Name.SigRef, TransformMethod=Name.DocMDP, TransformParams=limits)]),
        ByteRange=Array([0, _UNTOLD, _UNTOLD, _UNTOLD]),
        Contents=String(bytes(_ROOM)),
    )
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(_FIELD),
            TU=String(reason),
            F=_PRINTED | _LOCKED,
            Rect=Array([0, 0, 0, 0]),
            P=page,
            V=pdf.make_indirect(signature),
        )
    )
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=_SIGNED | _APPEND_ONLY)
    pdf.Root.Perms = Dictionary(DocMDP=field.V)
    return field


def fill(data: bytes, pen: Pen) -> bytes:
    """A file written with the place that :func:`reserve` kept free, signed over every byte but those of that place."""
    start = data.index(_GAP)
    end = start + len(_GAP)
    ranges = f"/ByteRange [ 0 {start} {end} {len(data) - end} ]".encode().ljust(len(_RANGES))
    data = data.replace(_RANGES, ranges, 1)
    digest = hashlib.sha256(data[:start])
    digest.update(data[end:])
    signature = pen.sign(digest.digest()).hex().upper().encode()
    return b"%b<%b>%b" % (data[:start], signature.ljust(2 * _ROOM, b"0"), data[end:])


def pdf_moment(moment: dt.datetime) -> str:
    """An aware moment on Shanghai's clock as a PDF tells it."""
    offset = f"{moment.astimezone(SHANGHAI):%z}"
    return f"D:{moment.astimezone(SHANGHAI):%Y%m%d%H%M%S}{offset[:3]}'{offset[3:]}'"
