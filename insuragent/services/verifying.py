"""What makes a sheet's numbers provable, and the proof itself: from the file alone, on any machine, years later."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insuragent.documents.archive import archive_faults, proof_of
from insuragent.documents.signing import check_seal
from insuragent.errors import BadFile, InsuragentError
from insuragent.i18n import N_, _
from insuragent.products.illustration import Illustration, guaranteed_of, illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.products.package import Package
from insuragent.services import catalogue

#: A sheet is far smaller; whatever is larger is something else.
LARGEST_FILE = 50 * 1024 * 1024


@dataclass(frozen=True)
class Verified:
    """What was found. ``signature`` is valid, invalid or none; ``archival`` says that the file keeps PDF/A-2b.

    ``recomputed`` says that inputs, package and policy data give the same result again; ``faults`` name, in words,
    whatever stands against the file.
    """

    signature: str
    covers_whole_file: bool
    signer: str
    key: str
    archival: bool
    recomputed: bool
    result_hash: str
    document_no: str
    faults: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether the file is a signed sheet as it was signed, with numbers that come out again."""
        return not self.faults


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
        "inputs": {name: value for name, value in inputs.items() if name not in ("customer", "agent", "reasons")},
        "result_hash": shown.result_hash,
        **digests,
    }


def verify(path: Path) -> Verified:
    """Look at a file. Raises BadFile for one that is no PDF or holds no proof of ours."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadFile(N_("文件过大，超过 {limit} MB"), limit=LARGEST_FILE // 1024**2)
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(N_("文件 {name} 不能读取"), name=path.name) from error
    return verify_bytes(data)


def verify_bytes(data: bytes) -> Verified:
    """The same for bytes."""
    seal, archive = check_seal(data), archive_faults(data)
    told = proof_of(data)
    if told is None:
        raise BadFile(N_("这份文件不是本系统的说明书"))
    numbers = _number_faults(told)
    faults = list(numbers)
    if seal.signature == "none":
        faults.append(_("文件没有签名"))
    elif seal.signature == "invalid":
        faults.append(_("签名与内容不符：文件被改动过"))
    elif not seal.covers_whole_file:
        faults.append(_("签名之后文件又被添加了内容"))
    return Verified(
        signature=seal.signature,
        covers_whole_file=seal.covers_whole_file,
        signer=seal.signer,
        key=seal.key,
        archival=not archive,
        recomputed=not numbers,
        result_hash=str(told.get("result_hash", "")),
        document_no=str(told.get("document_no", "")),
        faults=(*faults, *archive),
    )


def _number_faults(told: Mapping[str, Any]) -> list[str]:
    package = _package(told)
    if package is None:
        return [_("产品包 {product} {version} 没有安装，数字没有重算").format(
            product=told.get("product"), version=told.get("product_version")
        )]  # fmt: skip
    inputs = told.get("inputs")
    try:
        if not isinstance(inputs, Mapping) or not inputs.get("date"):
            return [_("文件没有带演示的输入，数字没有重算")]
        shown = illustrate(package, parse_inputs(inputs, today=dt.date.min), catalogue.policy())
    except InsuragentError as error:
        return [_("数字不能重算：{reason}").format(reason=error)]
    if shown.policy_hash != told.get("policy_hash"):
        return [_("当时的规则数据与本机的不同，数字没有重算")]
    guaranteed = guaranteed_of(shown, catalogue.policy())
    right = shown.result_hash == told.get("result_hash")
    # Where both scenarios stand in the same rows, the file names one hash for both.
    right = right and guaranteed.result_hash == told.get("guaranteed_hash", shown.result_hash)
    return [] if right else [_("重算的数字与文件不符")]


def _package(told: Mapping[str, Any]) -> Package | None:
    found = catalogue.packages().get(str(told.get("product")))
    return found if found is not None and found.content_hash == told.get("package_hash") else None
