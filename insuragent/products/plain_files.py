"""Plain data files of packages and policy: YAML with exact decimals, and CSV tables."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from insuragent.errors import BadFile
from insuragent.i18n import N_


class _ExactLoader(yaml.SafeLoader):
    """YAML's safe loader, except that 0.035 is the decimal it looks like and never a binary fraction."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a UTF-8 YAML file; dates come as datetime.date, fractions as Decimal. Raises BadFile."""
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_ExactLoader)  # noqa: S506 - a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ArithmeticError) as error:
        raise BadFile(N_("文件 {name} 不能读取"), name=path.name) from error
    if not isinstance(loaded, dict):
        raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=path.name)
    return loaded


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a UTF-8 CSV file with a heading row. Raises BadFile."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(N_("文件 {name} 不能读取"), name=path.name) from error
