"""Set-up builds with what is pinned, and tells what to type where it may not install."""

import shutil
import sys
from pathlib import Path

import pytest

from tools import setup


def test_the_builder_is_the_locked_setuptools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pin with all its hashes, and nothing after it."""
    monkeypatch.setattr(setup, "VENV", tmp_path)
    lines = setup.builder().read_text().splitlines()
    assert lines[0].startswith("setuptools==")
    assert all("--hash=sha256:" in line for line in lines[1:])
    assert not lines[-1].endswith("\\")


def test_what_may_not_be_installed_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without root the line to type names exactly what is missing, and set-up goes on."""
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(setup, "missing", lambda packages: packages[1:])
    monkeypatch.setattr(setup, "privilege", lambda: None)
    assert setup.install(["there", "one", "other"]) is False
    assert capsys.readouterr().err.endswith("sudo apt-get install one other\n")


def test_an_old_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing that set-up says to a Python too old is which one it needs."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11"):
        setup.environment()
