"""The command line: one small function a subcommand, the same services as the window, and no Qt until it opens."""

import argparse
import csv
import getpass
import io
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from insuragent import __version__
from insuragent.errors import BadFile, InsuragentError, UserError, ValidationError
from insuragent.i18n import N_, _, format_moment, set_language
from insuragent.settings import Profile, Settings, resource

if TYPE_CHECKING:
    from insuragent.services.desk import Desk

log = logging.getLogger(__name__)
DONE, REFUSED, WRONG_USAGE = 0, 1, 2
#: The file that holds the passphrase where nobody sits at the keyboard; its first line counts.
PASSPHRASE_FILE = "INSURAGENT_PASSPHRASE_FILE"
_LARGEST_INPUT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What a subcommand says: ``data`` for machines, ``lines`` for people."""

    data: Any
    lines: Sequence[str] = ()
    code: int = DONE


@dataclass(frozen=True)
class Command:
    """A subcommand: what it does, its function, and how its arguments are declared."""

    name: str
    does: str
    run: Callable[[argparse.Namespace], Answer]
    arguments: Callable[[argparse.ArgumentParser], object] = field(default=lambda _parser: None)


def run(typed: Sequence[str]) -> int:
    """Run what was typed; returns 0, 1 ("no, and here is why") or 2 (wrong usage). Never a traceback."""
    sys.excepthook = _tell_fault
    _speak_utf8()
    use_language(Settings(), os.environ.get("INSURAGENT_LANGUAGE", ""))
    parser = build_parser()
    told = parser.parse_args(typed)
    if told.command is None:
        return _open_window(told.profile)
    try:
        answer: Answer = told.run(told)
    except InsuragentError as error:
        return _refuse(error, as_json=told.json)
    except OSError as error:
        named = Path(error.filename).name if isinstance(error.filename, str) else ""
        return _refuse(BadFile(N_("文件 {name} 不能读取或写入"), name=named), as_json=told.json)
    except KeyboardInterrupt:
        return REFUSED
    _say(answer, as_json=told.json)
    return answer.code


def use_language(settings: Settings, wanted: str = "") -> None:
    """Speak the language of ``settings``, or the ``wanted`` one where it exists."""
    chosen = wanted if wanted in ("zh", "en") else settings.language
    folder = resource("i18n")
    set_language(chosen if (folder / f"{chosen}.mo").exists() else "zh", folder)


def build_parser() -> argparse.ArgumentParser:
    """The parser with every subcommand of COMMANDS."""
    parser = argparse.ArgumentParser(prog="insuragent", description=_("保险管家：不带命令时打开窗口"))
    parser.add_argument("--version", action="version", version=__version__)
    _profile(parser)
    commands = parser.add_subparsers(dest="command", metavar=_("命令"))
    for command in COMMANDS:
        words = command.name.split()
        under = commands if len(words) == 1 else _group(commands, words[0])
        made = under.add_parser(words[-1], help=_(command.does), description=_(command.does))
        made.add_argument("--json", action="store_true", help=_("输出 JSON"))
        command.arguments(made)
        made.set_defaults(run=command.run)
    return parser


def _group(commands: Any, name: str) -> Any:
    """The subcommands of a command that only groups, such as ``audit``."""
    if name not in commands.choices:
        parent = commands.add_parser(name, help=_(_GROUPS[name]), description=_(_GROUPS[name]))
        parent.subcommands = parent.add_subparsers(dest="subcommand", metavar=_("命令"), required=True)
    return commands.choices[name].subcommands


def _profile(parser: argparse.ArgumentParser) -> None:
    # SUPPRESS: a subcommand must not overwrite what was given before it.
    top = parser.prog == "insuragent"
    default = None if top else argparse.SUPPRESS
    parser.add_argument("--profile", type=Path, default=default, metavar="DIR", help=_("资料夹"))


# --- saying ------------------------------------------------------------------------------------------------------


def _speak_utf8() -> None:
    # A Windows console or a C locale could not print Chinese, and printing must not be what fails.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _say(answer: Answer, *, as_json: bool) -> None:
    text = json.dumps(answer.data, ensure_ascii=False, indent=1, default=_plain) if as_json else "\n".join(answer.lines)
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has had enough; the interpreter must not complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(error: InsuragentError, *, as_json: bool) -> int:
    told: dict[str, Any] = {"error": str(error), "advice": error.advice}
    if isinstance(error, ValidationError):
        told["problems"] = error.problems
    if as_json:
        _say(Answer(told), as_json=True)
    else:
        sys.stderr.write("\n".join(filter(None, (str(error), error.advice))) + "\n")
    return REFUSED


def _tell_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    places = "".join(f"  {frame.filename}:{frame.lineno} {frame.name}\n" for frame in traceback.extract_tb(trace))
    log.error("fault of ours: %s\n%s", kind.__name__, places)
    sys.stderr.write(_("程序出错了，这是我们的问题；资料没有受到影响。") + f" ({kind.__name__})\n")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


# --- reading -----------------------------------------------------------------------------------------------------


def _read(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST_INPUT:
        raise BadFile(N_("文件过大，超过 {limit} MB"), limit=_LARGEST_INPUT // 1024**2)
    return path.read_bytes()


def _read_text(path: Path) -> str:
    try:
        return _read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(N_("文件 {name} 应为 UTF-8 编码"), name=path.name) from error


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(_read_text(path))
    except (ValueError, RecursionError) as error:
        raise BadFile(N_("文件 {name} 不是有效的 JSON"), name=path.name) from error
    if not isinstance(told, dict):
        raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=path.name)
    return told


def passphrase() -> str:
    """The passphrase from the file that the environment names, or from the keyboard. Raises UserError for neither."""
    file = os.environ.get(PASSPHRASE_FILE)
    if file:
        lines = _read_text(Path(file)).splitlines()
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise UserError(N_("没有输入口令"), hint=N_("请在终端输入，或用 INSURAGENT_PASSPHRASE_FILE 指定口令文件。"))
    return getpass.getpass(_("口令："))


def _open_desk(told: argparse.Namespace) -> "Desk":
    from insuragent.services import desk

    return desk.unlock(Profile(told.profile), passphrase())


def _open_window(folder: Path | None) -> int:
    from insuragent.app import main

    return main(Profile(folder))


# --- without a store ---------------------------------------------------------------------------------------------


def _validate(told: argparse.Namespace) -> Answer:
    from insuragent.models.base import utc_now
    from insuragent.rules.validators import validate_rows
    from insuragent.services import catalogue

    today = _today(utc_now())
    pattern = catalogue.policy().text("licence_pattern", today)
    reader = csv.DictReader(io.StringIO(_read_text(told.file), newline=""))
    try:
        rows = list(validate_rows(reader, today=today, licence_pattern=pattern))
    except csv.Error as error:
        raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=told.file.name) from error
    if not {"kind", "value"} <= set(reader.fieldnames or ()):
        raise BadFile(N_("文件 {name} 应有 kind 和 value 两列"), name=told.file.name)
    return Answer(rows, _csv_lines(rows, ("kind", "value", "result", "normalised", "reason")))


def _csv_lines(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> list[str]:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().splitlines()


def _today(now: Any) -> Any:
    from insuragent.i18n import SHANGHAI

    return now.astimezone(SHANGHAI).date()


def _clocks(told: argparse.Namespace) -> Answer:
    from insuragent.models.base import utc_now
    from insuragent.rules.clocks import clocks_row
    from insuragent.services import catalogue

    policy = catalogue.policy()
    row = clocks_row(told.received, policy.calendar, policy.periods(_today(utc_now())))
    words = {
        "first_response_due": _("首次响应期限"),
        "day15": _("15日期限"),
        "day15_is_workday": _("当天是工作日"),
        "day15_rolled": _("顺延至（仅供参考）"),
        "internal_due": _("内部期限"),
        "day30": _("30日期限"),
        "day60": _("60日期限"),
        "notes": _("说明"),
    }
    lines = [f"{words[name]}：{_worded(value)}" for name, value in row.items() if value != []]
    return Answer(row, lines)


def _worded(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return "；".join(value) if isinstance(value, list) else str(value)


def _illustrate(told: argparse.Namespace) -> Answer:
    from insuragent.models.base import utc_now
    from insuragent.products.illustration import illustrate_plain
    from insuragent.services import catalogue

    today = _today(utc_now())
    result = illustrate_plain(_read_json(told.file), catalogue.packages(), catalogue.policy(), today=today)
    heading = [f"{name}: {result[name]}" for name in ("product", "premium", "sum_assured", "annuity") if name in result]
    rows = [{name: str(value) for name, value in row.items()} for row in result["rows"]]
    table = _csv_lines(rows, list(rows[0])) if rows else []
    return Answer(result, [*heading, *table, f"result_hash: {result['result_hash']}"])


def _sheet(told: argparse.Namespace) -> Answer:
    from insuragent.models.base import utc_now
    from insuragent.services import loose_sheets
    from insuragent.settings import write_whole

    data = loose_sheets.render(_read_json(told.file), utc_now())
    write_whole(told.out, data)
    return Answer({"file": str(told.out), "bytes": len(data)}, [_("已生成 {file}").format(file=told.out)])


def _check_text(told: argparse.Namespace) -> Answer:
    from insuragent.models.base import utc_now
    from insuragent.rules import phrases
    from insuragent.services import catalogue

    rules = catalogue.policy().phrase_rules(_today(utc_now()))
    context = phrases.Context(setting=phrases.Setting(told.setting))
    found = phrases.check_text(_read_text(told.file), rules, context)
    lines = [f"{f.start}–{f.end} “{f.text}” {f.rule} {_(f.why)}（{f.legal_ref}）：{f.action.value}" for f in found]
    blocked = phrases.blocks(found)
    data = {"findings": [finding.plain() for finding in found], "blocked": blocked}
    return Answer(data, lines or [_("没有发现问题")], REFUSED if blocked else DONE)


# --- on a profile ------------------------------------------------------------------------------------------------


def _import(told: argparse.Namespace) -> Answer:
    from insuragent.services import importing

    opened = _open_desk(told)
    try:
        with opened.begin() as work:
            shown = importing.preview(work, told.file)
            taken = 0 if told.dry_run else importing.take(work, shown)
    finally:
        opened.close()
    lines = [_("可导入 {n} 行，已导入 {taken} 行").format(n=len(shown.accepted), taken=taken)]
    lines += [_("第 {row} 行 {column}：{reason}").format(**asdict(refusal)) for refusal in shown.refused]
    lines += [_("提示：第 {row} 行 {reason}").format(row=w.row, reason=w.reason) for w in shown.warnings]
    data = {
        "acceptable": len(shown.accepted),
        "taken": taken,
        "refused": [asdict(refusal) for refusal in shown.refused],
        "refused_rows": shown.refused_rows,
        "warnings": [asdict(warning) for warning in shown.warnings],
        "columns": dict(zip(shown.headings, shown.mapping, strict=False)),
    }
    return Answer(data, lines, DONE if shown.accepted else REFUSED)


def _doctor(told: argparse.Namespace) -> Answer:
    from insuragent.services import checkup

    profile = Profile(told.profile)
    checks = [*checkup.program(), *checkup.folder(profile)]
    opened = _open_desk(told) if profile.database.exists() else None
    if opened is not None:
        try:
            checks += checkup.desk(opened)
        finally:
            opened.close()
    lines = [f"{'✓' if check.sound else '✗'} {check.name} {check.detail}".rstrip() for check in checks]
    return Answer({"checks": checks}, lines, DONE if all(check.sound for check in checks) else REFUSED)


def _backup(told: argparse.Namespace) -> Answer:
    from insuragent.services import backups

    opened = _open_desk(told)
    try:
        made = backups.make(opened, told.out)
    finally:
        opened.close()
    return Answer(made, [_("已备份到 {file}（{n} 条日志）").format(file=made.file, n=made.entries)])


def _restore(told: argparse.Namespace) -> Answer:
    from insuragent.services import backups

    found = backups.restore(told.file, Profile(told.profile), passphrase())
    words = _("已恢复 {moment} 的备份（{n} 条日志），并已验证可以打开")
    return Answer(found, [words.format(moment=format_moment(found.made_at), n=found.entries)])


def _audit_verify(told: argparse.Namespace) -> Answer:
    from insuragent.services import audit

    if told.file is not None:
        finding = audit.verify_file(told.file)
    else:
        opened = _open_desk(told)
        try:
            with opened.read() as work:
                finding = audit.verify(work)
        finally:
            opened.close()
    data = {"sound": finding.sound} | asdict(finding)
    words = _("{n} 条日志，首尾相连，没有改动").format(n=finding.entries) if finding.sound else finding.reason
    return Answer(data, [words], DONE if finding.sound else REFUSED)


def _audit_export(told: argparse.Namespace) -> Answer:
    from insuragent.services import audit

    opened = _open_desk(told)
    try:
        with opened.begin() as work:
            finding = audit.export(work, told.out, told.first, told.last)
    finally:
        opened.close()
    return Answer(finding, [_("已导出 {n} 条到 {file}").format(n=finding.entries, file=told.out)])
