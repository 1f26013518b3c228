"""Whether a file proves itself: its seal and its numbers, from the file alone, on any machine, years later."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insuragent.documents.archive import archive_faults, proof_of
from insuragent.documents.signing import Seal, check_seal
from insuragent.errors import BadFile, InsuragentError, NoAccess
from insuragent.i18n import N_, _
from insuragent.products import evidence
from insuragent.products.illustration import Numbers, with_guaranteed
from insuragent.products.inputs import Inputs, parse_inputs
from insuragent.services import catalogue
from insuragent.services.sealers import Device, Sealers

#: A sheet is far smaller; whatever is larger is something else.
LARGEST_FILE = 50 * 1024 * 1024


@dataclass(frozen=True)
class Verified:
    """What was found. ``signature`` is valid, invalid or none; ``archival`` says that the file keeps PDF/A-2b.

    ``recomputed`` says that the numbers come out again, and ``recomputed_from`` what they were computed from: "package"
    when this program holds the very package and policy data, "file" when the file's own slice of them was used, empty
    when nothing could be. ``known_key`` says whether head office knows the key that sealed the file: yes, no, or
    unknown where nobody was asked; anybody can make a key that bears an agent's name. Of a known one ``agent`` and
    ``device`` say whose it is by head office's list, and ``device_valid`` whether the device was in use at
    ``signed_at`` (by its own clock): yes, "before" it was made known, "after" it was withdrawn, or unknown.
    ``faults`` name, in words, whatever stands against the file.
    """

    signature: str
    covers_whole_file: bool
    signer: str
    key: str
    archival: bool
    recomputed: bool
    result_hash: str
    document_no: str
    recomputed_from: str = ""
    known_key: str = "unknown"
    signed_at: dt.datetime | None = None
    agent: str = ""
    device: str = ""
    device_valid: str = "unknown"
    faults: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether the file is a signed sheet as it was signed, with numbers that come out again."""
        return not self.faults


def verify(path: Path, sealers: Sealers | None = None) -> Verified:
    """Look at a file; ``sealers`` are the keys that this desk knows. Raises BadFile for what is no sheet of ours."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadFile(N_("文件过大，超过 {limit} MB"), limit=LARGEST_FILE // 1024**2)
        data = path.read_bytes()
    except OSError as error:
        raise NoAccess(path.name) from error
    return verify_bytes(data, sealers)


def verify_bytes(data: bytes, sealers: Sealers | None = None) -> Verified:
    """The same for bytes."""
    seal, archive = check_seal(data), archive_faults(data)
    told = proof_of(data)
    if told is None:
        raise BadFile(N_("这份文件不是本系统的说明书"))
    source, numbers = _recomputed(told)
    keys = sealers or Sealers()
    known = keys.knows(seal.key) if seal.key else "unknown"
    device = keys.device_of(seal.key, seal.moment)
    valid = _standing(device, seal.moment)
    return Verified(
        signature=seal.signature,
        covers_whole_file=seal.covers_whole_file,
        signer=seal.signer,
        key=seal.key,
        archival=not archive,
        recomputed=not numbers,
        result_hash=str(told.get("result_hash", "")),
        document_no=str(told.get("document_no", "")),
        recomputed_from=source,
        known_key=known,
        signed_at=seal.moment,
        agent=device.whose if device else "",
        device=device.device if device else "",
        device_valid=valid,
        faults=(*numbers, *_seal_faults(seal, known), *_device_faults(seal, device, valid), *archive),
    )


def _seal_faults(seal: Seal, known: str) -> list[str]:
    if seal.signature == "none":
        return [_("文件没有签名")]
    faults = []
    if seal.signature == "invalid":
        faults.append(_("签名与内容不符：文件被改动过"))
    elif not seal.covers_whole_file:
        faults.append(_("签名之后文件又被添加了内容"))
    if known == "no":
        faults.append(_("总公司不认识签名所用的密钥：不能证明是署名的人签署的"))
    return faults


def _standing(device: Device | None, moment: dt.datetime | None) -> str:
    return "unknown" if device is None or moment is None else device.standing(moment)


def _device_faults(seal: Seal, device: Device | None, valid: str) -> list[str]:
    """A sheet may be signed at a table before its device is made known, but not after it was withdrawn (R7.3a)."""
    faults = []
    if valid == "after":
        faults.append(_("签署时总公司已停用这台设备"))
    if device is not None and device.name not in seal.signer and device.licence_no not in seal.signer:
        faults.append(_("签名所署的不是这台设备的人员"))
    return faults


def _recomputed(told: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What the numbers were computed from, and what stands against them."""
    inputs = told.get("inputs")
    if not isinstance(inputs, Mapping) or not inputs.get("date"):
        return "", [_("文件没有带演示的输入，数字没有重算")]
    try:
        source, found = _numbers(told, parse_inputs(inputs, today=dt.date.min))
    except InsuragentError as error:
        return "", [_("数字不能重算：{reason}").format(reason=error)]
    if not found:
        words = _("产品包 {product} {version} 没有安装，文件也没有带计算依据，数字没有重算")
        return "", [words.format(product=told.get("product"), version=told.get("product_version"))]
    if found[0].policy_hash != told.get("policy_hash"):
        return source, [_("文件所说的规则数据与计算依据不符")]
    # Where both scenarios stand in the same rows, the file names one hash for both.
    hashes = [told.get("result_hash"), told.get("guaranteed_hash", told.get("result_hash"))]
    right = [numbers.result_hash for numbers in found] == hashes
    return source, [] if right else [_("重算的数字与文件不符")]


def _numbers(told: Mapping[str, Any], inputs: Inputs) -> tuple[str, Sequence[Numbers]]:
    """By the installed package where it and the policy data are those of the file, else by what the file carries."""
    package_hash = str(told.get("package_hash"))
    package = catalogue.find(str(told.get("product")), package_hash)
    if package is not None:
        found = with_guaranteed(package, inputs, catalogue.policy())
        if found[0].policy_hash == told.get("policy_hash") or "evidence" not in told:
            return "package", found
    if "evidence" not in told:
        return "", ()
    return "file", evidence.recompute(told["evidence"], inputs, package_hash)
