"""What a sheet carries of its product, so that its numbers are computed again where the package is gone.

The slice that the computation used and no more: the basis, the rules of entry, one sex's decrements at the ages of the
contract, one rate and one row of cash values, the policy values that held. About two kilobytes.
"""

import base64
import binascii
import dataclasses
import zlib
from decimal import Decimal
from typing import Any

import msgspec

from insuragent.errors import BadFile
from insuragent.i18n import N_
from insuragent.products.illustration import ENGINE, POLICY_VALUES, Illustration, Numbers, with_guaranteed
from insuragent.products.inputs import Inputs, completed
from insuragent.products.package import Basis, Entry, Medical, Tables, Terms
from insuragent.rules.policy import Dated, Policy

#: What a slice may unfold to: ours are far smaller.
_LARGEST = 256 * 1024
_Band = tuple[int, int, Decimal, Decimal]


class _Slice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``decrements`` begin at the entry age; ``policy`` maps the names of values to what held."""

    engine: int
    code: str
    design_type: str
    entry: Entry
    basis: Basis
    decrements: tuple[Decimal, ...] = ()
    rate: Decimal | None = None
    cash_values: str = ""
    bands: tuple[_Band, ...] = ()
    medical: Medical | None = None
    policy: dict[str, Decimal] = {}


def slice_of(shown: Illustration, policy: Policy) -> str:
    """The slice behind an illustration, in letters and digits that any text may hold."""
    terms, inputs = shown.package, shown.inputs
    case = terms.case(inputs.sex, inputs.age, inputs.pay_years, inputs.to_age)
    years = range(inputs.age, terms.end_age(inputs.to_age))
    limits = (limit for limit in terms.entry.age_limits if limit.sex == inputs.sex)
    column = terms.tables.decrements.get(inputs.sex, {})
    told = _Slice(
        engine=ENGINE,
        code=terms.code,
        design_type=terms.design_type,
        entry=dataclasses.replace(terms.entry, age_limits=tuple(limits)),
        basis=terms.basis,
        decrements=tuple(column[age] for age in years if age in column),
        rate=terms.tables.rates.get(case),
        cash_values=terms.tables.cash_values.get(case, ""),
        bands=tuple(band for band in terms.tables.bands if band[0] <= inputs.age <= band[1]),
        medical=terms.medical,
        policy={name: policy.rate(name, inputs.date) for name in POLICY_VALUES.get(terms.design_type, ())},
    )
    return base64.b64encode(zlib.compress(msgspec.json.encode(told), 9)).decode()


def recompute(text: Any, inputs: Inputs, package_hash: str) -> tuple[Numbers, Numbers]:
    """The numbers of ``inputs`` from a slice, as ``with_guaranteed`` gives them, and raising as it does.

    Raises BadFile for a slice that cannot be read.
    """
    told = _opened(text)
    if told.engine != ENGINE:
        raise BadFile(N_("文件的数字由另一代程序计算，请用较新的程序验证"))
    bare = Terms(
        code=told.code,
        design_type=told.design_type,
        entry=told.entry,
        basis=told.basis,
        medical=told.medical,
        content_hash=package_hash,
    )
    inputs = completed(bare, inputs)
    case = bare.case(inputs.sex, inputs.age, inputs.pay_years, inputs.to_age)
    tables = Tables(
        decrements={inputs.sex: dict(enumerate(told.decrements, inputs.age))},
        rates={} if told.rate is None else {case: told.rate},
        cash_values={case: told.cash_values},
        bands=told.bands,
    )
    policy = Policy({name: (Dated(inputs.date, value),) for name, value in told.policy.items()})
    try:
        return with_guaranteed(dataclasses.replace(bare, tables=tables), inputs, policy)
    except (LookupError, ArithmeticError, AssertionError) as error:
        raise BadFile(_UNREADABLE) from error


def _opened(text: Any) -> _Slice:
    try:
        unfolding = zlib.decompressobj()
        plain = unfolding.decompress(base64.b64decode(text, validate=True), _LARGEST)
        if not unfolding.eof:
            raise BadFile(_UNREADABLE)
        return msgspec.json.decode(plain, type=_Slice)
    except (binascii.Error, zlib.error, msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
        raise BadFile(_UNREADABLE) from error


_UNREADABLE = N_("文件所带的计算依据不能读取")
