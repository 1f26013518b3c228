"""Find hollow code: tests that assert nothing, bodies that do nothing, and promises left in comments."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tools.tree import FunctionNode, functions, syntax

#: A call whose name begins so checks something: an own helper, pytest's, qtbot's or a mock's.
CHECKING = re.compile(r"_?(assert|check|expect|verify|raises|warns|fail|wait_?until|wait_?signal)", re.IGNORECASE)
PROMISES = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b|pragma:\s*no\s*cover")
UNFINISHED_BY_NATURE = {"abstractmethod", "overload"}


def hollow(path: Path) -> Iterator[str]:
    """One ``line: what`` for each hollow place in a Python file."""
    tree = syntax(path)
    protocols = _protocol_methods(tree)
    is_test = path.name.startswith("test_")
    for function in functions(tree):
        name = function.name
        if is_test and name.startswith("test_") and not _checks(function, _checking_helpers(tree)):
            yield f"{function.lineno}: {name} asserts nothing"
        if function not in protocols and _does_nothing(function):
            yield f"{function.lineno}: {name} does nothing"
        if "skip" in _decorators(function):
            yield f"{function.lineno}: {name} is always skipped"
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT and PROMISES.search(token.string):
            yield f"{token.start[0]}: {token.string[:80]}"


def _checking_helpers(tree: ast.Module) -> set[str]:
    """The module's own helpers that assert, whatever they are called."""
    return {f.name for f in functions(tree) if not f.name.startswith("test_") and _checks(f, set())}


def _checks(function: FunctionNode, helpers: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in helpers or CHECKING.match(name):
                return True
    return False


def _does_nothing(function: FunctionNode) -> bool:
    """Whether the body is only ``pass``, ``...`` or NotImplementedError; a docstring alone says why it is empty."""
    body = [n for n in function.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    dots = any(
        isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) and n.value.value is ... for n in function.body
    )
    if not body:
        return dots
    (first, *rest) = body
    refuses = isinstance(first, ast.Raise) and "NotImplementedError" in ast.unparse(first)
    return not rest and (isinstance(first, ast.Pass) or refuses)


def _decorators(function: FunctionNode) -> set[str]:
    return {ast.unparse(d).split("(")[0].split(".")[-1] for d in function.decorator_list}


def _protocol_methods(tree: ast.Module) -> set[FunctionNode]:
    """Methods that are declarations only: of protocols, abstract, or one of several signatures."""
    protocols = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)
    )
    declared = {method for protocol in protocols for method in functions(protocol)}
    return declared | {f for f in functions(tree) if _decorators(f) & UNFINISHED_BY_NATURE}
