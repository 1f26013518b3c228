"""Addresses, sizes and the lock are checked for real."""

from pathlib import Path

import pytest

from tools.check_ground import addresses, lock_faults, screen_percentile

PYPROJECT = """[project]
dependencies = ["alpha==1.2", "Beta_lib"]
[project.optional-dependencies]
dev = ["gamma>=2"]
"""
LOCK = "".join(
    f"{pin} \\\n    --hash=sha256:{'0' * 64}\n    # via project\n"
    for pin in ("alpha==1.2", "beta-lib==3", "gamma==2.1")
)


def faults(tmp_path: Path, lock: str) -> list[str]:
    """The faults of a lock beside the sample project."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "lock").write_text(lock)
    return list(lock_faults(tmp_path / "pyproject.toml", tmp_path / "lock"))


def test_a_lock_in_step_has_no_fault(tmp_path: Path) -> None:
    """Names are compared as packaging compares them."""
    assert faults(tmp_path, LOCK) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("alpha==1.2", "alpha==1.3"), "alpha: the lock has 1.3"),
        (("beta-lib", "delta"), "beta-lib is not in the lock"),
        (("gamma==2.1 \\\n    --hash", "gamma==2.1\n    #"), "gamma==2.1 has no hash"),
        (("alpha==1.2", "--index-url https://example.org\nalpha==1.2"), "the lock names an index"),
    ],
)
def test_each_fault_of_a_lock_is_told(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    """A wrong version, a missing pin, a missing hash, an index."""
    (told,) = faults(tmp_path, LOCK.replace(*change))
    assert told.startswith(fault)


@pytest.mark.parametrize("text", ["see https://py" + "pi.org/simple", "open('/ro" + "ot/x')", "/ho" + "me/somebody/x"])
def test_addresses_of_one_machine_are_found(tmp_path: Path, text: str) -> None:
    """A registry or a home folder in a file is told with its line."""
    path = tmp_path / "file.txt"
    path.write_text(f"fine\n{text}\n")
    assert [finding.split(":")[0] for finding in addresses(path)] == ["2"]


@pytest.mark.parametrize("text", ["https://example.org/work/x", "out/field-day/", "resources/home/x", "${HOME}/root/x"])
def test_other_paths_are_left_alone(tmp_path: Path, text: str) -> None:
    """Relative paths and addresses of the web are no paths of a machine."""
    path = tmp_path / "file.txt"
    path.write_text(text)
    assert list(addresses(path)) == []


def test_nine_of_ten_functions_are_counted(tmp_path: Path) -> None:
    """The percentile is over all functions of all files, methods included."""
    short = "def f():\n    return 1\n\n"
    path = tmp_path / "module.py"
    path.write_text(short * 20)
    assert screen_percentile([path]) == 2
    long = tmp_path / "long.py"
    long.write_text(("def g():\n" + "    x = 1\n" * 49) * 10)
    assert screen_percentile([path, long]) == 50
