"""The command line: one small function a subcommand, the same services as the window, and no Qt until it opens."""

import argparse
import datetime as dt
import importlib
import io
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from insuragent import __version__
from insuragent.cli import office_arguments as hq
from insuragent.cli.console import REFUSED, Answer, has_display, refuse, say
from insuragent.cli.office_arguments import file as _file
from insuragent.cli.office_arguments import out as _out
from insuragent.errors import InsuragentError, NoAccess, UserError
from insuragent.i18n import N_, _, set_language
from insuragent.settings import Profile, Settings, resource

log = logging.getLogger(__name__)
#: The language of the command line: zh or en.
LANGUAGE = "INSURAGENT_LANGUAGE"
#: The letters that may be asked for.
LETTERS = (
    "agent-change", "stop-advice", "consent", "complaint-receipt", "complaint-reply", "visit-report", "data-copy",
)  # fmt: skip
Parser = argparse.ArgumentParser


@dataclass(frozen=True)
class Command:
    """A subcommand: what it does, "module:function" of this package, and how its arguments are declared.

    The function is loaded when it is asked for, as the window must not wait for what it does not need.
    """

    name: str
    does: str
    function: str
    arguments: Callable[[Parser], object] = lambda _parser: None

    def __call__(self, told: argparse.Namespace) -> Answer:
        module, name = self.function.split(":")
        answer: Answer = getattr(importlib.import_module(f"insuragent.cli.{module}"), name)(told)
        return answer


# --- arguments ---------------------------------------------------------------------------------------------------


def _profile(parser: Parser, default: Any = argparse.SUPPRESS) -> None:
    # Suppressed in a subcommand, so that it does not overwrite what was given before it.
    parser.add_argument("--profile", type=Path, default=default, metavar="DIR", help=_("资料夹"))


def _received(parser: Parser) -> None:
    parser.add_argument("--received", required=True, metavar='"2026-09-20 10:00"', help=_("收到投诉的时间"))


def _list(parser: Parser) -> None:
    _file(parser)
    parser.add_argument("--dry-run", action="store_true", help=_("只预览，不导入"))
    _profile(parser)


def _sheet(parser: Parser) -> None:
    _file(parser)
    _out(parser)


def _letter(parser: Parser) -> None:
    parser.add_argument("kind", choices=LETTERS, help=_("哪一种函件"))
    parser.add_argument("about", metavar="ABOUT", help=_("客户、投诉或说明书：姓名、编号，或号码的后四位"))
    parser.add_argument("--purpose", default="", metavar="NAME", help=_("告知书的处理目的，如 health"))
    _out(parser)
    _profile(parser)


def _file_on_profile(parser: Parser) -> None:
    _file(parser)
    _profile(parser)


def _verified(parser: Parser) -> None:
    _file_on_profile(parser)
    words = _("总公司发布的设备密钥清单（headoffice keys 写出的文件）")
    parser.add_argument("--keys", type=Path, default=None, metavar="FILE", help=words)
    words = _("总公司的公钥（64 位十六进制），用来核对清单")
    parser.add_argument("--office", type=_public_key, default=None, metavar="HEX", help=words)


def _enrolment(parser: Parser) -> None:
    parser.add_argument("address", metavar="URL", help=_("总公司地址"))
    parser.add_argument("code", metavar="CODE", help=_("登记码"))
    words = _("公司自己的证书（PEM），登记时固定；不给出时由系统验证")
    parser.add_argument("--ca", type=Path, default=None, metavar="FILE", help=words)
    _profile(parser)


def _illustrated(parser: Parser) -> None:
    _file(parser)
    words = _("逐步说明一个数字：第几年、哪一列")
    parser.add_argument("--explain", nargs=2, metavar=("YEAR", "COLUMN"), help=words)


def _text(parser: Parser) -> None:
    _file(parser)
    parser.add_argument(
        "--setting", choices=("sheet", "note", "account", "quote"), default="sheet", help=_("文字用在哪里")
    )


def _product(parser: Parser) -> None:
    _file(parser)
    words = _("总公司的公钥（64 位十六进制），可多次给出")
    parser.add_argument("--key", action="append", type=_public_key, default=[], metavar="HEX", help=words)
    parser.add_argument("--unsigned", action="store_true", help=_("签名之前检查，不看签名"))


def _public_key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != 32:
        raise ValueError
    return key


def _backup(parser: Parser) -> None:
    _profile(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help=_("写到这个文件，或放进这个已有的文件夹"))


def _restore(parser: Parser) -> None:
    _file(parser)
    parser.add_argument("--profile", type=Path, required=True, metavar="DIR", help=_("恢复到这个空文件夹"))


def _of_customer(parser: Parser) -> None:
    parser.add_argument("customer", metavar="CUSTOMER", help=_("客户的编号"))
    _profile(parser)


def _restricted(parser: Parser) -> None:
    _of_customer(parser)
    reasons = ("asked", "withdrawn", "expired", "disputed", "unlawful")
    parser.add_argument("--reason", required=True, choices=reasons, help=_("原因"))


