"""What a sheet carries of its product gives the same numbers again, to the last hash, without the product."""

import base64
import dataclasses
import json
import zlib
from typing import Any

import pytest

from insuragent.errors import BadFile, ValidationError
from insuragent.products import evidence
from insuragent.products.illustration import illustrate, with_guaranteed
from insuragent.products.inputs import parse_inputs
from insuragent.products.package import Package
from insuragent.rules.policy import Policy
from tests.products.test_illustration import CASES, PWL, TODAY

MEDICAL = {"product": "DEMO-MED", "sex": "F", "age": 30, "social_insurance": False}
LONE = {"product": "DEMO-CI", "sex": "F", "age": 18, "pay_years": 5, "premium": 3000}
OLD = {**PWL, "date": "2026-06-30"}


@pytest.mark.parametrize("values", [*CASES.values(), MEDICAL, LONE, OLD], ids=lambda values: values["product"])
def test_the_slice_gives_the_same_numbers(
    values: dict[str, Any], catalogue: dict[str, Package], policy: Policy
) -> None:
    """Of every product; what is small enough to travel in each sheet."""
    inputs = parse_inputs(values, today=TODAY)
    shown = illustrate(catalogue[inputs.product], inputs, policy)
    text = evidence.slice_of(shown, policy)
    assert len(text) < 3000
    again = evidence.recompute(text, inputs, shown.package.content_hash)
    for mine, theirs in zip(again, with_guaranteed(shown.package, inputs, policy), strict=True):
        assert dataclasses.replace(mine, sold=None) == dataclasses.replace(theirs, sold=None)
    assert (again[0].result_hash, again[0].policy_hash) == (shown.result_hash, shown.policy_hash)
    assert evidence.recompute(text, inputs, "0" * 64)[0].result_hash != shown.result_hash


def opened(text: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text)))
    return told


def closed(told: Any) -> str:
    return base64.b64encode(zlib.compress(json.dumps(told).encode())).decode()


def test_a_changed_slice_gives_other_numbers_or_none(catalogue: dict[str, Package], policy: Policy) -> None:
    """Each figure in it counts; a later way of computing is told as such; limits hold as on the day."""
    inputs = parse_inputs(PWL, today=TODAY)
    shown = illustrate(catalogue["DEMO-PWL"], inputs, policy)
    told = opened(evidence.slice_of(shown, policy))
    changes: list[dict[str, Any]] = [
        {"rate": "5000"},
        {"cash_values": told["cash_values"].replace("1", "2")},
        {"decrements": ["0.1", *told["decrements"][1:]]},
        {"policy": {**told["policy"], "participating_illustration_cap": "0.03"}},
        {"basis": {**told["basis"], "dividend_share": "0.9"}},
    ]
    for change in changes:
        again = evidence.recompute(closed(told | change), inputs, shown.package.content_hash)[0]
        assert again.result_hash != shown.result_hash, change
    with pytest.raises(BadFile, match="另一代程序"):
        evidence.recompute(closed(told | {"engine": 2}), inputs, "")
    with pytest.raises(ValidationError):
        evidence.recompute(closed(told), parse_inputs({**PWL, "age": 64}, today=TODAY), "")


@pytest.mark.parametrize(
    "text",
    [None, 7, "", "!", "AAAA", closed([]), closed({"engine": 1}), closed({"more": 1}), closed("0" * 300_000)],
    ids=range(9),
)
def test_what_cannot_be_read_is_refused(text: Any) -> None:
    """Nothing of what a file says is trusted: not its form, not its size."""
    with pytest.raises(BadFile, match="计算依据"):
        evidence.recompute(text, parse_inputs(PWL, today=TODAY), "")


def test_a_slice_with_holes_is_refused(catalogue: dict[str, Package], policy: Policy) -> None:
    """Too few decrements or values of policy: a sentence, not an accident."""
    inputs = parse_inputs(PWL, today=TODAY)
    told = opened(evidence.slice_of(illustrate(catalogue["DEMO-PWL"], inputs, policy), policy))
    for change in ({"decrements": []}, {"policy": {}}, {"decrements": told["decrements"][:5]}):
        with pytest.raises(BadFile):
            evidence.recompute(closed(told | change), inputs, "")
