"""A program that knows less than this one."""

import pytest

from insuragent.models import RECORDS


def forget(patch: pytest.MonkeyPatch, kind: str) -> None:
    """Know nothing of a record type, until the patch is undone: then the types are again in their order, by which pages
    list them."""
    names = list(RECORDS)
    behind = {name: RECORDS[name] for name in names[names.index(kind) + 1 :]}
    for name in [*reversed(behind), kind]:
        patch.delitem(RECORDS, name)
    for name, record_type in behind.items():
        patch.setitem(RECORDS, name, record_type)
