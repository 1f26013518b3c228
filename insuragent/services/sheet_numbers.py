"""The numbers of a sheet: illustrated from plain inputs, and computed again from what a sheet keeps."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import N_, _, format_date
from insuragent.models import Sheet
from insuragent.products.illustration import Illustration, illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.services import catalogue


def illustration(values: Mapping[str, Any], today: dt.date, package_hash: str | None = None) -> Illustration:
    """The illustration of plain inputs, on their own day or on ``today``, by the newest package or the one of a hash.

    Raises ValidationError naming the limit, BadFile for a package that is not installed.
    """
    inputs = parse_inputs(values, today=today)
    return illustrate(catalogue.package(inputs.product, package_hash), inputs, catalogue.policy())


def proposal(values: Mapping[str, Any], today: dt.date) -> Illustration:
    """The illustration of a proposal: of ``today``, because the caps of the day on which it is made hold (S14).

    Raises ValidationError.
    """
    found = illustration(values, today)
    if found.inputs.date != today:
        words = _("演示日期应为投保当日 {day}，演示上限以当日为准").format(day=format_date(today))
        raise ValidationError({"date": words})
    return found


def shown_of(sheet: Sheet) -> Illustration:
    """The numbers of a sheet, computed again by its own package. Raises NotPermitted when they no longer come out."""
    shown = illustration(sheet.inputs, dt.date.fromisoformat(sheet.inputs["date"]), sheet.package_hash)
    if shown.result_hash != sheet.result_hash:
        raise NotPermitted(N_("产品或规则数据已更新，请重新制作说明书"))
    return shown


def plain_inputs(values: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    """The inputs as a sheet keeps them, with their day."""
    told = {name: str(v) if isinstance(v, Decimal) else v for name, v in values.items() if v not in (None, "")}
    return {"date": today.isoformat()} | told
