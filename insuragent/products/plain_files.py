"""Plain data files of packages and policy: YAML with exact decimals, and CSV tables."""

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from insuragent.errors import BadFile, NoAccess
from insuragent.i18n import N_


class _ExactLoader(yaml.SafeLoader):
    """YAML's safe loader, except that 0.035 is the decimal it looks like and never a binary fraction."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def parse_yaml(name: str, data: bytes) -> dict[str, Any]:
    """The mapping in UTF-8 YAML; dates come as datetime.date, fractions as Decimal. Raises BadFile with ``name``."""
    try:
        loaded = yaml.load(data.decode("utf-8"), Loader=_ExactLoader)  # noqa: S506 - a SafeLoader
    except (UnicodeDecodeError, yaml.YAMLError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        raise NoAccess(name) from error
    if not isinstance(loaded, dict):
        raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=name)
    return loaded


def parse_table(name: str, data: bytes) -> list[dict[str, str]]:
    """The rows of UTF-8 CSV with a heading row. Raises BadFile with ``name``."""
    try:
        return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoAccess(name) from error


def read_yaml(path: Path) -> dict[str, Any]:
    """The same of a file."""
    return parse_yaml(path.name, _bytes(path))


def read_table(path: Path) -> list[dict[str, str]]:
    """The same of a file."""
    return parse_table(path.name, _bytes(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoAccess(path.name) from error
