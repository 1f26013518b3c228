"""Code that stands twice is found once, whatever its comments; short or different code is not."""

from pathlib import Path

from tools.check_duplicates import duplicates

LOGIC = "".join(f"    total_{n} = first[{n}] + second[{n}] * third[{n}]\n" for n in range(10))


def module(folder: Path, name: str, code: str) -> Path:
    """A module with this code."""
    path = folder / name
    path.write_text(code)
    return path


def test_a_copy_is_found_with_both_places(tmp_path: Path) -> None:
    """The longest run is told once, though comments, blank lines and depth differ."""
    one = module(tmp_path, "one.py", "def one():\n" + LOGIC)
    other_logic = LOGIC.replace("\n", "  # why\n\n", 1).replace("    ", "        ")
    other = module(tmp_path, "other.py", "class Other:\n    def method(self):\n" + other_logic)
    (twin,) = duplicates([one, other])
    assert (twin.first, twin.first_lines) == (one, (2, 11))
    assert (twin.second, twin.second_lines) == (other, (3, 13))


def test_a_copy_within_one_file_is_found(tmp_path: Path) -> None:
    """Two functions of one module may be twins as well."""
    path = module(tmp_path, "one.py", "def one():\n" + LOGIC + "\n\ndef two():\n" + LOGIC)
    assert [twin.first_lines for twin in duplicates([path])] == [(2, 11)]


def test_short_and_different_code_is_no_copy(tmp_path: Path) -> None:
    """Seven equal lines, equal imports, and equal closing brackets are no copy."""
    seven = "".join(LOGIC.splitlines(keepends=True)[:7])
    imports = "".join(f"from module_{n} import name_a, name_b, name_c, name_d\n" for n in range(12))
    brackets = "x = [\n" + "    [\n" * 6 + "    ],\n" * 6 + "]\n"
    paths = [module(tmp_path, f"{n}.py", f"{imports}def f{n}():\n{seven}\n\ny{n} = {n}\n{brackets}") for n in (1, 2)]
    assert duplicates(paths) == []
