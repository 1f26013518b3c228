"""A scanned paper: whether its pages can be read at all, and the same pages as a PDF to look at and print."""

import io

import pikepdf
from PIL import Image, ImageOps

PDF = "application/pdf"
#: What a scan may be, and how its file ends.
ENDINGS = {PDF: "pdf", "image/jpeg": "jpg", "image/png": "png"}
_FORMATS = ("JPEG", "PNG")
#: A picture of more points is no photo of a page; it would fill the memory when it is shown.
_MOST_POINTS = 120_000_000
#: A photo of a page is about so wide, in inches: an A4 sheet; more points than at 300 dpi nobody sees.
_PAGE_INCHES = 8.27
_PAGE_POINTS = (2480, 3508)


def is_readable(data: bytes, media: str) -> bool:
    """Whether every page of a PDF without a password, or the whole picture, is there: evidence must be legible."""
    try:
        if media == PDF:
            with pikepdf.open(io.BytesIO(data)) as document:
                return not document.is_encrypted and len(document.pages) > 0
        with _picture(data) as picture:
            if picture.width * picture.height > _MOST_POINTS:
                return False
            picture.draft("L", (picture.width // 8, picture.height // 8))  # a JPEG is read to its end all the same
            picture.load()
            return True
    except (pikepdf.PdfError, pikepdf.PasswordError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def pages(data: bytes, media: str) -> bytes:
    """The pages of a readable scan as a PDF; a picture stands upright, whatever way the camera was held."""
    if media == PDF:
        return data
    with _picture(data) as picture:
        picture.draft("RGB", _PAGE_POINTS)
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    made = io.BytesIO()
    upright.save(made, "PDF", resolution=max(upright.width / _PAGE_INCHES, 1.0))
    return made.getvalue()


def _picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=_FORMATS)
