"""Run the benches, print one table, and keep each group's rows in bench/out/NAME.json."""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

import bench
from bench.measure import Row

OUT = Path(__file__).parent / "out"


def names() -> list[str]:
    """The groups there are: modules of this package with ``rows``."""
    found = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__")
    return [name for name in found if hasattr(importlib.import_module(f"bench.{name}"), "rows")]


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text; figures with three digits that count."""
    head = ("metric", "value", "unit", "peer", "peer value", "ratio")
    body = [
        (
            row["metric"],
            _figure(row["value"]),
            row["unit"],
            row["peer"] or "",
            _figure(row["peer_value"]),
            _figure(row["ratio"]),
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [head, *body]) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *body]
    )


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def main(arguments: list[str]) -> int:
    """Run every group, or the ones named; 2 when a name is unknown."""
    known = names()
    if unknown := set(arguments) - set(known):
        print(f"no bench named {', '.join(sorted(unknown))}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    OUT.mkdir(exist_ok=True)
    for name in arguments or known:
        rows: list[Row] = importlib.import_module(f"bench.{name}").rows()
        (OUT / f"{name}.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"\n{name}\n{table(rows)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
