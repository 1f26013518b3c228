"""The page for actuaries speaks of what there is: every field and file, and nothing else."""

import dataclasses
import re
import typing
from pathlib import Path

from insuragent.models.product import ProductType
from insuragent.products import package
from insuragent.products.package_look import TABLES

PAGE = (Path(__file__).parents[2] / "docs/product-packages.md").read_text(encoding="utf-8")
APART = {"tables", "content_hash"}
PARTS = [
    package.Package, package.Company, package.Entry, package.AgeLimit, package.Coverage, package.Exclusion,
    package.Document, package.Fulfilment, package.Basis, package.Medical,
]  # fmt: skip


def declared() -> set[str]:
    """Every field that product.yaml may hold, at any depth."""
    return {field.name for part in PARTS for field in dataclasses.fields(part)} - APART


def named() -> set[str]:
    """Every field that the tables of the page explain."""
    rows = [line for line in PAGE.split("## product.yaml")[1].split("## The seal")[0].splitlines() if line[:3] == "| `"]
    return {word for row in rows for word in re.findall(r"`([a-z_]+)`", row)} - {"annual"}


def test_each_field_is_explained_and_exists() -> None:
    """No field without its line, and no line without its field."""
    assert named() == declared()
    nested = {kind for part in PARTS for hint in typing.get_type_hints(part).values() for kind in typing.get_args(hint)}
    assert {kind for kind in nested if dataclasses.is_dataclass(kind)} <= set(PARTS)


def test_each_file_and_choice_is_explained() -> None:
    """The tables of every design, and the kinds of products."""
    for name in {name for names in TABLES.values() for name in names}:
        assert f"`{name}.csv`" in PAGE
    assert all(re.search(rf"\b{kind.value}\b", PAGE) for kind in ProductType)
    assert all(re.search(rf"\b{design}\b", PAGE) for design in TABLES)
