"""What every subcommand shares: its answer, how it is said, and how files and passphrases are read."""

import csv
import datetime as dt
import getpass
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

from insuragent.errors import BadFile, DiskFull, InsuragentError, StoreReadOnly, UserError, ValidationError
from insuragent.i18n import N_, SHANGHAI, _

DONE, REFUSED, WRONG_USAGE = 0, 1, 2
#: The file that holds the passphrase where nobody sits at the keyboard; its first line counts.
PASSPHRASE_FILE = "INSURAGENT_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
_LARGEST_INPUT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What a subcommand says: ``data`` for machines, ``lines`` for people."""

    data: Any
    lines: Sequence[str] = ()
    code: int = DONE


def say(answer: Answer, *, as_json: bool) -> None:
    """Say an answer on standard output."""
    text = json.dumps(answer.data, ensure_ascii=False, indent=1, default=_plain) if as_json else "\n".join(answer.lines)
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has had enough; the interpreter must not complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(error: InsuragentError, *, as_json: bool) -> int:
    """Say why not, and what to do; returns the exit code."""
    told: dict[str, Any] = {"error": str(error), "advice": error.advice}
    if isinstance(error, ValidationError):
        told["problems"] = error.problems
    if as_json:
        say(Answer(told), as_json=True)
    else:
        sys.stderr.write(error.with_advice() + "\n")
    return REFUSED


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def _read(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST_INPUT:
        raise BadFile(N_("文件过大，超过 {limit} MB"), limit=_LARGEST_INPUT // 1024**2)
    return path.read_bytes()


def read_text(path: Path) -> str:
    """A UTF-8 file. Raises BadFile, OSError."""
    try:
        return _read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(N_("文件 {name} 应为 UTF-8 编码"), name=path.name) from error


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object from a file. Raises BadFile, OSError."""
    try:
        told = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise BadFile(N_("文件 {name} 不是有效的 JSON"), name=path.name) from error
    if not isinstance(told, dict):
        raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=path.name)
    return told


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within the block ``path`` is written; a failure is told of that file. Raises BadFile."""
    if not path.absolute().parent.is_dir():
        raise BadFile(N_("文件夹 {name} 不存在"), hint=N_("请先建立这个文件夹，或换一个位置。"), name=path.parent)
    if path.is_dir():
        raise BadFile(N_("{name} 是文件夹"), hint=N_("请写上文件名。"), name=path)
    try:
        yield
    except (StoreReadOnly, DiskFull) as error:
        hint = N_("请检查该文件夹的权限和剩余空间，或换一个位置。")
        raise BadFile(N_("文件 {name} 不能写入"), hint=hint, name=path) from error


def passphrase() -> str:
    """The passphrase from the file that the environment names, or from the keyboard. Raises UserError for neither."""
    file = os.environ.get(PASSPHRASE_FILE)
    if file:
        lines = read_text(Path(file)).splitlines()
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise UserError(N_("没有输入口令"), hint=N_("请在终端输入，或用 INSURAGENT_PASSPHRASE_FILE 指定口令文件。"))
    return getpass.getpass(_("口令："))


def csv_lines(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> list[str]:
    """Rows as the lines of a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().splitlines()


def today() -> dt.date:
    """Shanghai's date."""
    return dt.datetime.now(SHANGHAI).date()


def has_display() -> bool:
    """Whether a window can be seen here."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