def _erased(parser: Parser) -> None:
    _restricted(parser)
    parser.add_argument("--confirm", required=True, metavar="NAME", help=_("客户的姓名，以确认删除"))


def _audit_verify(parser: Parser) -> None:
    _profile(parser)
    parser.add_argument("--file", type=Path, default=None, metavar="FILE", help=_("验证导出的文件"))


def _audit_export(parser: Parser) -> None:
    _profile(parser)
    _out(parser)
    parser.add_argument("--first", type=dt.date.fromisoformat, default=None, metavar="2026-11-01", help=_("起始日期"))
    parser.add_argument("--last", type=dt.date.fromisoformat, default=None, metavar="2026-11-30", help=_("截止日期"))


def _field_day(parser: Parser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=_("写到这个文件夹"))


def _run_demo(parser: Parser) -> None:
    default = Path("out", "field-day")
    parser.add_argument("--out", type=Path, default=default, metavar="DIR", help=_("没有显示器时写到这个文件夹"))


#: Every subcommand, in the order of --help.
COMMANDS: tuple[Command, ...] = (
    Command("run-demo", N_("打开演示资料和本机的总公司；没有显示器时在后台走完一天"), "field_day:run_demo", _run_demo),
    Command("demo", N_("不开窗口走完外勤一天，从导入到同步和第二台设备"), "field_day:demo", _field_day),
    Command("enrol", N_("用登记码在总公司登记本设备"), "on_profile:enrol", _enrolment),
    Command("import", N_("导入客户名单，逐行说明没有导入的原因"), "on_profile:take_list", _list),
    Command("validate", N_("校验 CSV 中的证件、电话等（kind,value）"), "without_store:validate", _file),
    Command("clocks", N_("计算一件投诉的各项期限"), "without_store:clocks", _received),
    Command("illustrate", N_("计算保险利益演示"), "without_store:illustrate", _illustrated),
    Command("sheet", N_("生成产品说明书 PDF"), "without_store:sheet", _sheet),
    Command("letter", N_("把给客户的函件、回执或资料副本写成加密的 PDF"), "letters:letter", _letter),
    Command("verify", N_("验证签署的说明书：签名、存档格式、数字"), "without_store:verify", _verified),
    Command("check-text", N_("检查销售用语"), "without_store:check_text", _text),
    Command("product check", N_("检查产品包，一次列出全部问题"), "products:check", _product),
    Command("product install", N_("把总公司签名的产品包装到资料夹"), "products:install", _file_on_profile),
    Command("doctor", N_("检查程序和资料夹"), "on_profile:doctor", _profile),
    Command("backup", N_("备份资料夹"), "on_profile:backup", _backup),
    Command("restore", N_("把备份恢复到空文件夹"), "on_profile:restore", _restore),
    Command("audit verify", N_("验证操作日志没有被改动"), "on_profile:audit_verify", _audit_verify),
    Command("audit export", N_("导出操作日志"), "on_profile:audit_export", _audit_export),
    Command("retention list", N_("列出保存期限已到的客户"), "retention:overdue", _profile),
    Command("retention restrict", N_("限制处理一位客户的资料：只保存，不再使用"), "retention:restrict", _restricted),
    Command("retention lift", N_("解除对一位客户资料的限制"), "retention:lift", _of_customer),
    Command("retention erase", N_("从总公司和每台设备上删除一位客户"), "retention:erase", _erased),
    Command("package export", N_("把待同步的内容写成数据包"), "on_profile:package_export", _file_on_profile),
    Command("package import", N_("导入总公司对数据包的回执文件"), "on_profile:package_import", _file_on_profile),
    Command("headoffice init", N_("建立总公司的数据库和签名密钥"), "headoffice:init", hq.found),
    Command("headoffice serve", N_("运行总公司服务器"), "headoffice:serve", hq.serve),
    Command("headoffice enrol-code", N_("为人员的新设备发一次性登记码"), "headoffice:enrol_code", hq.enrol_code),
    Command("headoffice devices", N_("列出已登记的设备"), "headoffice:devices", hq.database),
    Command("headoffice revoke", N_("停用一台设备并令其销毁资料"), "headoffice:revoke", hq.device),
    Command("headoffice reassign", N_("把客户连同全部资料移交给另一位人员"), "headoffice:reassign", hq.reassignment),
    Command("headoffice keys", N_("写出各设备签名密钥的清单，供别处验证说明书"), "headoffice:keys", hq.written),
    Command("headoffice retire", N_("收回一台设备：先上传全部内容，再清除资料"), "headoffice:retire", hq.device),
    Command("headoffice set", N_("设定各设备的规则，如离线期限 lease-days"), "headoffice:put", hq.setting),
    Command("headoffice audit", N_("列出并验证总公司自己的日志"), "headoffice:acts", hq.database),
    Command("headoffice find", N_("按证件或电话号码查出由谁保存"), "headoffice:find", hq.number),
    Command("headoffice staff add", N_("为控制台新建账号，给出初始密码和密钥"), "headoffice_staff:add", hq.new_account),
    Command("headoffice staff list", N_("列出控制台的账号"), "headoffice_staff:everyone", hq.database),
    Command("headoffice staff disable", N_("停用一个账号，立即结束其登录"), "headoffice_staff:disable", hq.account),
    Command("headoffice staff branch", N_("更换主管负责的分支机构"), "headoffice_staff:move", hq.supervised),
    Command("headoffice staff bind", N_("让一个账号改用统一登录"), "headoffice_staff:bind", hq.identified),
    Command("headoffice staff reset", N_("给一个账号新的初始密码和密钥"), "headoffice_staff:reset", hq.account),
    Command("headoffice publish", N_("发布人员、产品或更正（JSON 列表）"), "headoffice:publish", hq.publication),
    Command("headoffice import-parcel", N_("接收设备的数据包，写出回执文件"), "headoffice:import_parcel", hq.parcel),
    Command("headoffice sign-package", N_("检查产品包并用总公司的密钥签名"), "headoffice:sign_package", hq.signing),
    Command("headoffice import-package", N_("检查产品包并发布其产品"), "headoffice:import_packages", hq.packages),
)  # fmt: skip
#: Commands that only hold others.
_GROUPS = {
    "product": N_("产品包"),
    "package": N_("用 U 盘同步的数据包"),
    "audit": N_("操作日志"),
    "retention": N_("客户资料的保存期限"),
    "headoffice": N_("总公司服务器"),
    "headoffice staff": N_("控制台的账号"),
}


