"""Run the project's own checks and print one ``place: what`` for each finding."""

import sys
from collections.abc import Iterator
from pathlib import Path

from insuragent.headoffice import directory, tables
from tools.check_duplicates import duplicates
from tools.check_ground import LONGEST_FILE, SCREEN, addresses, counted_lines, lock_faults, screen_percentile
from tools.check_hollow import hollow
from tools.check_tables import spread_faults
from tools.tree import ROOT, files, python_files


def findings(root: Path = ROOT) -> Iterator[str]:
    """Everything that should not stay as it is; nothing when all is well."""
    python = python_files(root)
    migrations = {path for path in python if "migrations" in path.parts}  # written by a tool, never changed again
    for path in files(root):
        yield from (f"{path.relative_to(root)}:{finding}" for finding in addresses(path))
    for path in python:
        yield from (f"{path.relative_to(root)}:{finding}" for finding in hollow(path))
        if path not in migrations and counted_lines(path) > LONGEST_FILE:
            yield f"{path.relative_to(root)}: more than {LONGEST_FILE} lines"
    if (length := screen_percentile(python)) > SCREEN:
        yield f"one function of ten is longer than {length:.0f} lines; {SCREEN} fit a screen"
    for twin in duplicates(path for path in python if path not in migrations):
        yield str(twin).replace(f"{root}/", "")
    assert directory.PARTS, "its tables are among them"
    yield from (f"insuragent/headoffice/tables.py: {fault}" for fault in spread_faults(tables.metadata))
    yield from (
        f"requirements.lock: {fault}" for fault in lock_faults(root / "pyproject.toml", root / "requirements.lock")
    )


def main() -> int:
    """Print the findings; 1 when there are any."""
    found = list(findings())
    print("\n".join(found) if found else "No hollow or duplicate code, no foreign address, the lock in step.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
