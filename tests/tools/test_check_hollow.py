"""Hollow code is found, and honest code is left alone."""

from pathlib import Path

import pytest

from tools.check_hollow import hollow


def found(tmp_path: Path, code: str, name: str = "test_sample.py") -> list[str]:
    """The findings for a module with this code."""
    path = tmp_path / name
    path.write_text(code)
    return list(hollow(path))


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("def test_it():\n    print(1)\n", "1: test_it asserts nothing"),
        ("def helper():\n    return 1\n\ndef test_it():\n    helper()\n", "4: test_it asserts nothing"),
        ("def work():\n    pass\n", "1: work does nothing"),
        ("def work():\n    '''Says much.'''\n    ...\n", "1: work does nothing"),
        ("def work():\n    raise NotImplementedError('later')\n", "1: work does nothing"),
        (
            "import pytest\n\n@pytest.mark.skip(reason='x')\ndef test_it():\n    assert 1\n",
            "4: test_it is always skipped",
        ),
        ("x = 1  # TO" + "DO: more\n", "1: # TO" + "DO: more"),
    ],
)
def test_hollow_code_is_found(tmp_path: Path, code: str, what: str) -> None:
    """Each kind of hollowness gives exactly one finding with its line."""
    assert found(tmp_path, code) == [what]


@pytest.mark.parametrize(
    "code",
    [
        "def test_it():\n    assert 1\n",
        "import pytest\n\ndef test_it():\n    with pytest.raises(ValueError):\n        int('x')\n",
        "def same(a, b):\n    assert a == b\n\ndef test_it():\n    same(1, 1)\n",
        "def test_it(qtbot, window):\n    qtbot.waitUntil(lambda: window.ready)\n",
        "from abc import abstractmethod\n\nclass A:\n    @abstractmethod\n    def work(self):\n        ...\n",
        "from typing import Protocol\n\nclass A(Protocol):\n    def work(self) -> int: ...\n",
        "class A:\n    def paint(self):\n        '''Nothing to paint: the parent shows through.'''\n",
        "words = '# TO" + "DO'\n",
    ],
)
def test_honest_code_is_left_alone(tmp_path: Path, code: str) -> None:
    """What checks, declares or explains itself is not hollow."""
    assert found(tmp_path, code) == []