# --- running -----------------------------------------------------------------------------------------------------


def run(typed: Sequence[str]) -> int:
    """Run what was typed; returns 0, 1 ("no, and here is why") or 2 (wrong usage). Never a traceback."""
    sys.excepthook = _tell_fault
    _speak_utf8()
    use_language(os.environ.get(LANGUAGE, ""))
    told, more = _parser(add_help=False).parse_known_args(typed)
    if more:  # the window need not wait until fifty commands are declared
        told = build_parser().parse_args(typed)
    as_json = getattr(told, "json", False)
    try:
        if "run" not in told:
            return _open_window(told.profile)
        answer = told.run(told)
    except InsuragentError as error:
        return refuse(error, as_json=as_json)
    except OSError as error:
        named = Path(error.filename).name if isinstance(error.filename, str) else ""
        return refuse(NoAccess(named), as_json=as_json)
    except KeyboardInterrupt:
        return REFUSED
    say(answer, as_json=as_json)
    return int(answer.code)


def use_language(wanted: str) -> None:
    """Speak the ``wanted`` language where its catalogue exists, else Chinese."""
    folder = resource("i18n")
    there = wanted in ("zh", "en") and (folder / f"{wanted}.mo").exists()
    set_language(wanted if there else Settings.language.default, folder)


def build_parser() -> Parser:
    """The parser with every subcommand of COMMANDS."""
    parser = _parser(description=_("保险管家：不带命令时打开窗口"))
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar=_("命令"))
    groups: dict[str, Any] = {"": commands}
    for command in COMMANDS:
        group, _space, name = command.name.rpartition(" ")
        made = _group(groups, group).add_parser(name, help=_(command.does), description=_(command.does))
        made.add_argument("--json", action="store_true", help=_("输出 JSON"))
        command.arguments(made)
        made.set_defaults(run=command)
    return parser


def _parser(**told: Any) -> Parser:
    """The parser of what may stand before a command."""
    parser = Parser(prog="insuragent", **told)
    _profile(parser, None)
    return parser


def _group(groups: dict[str, Any], name: str) -> Any:
    """The holder of the commands of a group, which may be in another; made where it is not there yet."""
    if name not in groups:
        above, _space, last = name.rpartition(" ")
        holder = _group(groups, above).add_parser(last, help=_(_GROUPS[name]), description=_(_GROUPS[name]))
        groups[name] = holder.add_subparsers(dest=f"sub{name}", metavar=_("命令"), required=True)
    return groups[name]


def _speak_utf8() -> None:
    # A Windows console or a C locale could not print Chinese, and printing must not be what fails.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _tell_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    places = "".join(f"  {frame.filename}:{frame.lineno} {frame.name}\n" for frame in traceback.extract_tb(trace))
    log.debug("fault of ours: %s\n%s", kind.__name__, places)
    sys.stderr.write(_("程序出错了，这是我们的问题；资料没有受到影响。") + f" ({kind.__name__})\n")


def _open_window(folder: Path | None) -> int:
    if not (has_display() or os.environ.get("QT_QPA_PLATFORM")):
        hint = N_("请在桌面环境中打开；不开窗口的命令见 insuragent --help。")
        raise UserError(N_("没有可用的显示器，不能打开窗口"), hint=hint)
    from insuragent.app import main

    return main(Profile(folder))
