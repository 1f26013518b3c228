"""Gather the users' texts from the code into the English catalogue, and check that it is complete.

Chinese is the language of the msgids, so it needs no catalogue. Gathered are the arguments of ``_`` and ``N_``, in the
code and in the console's templates, and two kinds of msgids without a mark: the words of the error tree (messages and
hints of error classes and of the places that raise them) and the items of the checklists, which are policy data.
"""

import ast
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import nodes

from insuragent.products.plain_files import read_yaml
from tools.tree import ROOT, python_files, syntax

ENGLISH = ROOT / "resources" / "i18n" / "en.po"
HEADER = rb"""msgid ""
msgstr ""
"Language: en\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
MARKS = {"_", "N_"}
#: The console's pages.
TEMPLATES = "resources/console"
#: The dated rules.
POLICY = "resources/policy"
#: Where every Chinese text is shown to a person, so that none may stand unmarked.
SHOWN = ("insuragent/ui/", "insuragent/app.py", "insuragent/cli/")


@dataclass(frozen=True, order=True)
class Text:
    """A msgid and where it stands; ``flaw`` tells why it cannot be translated, if so."""

    path: str
    line: int
    msgid: str
    flaw: str = ""


def gather(root: Path = ROOT) -> list[Text]:
    """Every text of the program to translate, in the order of the files."""
    errors = _error_classes(root / "insuragent" / "errors.py")
    texts: list[Text] = []
    for path in python_files(root, ("insuragent",)):
        inside = path.relative_to(root).as_posix()
        texts += sorted(_texts(syntax(path), inside, errors))
    for path in sorted((root / TEMPLATES).glob("*.html")):
        texts += sorted(_template_texts(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()))
    for path in sorted((root / POLICY).glob("*.yaml")):
        texts += sorted(_policy_texts(path, path.relative_to(root).as_posix()))
    return texts


def read_catalogue(path: Path = ENGLISH) -> Catalog:
    """The catalogue as it stands; an empty one where there is none yet."""
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def update(texts: list[Text], path: Path = ENGLISH) -> None:
    """Write the catalogue anew: every text once, its translation kept, nothing obsolete."""
    before = read_catalogue(path)
    after = Catalog(locale="en")
    for text in texts:
        if not text.flaw:
            known = before.get(text.msgid)
            after.add(text.msgid, known.string if known else "", locations=[(text.path, 0)])
    with path.open("wb") as file:
        file.write(HEADER)
        write_po(file, after, width=110, omit_header=True, include_lineno=False, ignore_obsolete=True)


def faults(texts: list[Text], catalogue: Catalog) -> Iterator[str]:
    """What keeps the English from being complete: one ``place: what`` each."""
    wanted = {}
    for text in texts:
        if text.flaw:
            yield f"{text.path}:{text.line}: {text.flaw}"
        else:
            wanted[text.msgid] = f"{text.path}:{text.line}"
    for msgid, place in wanted.items():
        message = catalogue.get(msgid)
        english = str(message.string) if message else ""
        if not message or not english:
            yield f"{place}: no English for {msgid!r}"
        elif message.fuzzy:
            yield f"{place}: the English for {msgid!r} is marked fuzzy"
        elif placeholders(msgid) != placeholders(english):
            yield f"{place}: {msgid!r} and its English hold different placeholders"
        elif _edges(msgid) != _edges(english):
            yield f"{place}: {msgid!r} and its English begin or end with different spaces"
    for message in catalogue:
        if message.id and message.id not in wanted:
            yield f"en.po: {message.id!r} stands nowhere in the code"
    if catalogue.obsolete:
        yield f"en.po: {len(catalogue.obsolete)} obsolete texts"


def placeholders(text: str) -> set[str]:
    """The names in braces; a text that is no format string has those of its malformed self."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {"malformed"}


def _edges(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def _error_classes(path: Path) -> set[str]:
    return {node.name for node in ast.walk(syntax(path)) if isinstance(node, ast.ClassDef)}


def _texts(tree: ast.Module, path: str, errors: set[str]) -> Iterator[Text]:
    marked: set[ast.AST] = set()
    for node in ast.walk(tree):
        for words in _words(node, errors):
            marked.update(ast.walk(words))
            if isinstance(words, ast.Constant) and isinstance(words.value, str):
                yield Text(path, words.lineno, words.value)
            elif isinstance(words, ast.JoinedStr | ast.BinOp):
                yield Text(path, words.lineno, "", "a text to translate is put together at run time")
    if path.startswith(SHOWN):
        yield from (Text(path, line, "", "Chinese without _() or N_()") for line in _unmarked(tree, marked))


def _template_texts(source: str, path: str) -> Iterator[Text]:
    """The texts of a page of the console, which asks for them with ``_`` too; any other Chinese stands unmarked."""
    tree = jinja2.Environment(autoescape=True).parse(source)
    marked: set[int] = set()
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS and call.args:
            words = call.args[0]
            if isinstance(words, nodes.Const):
                marked.add(id(words))
                yield Text(path, call.lineno, words.value)
            elif any(isinstance(one.value, str) and _chinese(one.value) for one in words.find_all(nodes.Const)):
                yield Text(path, call.lineno, "", "a text to translate is put together at run time")
    said = ((data.lineno, data.data) for data in tree.find_all(nodes.TemplateData))
    consts = ((one.lineno, one.value) for one in tree.find_all(nodes.Const) if id(one) not in marked)
    for line, words in (*said, *consts):
        if isinstance(words, str) and _chinese(words):
            yield Text(path, line, "", "Chinese without _()")


def _policy_texts(path: Path, inside: str) -> Iterator[Text]:
    for rows in read_yaml(path).get("checklists", {}).values():
        yield from (Text(inside, 0, item) for row in rows for item in row["items"])


def _words(node: ast.AST, errors: set[str]) -> list[ast.expr]:
    """The expressions at a node that hold words for people."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in MARKS:
            return node.args[:1]
        if node.func.id in errors:
            return [words for words in _error_words(node) if _chinese(ast.unparse(words))]
    if isinstance(node, ast.ClassDef) and node.name in errors:
        return _class_words(node)
    return []


def _error_words(call: ast.Call) -> list[ast.expr]:
    """The message and the hint given where an error is raised."""
    return [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg in ("message", "hint"))]


def _class_words(node: ast.ClassDef) -> list[ast.expr]:
    """The ``message = "…"`` and ``hint = "…"`` of an error class."""
    return [
        statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and {target.id for target in statement.targets if isinstance(target, ast.Name)} & {"message", "hint"}
        and _chinese(ast.unparse(statement.value))
    ]


def _chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _unmarked(tree: ast.Module, marked: set[ast.AST]) -> Iterator[int]:
    """The lines with Chinese that nobody marked; docstrings speak to programmers and are passed over."""
    docstrings = {
        statement.value
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or node in docstrings or node in marked:
            continue
        if isinstance(node.value, str) and _chinese(node.value):
            yield node.lineno


def main(arguments: list[str]) -> int:
    """``update`` writes the catalogue, ``check`` prints what is missing; 1 when something is."""
    texts = gather()
    if arguments[:1] == ["update"]:
        update(texts)
    found = list(faults(texts, read_catalogue()))
    print("\n".join(found) if found else f"{len({t.msgid for t in texts})} texts, all with their English.")
    return int(bool(found) and arguments[:1] != ["update"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
