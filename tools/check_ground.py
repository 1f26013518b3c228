"""Check the ground: sizes, the lock against pyproject, and no address of a registry or path of a machine in a file."""

import re
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.tree import ROOT, functions, syntax

LONGEST_FILE = 400
#: Nine functions of ten fit a screen.
SCREEN = 30
# The brackets keep these patterns from finding themselves.
REGISTRIES = re.compile(r"pypi\.org|python[h]osted|np[m]js\.|deb[.]debian|/opt/py[p]i")
MACHINE_PATHS = re.compile(r"(?<![\w.:/~$}*-])/(?:root|work|farm|home/\w+|Users/\w+|tmp/\w+)(?:/|\b)")
#: Texts of others, kept as they are.
FOREIGN = {"LICENSE"}


def addresses(path: Path) -> Iterator[str]:
    """One ``line: what`` for each registry address or machine path in a text file; binary files are passed over."""
    if path.name in FOREIGN:
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if REGISTRIES.search(line):
            yield f"{number}: the address of a package registry"
        if MACHINE_PATHS.search(line):
            yield f"{number}: a path of one machine"


def counted_lines(path: Path) -> int:
    """The lines of a file."""
    return path.read_text(encoding="utf-8").count("\n")


def screen_percentile(paths: list[Path]) -> float:
    """The length in lines that nine functions of ten do not exceed."""
    lengths = [
        (function.end_lineno or function.lineno) - function.lineno + 1
        for path in paths
        for function in functions(syntax(path))
    ]
    return statistics.quantiles(lengths, n=10)[-1] if len(lengths) > 1 else float(sum(lengths))


def requirements(pyproject: Path = ROOT / "pyproject.toml") -> dict[str, Requirement]:
    """What pyproject asks for, extras included, by canonical name."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return {canonicalize_name(r.name): r for r in map(Requirement, asked)}


def pins(lock: Path = ROOT / "requirements.lock") -> dict[str, str]:
    """What the lock pins: version by canonical name."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pinned}


def lock_faults(pyproject: Path = ROOT / "pyproject.toml", lock: Path = ROOT / "requirements.lock") -> Iterator[str]:
    """Where pyproject and the lock disagree, and pins without a hash."""
    pinned = pins(lock)
    text = lock.read_text(encoding="utf-8")
    for name, requirement in requirements(pyproject).items():
        if name not in pinned:
            yield f"{name} is not in the lock: make lock"
        elif not requirement.specifier.contains(pinned[name], prereleases=True):
            yield f"{name}: the lock has {pinned[name]}, pyproject asks for {requirement.specifier}: make lock"
    for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
        if "==" in block and "--hash=" not in block:
            yield f"{block.split()[0]} has no hash"
    if re.search(r"^--", text, re.MULTILINE):
        yield "the lock names an index or another option"
