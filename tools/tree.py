"""The project's files as the checks see them: everything that is not ignored, with or without git."""

import ast
import fnmatch
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Folders with Python of ours.
CODE = ("insuragent", "tests", "tools", "bench")
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def files(root: Path = ROOT) -> list[Path]:
    """Every file under ``root`` that .gitignore does not name, sorted; git itself need not be installed."""
    ignored = [".git/", ".git", *_patterns(root / ".gitignore")]
    folders = [pattern.strip("/") for pattern in ignored if pattern.endswith("/")]
    names = [pattern for pattern in ignored if not pattern.endswith("/")]
    return sorted(_walk(root, root, folders, names))


def python_files(root: Path = ROOT, folders: tuple[str, ...] = CODE) -> list[Path]:
    """The Python files in ``folders``, sorted."""
    return [path for path in files(root) if path.suffix == ".py" and path.relative_to(root).parts[0] in folders]


@cache
def syntax(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(tree: ast.AST) -> Iterator[FunctionNode]:
    """Every function and method, nested ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, FunctionNode))


def _patterns(gitignore: Path) -> list[str]:
    lines = gitignore.read_text(encoding="utf-8").splitlines() if gitignore.exists() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _walk(folder: Path, root: Path, folders: list[str], names: list[str]) -> Iterator[Path]:
    for path in folder.iterdir():
        inside = path.relative_to(root).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(fnmatch.fnmatch(path.name, pattern) or inside == pattern for pattern in folders):
                yield from _walk(path, root, folders, names)
        elif not any(fnmatch.fnmatch(path.name, pattern) for pattern in names):
            yield path
