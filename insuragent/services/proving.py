"""What a sheet carries so that its numbers can be proven; :mod:`verifying` reads it again."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from insuragent.products import evidence
from insuragent.products.illustration import Illustration, guaranteed_of
from insuragent.products.inputs import Inputs
from insuragent.services import catalogue

#: What the numbers depend on; of the people and their means nothing goes into the metadata of a file.
_INPUTS = frozenset(field.name for field in fields(Inputs))


def proof(shown: Illustration, document_no: str, inputs: Mapping[str, Any], **digests: str) -> dict[str, Any]:
    """What a sheet carries so that its numbers can be computed again; ``digests`` of the customer's signature."""
    guaranteed = guaranteed_of(shown, catalogue.policy())
    if guaranteed is not shown:
        digests["guaranteed_hash"] = guaranteed.result_hash
    return {
        "document_no": document_no,
        "product": shown.package.code,
        "product_version": shown.package.version,
        "package_hash": shown.package.content_hash,
        "policy_hash": shown.policy_hash,
        "inputs": {name: value for name, value in inputs.items() if name in _INPUTS},
        "evidence": evidence.slice_of(shown, catalogue.policy()),
        "result_hash": shown.result_hash,
        **digests,
    }
