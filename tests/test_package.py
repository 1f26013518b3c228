"""The frozen program lacks what it does not need, and nothing of ours asks for that when it is imported."""

import ast
import subprocess
import sys

from tools.tree import ROOT

_PROGRAM = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    sys.modules[name] = None
import insuragent
for module in pkgutil.walk_packages(insuragent.__path__, "insuragent."):
    if not module.name.endswith("__main__") and ".migrations" not in module.name:
        importlib.import_module(module.name)
"""


def left_out() -> list[str]:
    """What build.spec keeps out of the program, as far as it names a whole package."""
    tree = ast.parse((ROOT / "build.spec").read_text(encoding="utf-8"))
    (listed,) = (
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXCLUDED"
    )
    return [one.value for one in ast.walk(listed) if isinstance(one, ast.Constant) and one.value.isidentifier()]


def test_no_module_of_ours_needs_what_is_left_out() -> None:
    """PostgreSQL's driver is asked for by who connects to one, tests' tools by nobody."""
    names = [name for name in left_out() if name not in ("unittest", "setuptools")]  # libraries try these themselves
    assert "psycopg" in names
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
