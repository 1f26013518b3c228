"""List what is shipped with insuragent and under which licence: in THIRD-PARTY.md, and as texts beside the program."""

import importlib.metadata
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.check_ground import pins
from tools.tree import ROOT

LIST = ROOT / "THIRD-PARTY.md"
PARTS = {"window": "the window", "headoffice": "head office"}
#: Where the metadata says too much or nothing, or only another system installs the package: read from its licence.
READ = {
    "colorama": "BSD-3-Clause",
    "http-message-signatures": "Apache-2.0",
    "pypdfium2": "(Apache-2.0 OR BSD-3-Clause) AND PDFium's BSD-3-Clause",
    "pywin32-ctypes": "BSD-3-Clause",
    "reportlab": "BSD-3-Clause",
    "rich-click": "MIT",
    "tzdata": "Apache-2.0",
    "sqlcipher3": "Zlib, with SQLCipher under BSD-3-Clause",
}
CLASSIFIERS = {"MIT License": "MIT", "BSD License": "BSD", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0"}
TEXTS = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
NOTES = """\
## Fonts, icons, data

| what | licence | where |
|---|---|---|
| Noto Sans SC | OFL-1.1 | resources/fonts |
| HanaMin, for rare characters | the Hanazono font licence or OFL-1.1 | resources/fonts |
| Lucide icons | ISC | resources/icons |
| China's life insurance mortality table (2010-2013) | published by the regulator: facts | resources/catalogue |

Qt and psycopg are under the LGPL: they are shipped as libraries of their own, unchanged, and may be replaced by a build
of yours; their sources are at their makers'. The texts of all licences lie in the frozen program's `licences/`.
"""


@dataclass(frozen=True)
class Shipped:
    """A package that comes with the program: its pinned version, and which part brings it."""

    name: str
    version: str
    part: str


def shipped() -> list[Shipped]:
    """Everything the window or head office brings, from the lock, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions, needs = pins(), _needs((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    parts: dict[str, str] = {}
    for part, asked in (("window", project["dependencies"]), ("headoffice", _extra(project, "headoffice"))):
        for name in _closure([canonicalize_name(Requirement(line).name) for line in asked], needs):
            parts.setdefault(name, PARTS[part])
    return [Shipped(name, versions[name], parts[name]) for name in sorted(parts)]


def licence(name: str) -> str:
    """The licence of an installed package, as an SPDX expression where its metadata allows."""
    if name in READ:
        return READ[name]
    metadata = importlib.metadata.metadata(name)
    for field in ("License-Expression", "License"):
        if field in metadata:
            return metadata[field].strip().removesuffix(" License")
    classifiers = [line.rsplit(" :: ")[-1] for line in metadata.get_all("Classifier") or [] if "License" in line]
    return " OR ".join(CLASSIFIERS.get(classifier, classifier) for classifier in classifiers)


def listing() -> str:
    """THIRD-PARTY.md as it should be."""
    rows = "\n".join(f"| {item.name} | {item.version} | {licence(item.name)} | {item.part} |" for item in shipped())
    return (
        "# What insuragent stands on\n\n"
        "Written by `make licences` from the lock; a test compares the two.\n\n"
        f"| package | version | licence | brought by |\n|---|---|---|---|\n{rows}\n\n{NOTES}"
    )


def write_texts(folder: Path) -> None:
    """Copy every shipped package's licence texts into ``folder``, a subfolder each."""
    shutil.rmtree(folder, ignore_errors=True)
    for item in shipped():
        try:
            files = importlib.metadata.files(item.name) or []
        except importlib.metadata.PackageNotFoundError:  # another system's
            continue
        for file in files:
            if TEXTS.search(file.name) and file.suffix not in (".py", ".pyc"):
                target = folder / item.name / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)


def _extra(project: dict[str, dict[str, list[str]]], extra: str) -> list[str]:
    return project["optional-dependencies"][extra]


def _needs(lock: str) -> dict[str, set[str]]:
    """What each package of the lock needs, read backwards from its "via" remarks; browsers' Python left out."""
    needs: dict[str, set[str]] = {}
    for block in re.split(r"^(?=\S)", lock, flags=re.MULTILINE):
        head, _, via = block.partition("# via")
        if head and "== 'emscripten'" not in head:
            for user in re.findall(r"[\w.-]+", via.replace("(pyproject.toml)", "")):
                needs.setdefault(user, set()).add(canonicalize_name(re.split("==", head)[0]))
    return needs


def _closure(names: list[str], needs: dict[str, set[str]]) -> Iterator[str]:
    seen: set[str] = set()
    while names:
        if (name := names.pop()) not in seen:
            seen.add(name)
            names.extend(needs.get(name, ()))
            yield name


def main(arguments: list[str]) -> None:
    """``write`` renews THIRD-PARTY.md; ``texts FOLDER`` copies the licences for the frozen program."""
    if arguments[:1] == ["texts"]:
        write_texts(ROOT / arguments[1])
    else:
        LIST.write_text(listing(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
