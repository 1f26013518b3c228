"""Comparing pictures with those that were approved."""

import os

from PIL import Image, ImageChops

#: Shades of grey that a pixel may differ by, and the share of pixels that may differ by more (edges of letters).
SHADES, SHARE = 48, 0.002


def differing(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that differ by more than SHADES; 1 for another size."""
    if one.size != other.size:
        return 1.0
    histogram = ImageChops.difference(one, other).histogram()
    return sum(histogram[SHADES:]) / (one.width * one.height)


def where(one: Image.Image, other: Image.Image) -> str:
    """In which part of two pictures of one size most of what differs lies, for whoever cannot look at them."""
    if one.size != other.size:
        return f"{one.size} is not {other.size}"
    differs = ImageChops.difference(one, other).point(lambda shade: 255 if shade >= SHADES else 0)
    return f"{differing(one, other):.2%} within {differs.getbbox()}"


def renewing() -> bool:
    """Whether what is found now is to be approved: INSURAGENT_RENEW=1."""
    return os.environ.get("INSURAGENT_RENEW") == "1"
