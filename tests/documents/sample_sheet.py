"""A sheet of each sample product, as it would be printed at a customer's table."""

import dataclasses
import datetime as dt
import io
from functools import cache
from typing import Any

from PIL import Image, ImageDraw

from insuragent.documents.content import Agent, SheetContent, Signature
from insuragent.products.illustration import Illustration, illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.products.package_files import load_catalogue
from insuragent.products.policy_files import load_policy
from insuragent.services.sheet_content import Occasion, Person, sheet_content

CASES: dict[str, dict[str, Any]] = {
    "DEMO-TERM": {"sex": "M", "age": 30, "pay_years": 20, "sum_assured": 1000000, "to_age": 60},
    "DEMO-IWL": {"sex": "F", "age": 35, "pay_years": 10, "premium": 20000},
    "DEMO-PWL": {"sex": "M", "age": 40, "pay_years": 5, "premium": 50000},
    "DEMO-PANN": {"sex": "F", "age": 40, "pay_years": 10, "premium": 50000},
    "DEMO-UL": {"sex": "M", "age": 40, "pay_years": 1, "premium": 100000},
    "DEMO-CI": {"sex": "M", "age": 30, "pay_years": 20, "sum_assured": 500000, "to_age": 70},
    "DEMO-MED": {"sex": "M", "age": 35, "pay_years": 1},
}
DAY = dt.date(2026, 11, 23)
PRINTED = dt.datetime(2026, 11, 23, 2, 24, tzinfo=dt.UTC)
POLICYHOLDER, INSURED = "王𬭎", "㛃䶮𠀀"


@cache
def shown(product: str) -> Illustration:
    """The sample case of a product."""
    policy = load_policy()
    values = {"product": product, "date": DAY.isoformat(), **CASES[product]}
    return illustrate(load_catalogue(policy)[product], parse_inputs(values, today=DAY), policy)


def content(product: str = "DEMO-PWL", age: int = 40, *, holder: Person | None = None, **told: Any) -> SheetContent:
    """The content for a policyholder of ``age`` who has not signed; ``told`` changes the occasion.

    The insured is somebody else unless the ``holder`` is given.
    """
    occasion = Occasion(
        policyholder=holder or Person(POLICYHOLDER, age),
        insured=None if holder else Person(INSURED),
        agent=Agent("林晓静", "00000244030000002026000123", "上海分公司"),
        document_no="IA-20261123-0001",
        printed_at=PRINTED,
        status_as_of=dt.date(2026, 11, 18),
    )
    return sheet_content(shown(product), dataclasses.replace(occasion, **told))


def signed(product: str = "DEMO-PWL") -> SheetContent:
    """The same, signed with a drawn line."""
    picture = Image.new("RGBA", (360, 130), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(20, 90), (90, 30), (150, 100), (230, 40), (340, 80)], fill=(16, 35, 63), width=5)
    target = io.BytesIO()
    picture.save(target, "PNG")
    signature = Signature(target.getvalue(), PRINTED, "9f1c2a77" * 8)
    return dataclasses.replace(content(product), signature=signature, copied_statement="本人已阅读保险条款。")
