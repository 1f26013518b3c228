"""Rules of safety for every file of the program: which ciphers, what chance, where SQL may be written by hand."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.tree import ROOT, python_files

PROGRAM = [path for path in python_files(ROOT) if path.is_relative_to(ROOT / "insuragent")]
#: One cipher, one way to stretch a passphrase, strong hashes, two curves; and the EC curve of foreign signers.
CIPHERS = {
    "AESGCM", "Argon2id", "HKDF", "SHA256", "Ed25519PrivateKey", "Ed25519PublicKey", "X25519PrivateKey",
    "X25519PublicKey", "ec", "hashes", "serialization", "x509", "NameOID", "InvalidSignature", "InvalidTag",
}  # fmt: skip
HASHES = {"sha256", "sha512", "blake2b", "scrypt", "file_digest"}
#: Where a statement may be words: below the floor that knows the file, and in its migrations.
WORDED = ("store", "headoffice", "models")


def names_in(path: Path) -> Iterator[tuple[str, str]]:
    """What a file imports from a package, and asks of a module: ("cryptography", "AESGCM"), ("hashlib", "md5")."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module.split(".")[0], alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], "") for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr


def told(unwanted: dict[str, set[str]]) -> list[str]:
    """Every use of a module that is not among those allowed."""
    return [
        f"{path.relative_to(ROOT)}: {module}.{name}"
        for path in PROGRAM
        for module, name in names_in(path)
        if module in unwanted and name and name not in unwanted[module]
    ]


def test_only_these_ciphers_and_hashes() -> None:
    """No second cipher, no weak hash, no mode without authentication (ASVS V11.3.2, V11.4.2)."""
    assert told({"cryptography": CIPHERS, "hashlib": HASHES, "hashes": {"SHA256"}}) == []


def test_chance_that_guards_comes_from_the_system() -> None:
    """``random`` waits before another try and shuffles sample people, and does nothing else (ASVS V11.5.1)."""
    users = {
        path.relative_to(ROOT).as_posix() for path in PROGRAM for module, _ in names_in(path) if module == "random"
    }
    assert users == {"insuragent/sync/syncer.py"}


def test_sql_is_written_by_hand_in_the_store_alone() -> None:
    """Everywhere above, statements are built, never worded (ASVS V1.2.4)."""
    worded = [
        path.relative_to(ROOT).as_posix()
        for path in PROGRAM
        for module, name in names_in(path)
        if module in ("sa", "sqlalchemy")
        and name == "text"
        and path.relative_to(ROOT / "insuragent").parts[0] not in WORDED
    ]
    assert worded == []


def test_nothing_is_unpacked_into_code() -> None:
    """No pickle, no marshal; YAML by its safe loader, which ruff sees to (ASVS V1.5.2)."""
    assert (
        told(
            {
                "pickle": set(),
                "marshal": set(),
                "shelve": set(),
                "yaml": {"load", "SafeLoader", "ScalarNode", "YAMLError"},
            }
        )
        == []
    )
