"""A signed sheet proves itself: on this desk, and on another machine from the file alone."""

import dataclasses
import datetime as dt
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec

from insuragent.demo import people
from insuragent.documents import signing
from insuragent.documents.archive import NAMESPACE
from insuragent.documents.sheet import archive_sheet
from insuragent.errors import BadFile, NotPermitted, ValidationError
from insuragent.models import Sheet
from insuragent.models.sheet import SheetState
from insuragent.rules.policy import Dated
from insuragent.services import catalogue, proving, records, sealers, sheets, verifying
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests.documents import sample_sheet
from tests.documents.forging import sealed_by
from tests.services.test_stories import NOON, PWL, STATEMENT, customer, png, ready


@pytest.fixture
def signed(store: Store, agent: Actor) -> Sheet:
    """A sheet that was printed and signed."""
    who = customer(store, agent, birth_date=dt.date(1986, 5, 1))
    with time_machine.travel(NOON, tick=False):
        sheet = ready(store, agent, who, PWL)
    with time_machine.travel(NOON, tick=False), store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
        return sheets.sign(work, sheet.id, png(), "[]", STATEMENT)


def bytes_of(store: Store, agent: Actor, sheet: Sheet) -> bytes:
    """What was archived."""
    with store.begin(agent) as work:
        return sheets.preview(work, sheet.id)


def test_a_signed_sheet_is_sound(store: Store, agent: Actor, signed: Sheet) -> None:
    """Signature, archive format and numbers."""
    found = verifying.verify_bytes(bytes_of(store, agent, signed))
    assert found.sound
    assert (found.signature, found.covers_whole_file, found.archival, found.recomputed) == ("valid", True, True, True)
    assert (found.result_hash, found.document_no) == (signed.result_hash, signed.sheet_no)


def test_only_a_signature_waits_for_what_signs() -> None:
    """Four tenths of a second of processor time that opening the window or a sheet does not need."""
    opened = "import sys, insuragent.services.sheets, insuragent.ui.pages; print('pyhanko' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", opened], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "False"


def test_another_machine_says_the_same(store: Store, agent: Actor, signed: Sheet, tmp_path: Path) -> None:
    """From the archived file alone, with no profile, in another zone and language."""
    file = tmp_path / "sheet.pdf"
    file.write_bytes(bytes_of(store, agent, signed))
    environment = {**os.environ, "TZ": "America/New_York", "LC_ALL": "C", "HOME": str(tmp_path), "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-m", "insuragent", "verify", str(file), "--json"],
        capture_output=True, text=True, encoding="utf-8", check=False, env=environment,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["signature"] == "valid"
    assert told["recomputed"] is True
    assert told["result_hash"] == signed.result_hash


def test_the_file_outlives_its_package(
    store: Store, agent: Actor, signed: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no package installed at all the numbers come out of what the file carries; nothing else is needed."""
    data = bytes_of(store, agent, signed)
    assert verifying.verify_bytes(data).recomputed_from == "package"
    monkeypatch.setattr(catalogue, "find", lambda *_: None)
    found = verifying.verify_bytes(data)
    assert (found.sound, found.recomputed, found.recomputed_from) == (True, True, "file")
    monkeypatch.undo()
    corrected = dataclasses.replace(catalogue.policy(), values=catalogue.policy().values | {
        "participating_illustration_cap": (Dated(dt.date(2023, 6, 30), Decimal("0.03")),)
    })  # fmt: skip
    monkeypatch.setattr(catalogue, "policy", lambda: corrected)
    assert verifying.verify_bytes(data).recomputed_from == "file"


def test_a_seal_by_an_unknown_key(store: Store, agent: Actor, signed: Sheet) -> None:
    """Anybody can make a key in an agent's name: whether head office knows it is told, and "no" is a fault."""
    data = bytes_of(store, agent, signed)
    with store.begin(agent) as work:
        mine = sealers.sealers(work)
        assert mine.knows(verifying.verify_bytes(data).key) == "yes"
    listed = {key: (sealers.Device("d", "林晓静", "", NOON, None),) for key in ("a" * 64, mine.own)}
    told = sealers.Sealers(mine.own, listed)
    forger = signing.Signer(
        ec.generate_private_key(ec.SECP256R1()), "林晓静", "00000244030000002026000123", "x", "客户签署"
    )
    forged = sealed_by(forger, data)
    assert verifying.verify_bytes(forged).known_key == "unknown"
    assert verifying.verify_bytes(forged, mine).known_key == "unknown"
    found = verifying.verify_bytes(forged, told)
    assert (found.signature, found.signer.split()[0], found.known_key) == ("valid", "林晓静", "no")
    assert not found.sound
    assert any("总公司不认识" in fault for fault in found.faults)
    assert verifying.verify_bytes(data, told).known_key == "yes"
    assert verifying.verify_bytes(data, told).device_valid == "yes"
    assert told.knows("a" * 64) == "yes"


def rewritten(data: bytes, change: Any) -> bytes:
    """The file with another proof in it, unsigned."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as told:
            proof = json.loads(told[f"{{{NAMESPACE}}}proof"])
            change(proof)
            told[f"{{{NAMESPACE}}}proof"] = json.dumps(proof)
        target = io.BytesIO()
        pdf.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda proof: proof["inputs"].update(premium="60000"), "重算的数字与文件不符"),
        (lambda proof: proof.update(result_hash="0" * 64), "重算的数字与文件不符"),
        (lambda proof: proof.update(package_hash="0" * 64), "重算的数字与文件不符"),
        (lambda proof: (proof.update(package_hash="0" * 64), proof.pop("evidence")), "没有带计算依据"),
        (lambda proof: proof.update(policy_hash="0" * 64), "规则数据"),
        (lambda proof: proof.update(package_hash="0" * 64, evidence="AAAA"), "计算依据不能读取"),
        (lambda proof: proof["inputs"].update(age=200), "不能重算"),
        (lambda proof: proof["inputs"].pop("date"), "没有带演示的输入"),
    ],
)
def test_numbers_that_do_not_come_out_are_told(
    store: Store, agent: Actor, signed: Sheet, change: Any, words: str
) -> None:
    """Each with its reason; the broken signature is told besides."""
    found = verifying.verify_bytes(rewritten(bytes_of(store, agent, signed), change))
    assert not found.recomputed
    assert not found.sound
    assert words in "".join(found.faults)


def test_what_is_no_sheet_is_refused(tmp_path: Path) -> None:
    """A clear word, not a verdict."""
    for name, data in {"empty.pdf": b"", "text.pdf": b"hello"}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadFile):
            verifying.verify(tmp_path / name)
    with pytest.raises(BadFile):
        verifying.verify(tmp_path / "missing.pdf")


def test_a_correction_is_a_new_sheet_that_supersedes(store: Store, agent: Actor, signed: Sheet) -> None:
    """The old one stays as it was signed, and is void from the signing of the new one on."""
    before = bytes_of(store, agent, signed)
    with time_machine.travel(NOON + dt.timedelta(hours=1), tick=False), store.begin(agent) as work:
        made = sheets.correct(work, signed.id, PWL | {"premium": "40000"})
        work.flush()
        assert work.get(Sheet, signed.id).state == SheetState.ACKNOWLEDGED
        sheets.confirm(work, made.id, people.checked())
        sheets.print_out(work, made.id)
        sheets.sign(work, made.id, png(), "[]", STATEMENT)
    with store.begin(agent) as work:
        old = work.get(Sheet, signed.id)
        assert old.state == SheetState.VOID
        assert made.sheet_no in (old.void_reason or "")
        assert records.get(work, Sheet, made.id).supersedes_id == signed.id
    assert bytes_of(store, agent, signed) == before
    with pytest.raises(NotPermitted, match="作废"), store.begin(agent) as work:
        sheets.print_out(work, signed.id)
    with pytest.raises(NotPermitted, match="作废"), store.begin(agent) as work:
        sheets.correct(work, signed.id, PWL)


def test_a_sheet_is_voided_with_a_reason(store: Store, agent: Actor, signed: Sheet) -> None:
    """After a withdrawal, say (story S12)."""
    with pytest.raises(ValidationError), store.begin(agent) as work:
        sheets.void(work, signed.id, " ")
    with store.begin(agent) as work:
        assert sheets.void(work, signed.id, "产品停售").void_reason == "产品停售"


def test_both_scenarios_of_an_account_are_proven() -> None:
    """The guaranteed figures stand beside the illustrated ones, so their hash is in the proof too, and recomputed."""
    shown = sample_sheet.shown("DEMO-UL")
    told = proving.proof(shown, "SM-1", {"product": "DEMO-UL", **sample_sheet.CASES["DEMO-UL"], "date": "2026-11-23"})
    assert told["guaranteed_hash"] not in ("", told["result_hash"])

    def recomputed(**change: str) -> bool:
        return verifying.verify_bytes(archive_sheet(sample_sheet.content("DEMO-UL"), told | change)).recomputed

    assert recomputed()
    assert not recomputed(guaranteed_hash="0" * 64)
    del told["guaranteed_hash"]
    assert not recomputed()


def test_nobody_is_named_in_the_metadata() -> None:
    """Whoever sends a file on sends its metadata too: inputs of the numbers, and nothing of people and their means."""
    case = {"product": "DEMO-UL", **sample_sheet.CASES["DEMO-UL"], "date": "2026-11-23"}
    people = {"customer": {"name": "王"}, "insured": {"name": "李"}, "needs": {"annual_income": 1}, "checks": {}}
    told = proving.proof(sample_sheet.shown("DEMO-UL"), "SM-1", case | people | {"reasons": ["甲"]})
    assert told["inputs"] == case
