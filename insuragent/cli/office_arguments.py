"""How the arguments of head office's subcommands are declared."""

import argparse
from pathlib import Path

from insuragent.i18n import _
from insuragent.rules.access import Role

Parser = argparse.ArgumentParser


def file(parser: Parser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")


def out(parser: Parser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=_("写到这里"))


def database(parser: Parser) -> None:
    default = "sqlite:///headoffice.db"
    parser.add_argument(
        "--db", default=default, metavar="URL", help=_("总公司数据库的地址，默认 {url}").format(url=default)
    )
    words = _("总公司数据库的密钥文件；SQLite 默认在数据库旁")
    parser.add_argument("--key-file", type=Path, default=None, metavar="FILE", help=words)


def files_at(parser: Parser) -> None:
    words = _("保存附件的地址：file:///文件夹 或 s3://桶/前缀，默认在数据库旁")
    parser.add_argument("--files", dest="files_at", default="", metavar="URL", help=words)


def port(typed: str) -> int:
    port = int(typed)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def found(parser: Parser) -> None:
    database(parser)
    words = _("服务器运行时所用的 PostgreSQL 用户，若不是表的所有者")
    parser.add_argument("--app-role", default="", metavar="ROLE", help=words)


def serve(parser: Parser) -> None:
    database(parser)
    parser.add_argument("--host", default="127.0.0.1", help=_("监听的地址"))
    parser.add_argument("--port", type=port, default=8040, help=_("监听的端口，0 为任意空闲端口"))
    words = _("设备所用的 主机:端口，可多次给出；默认与监听相同")
    files_at(parser)
    parser.add_argument("--authority", action="append", default=[], metavar="HOST:PORT", help=words)
    words = _("要求更旧协议版本的设备先更新再接收资料；上传不受影响")
    parser.add_argument("--pull-from", type=int, default=0, metavar="N", help=words)
    provider(parser)
    parser.add_argument("--attended", action="store_true", help=_("标准输入一关闭就停止，不留下无人照管的服务器"))


def provider(parser: Parser) -> None:
    words = _("公司统一登录（OpenID Connect）的签发者地址；不给出时只用本系统的账号密码")
    parser.add_argument("--oidc-issuer", default="", metavar="URL", help=words)
    parser.add_argument("--oidc-client", default="", metavar="ID", help=_("统一登录分配给本系统的编号"))
    words = _("存有统一登录密钥的文件；没有密钥的公开客户端不给出")
    parser.add_argument("--oidc-secret-file", type=Path, default=None, metavar="FILE", help=words)
    words = _("用哪一项认出人员，与账号绑定的身份比较；email 必须已验证")
    parser.add_argument("--oidc-claim", default="email", metavar="CLAIM", help=words)
    parser.add_argument("--oidc-name", default="", metavar="TEXT", help=_("登录页上统一登录的名称"))


def enrol_code(parser: Parser) -> None:
    database(parser)
    parser.add_argument("--staff", required=True, metavar="ID", help=_("人员的编号、执业登记编号或姓名"))


def device(parser: Parser) -> None:
    database(parser)
    parser.add_argument("device", metavar="DEVICE")


def reassignment(parser: Parser) -> None:
    database(parser)
    words = _("人员的编号、执业登记编号或姓名")
    parser.add_argument("customer", nargs="?", metavar="CUSTOMER", help=_("要移交的客户的编号"))
    parser.add_argument("--to", metavar="STAFF", help=words)
    parser.add_argument("--from", dest="former", metavar="STAFF", help=words)
    parser.add_argument("--all", action="store_true", help=_("移交 --from 的全部客户和资料"))
    parser.add_argument("--status", action="store_true", help=_("列出移交和删除，以及尚未确认清除的设备"))


def account(parser: Parser) -> None:
    database(parser)
    parser.add_argument("name", metavar="NAME", help=_("用户名"))


def new_account(parser: Parser) -> None:
    account(parser)
    parser.add_argument("--role", required=True, choices=[role.value for role in Role], help=_("岗位"))
    words = _("代理人的编号、执业登记编号或姓名；岗位为 agent 时必填")
    parser.add_argument("--staff", default="", metavar="ID", help=words)
    words = _("主管负责的分支机构，与人员资料所写一致；岗位为 supervisor 时必填")
    parser.add_argument("--branch", default="", metavar="BRANCH", help=words)
    words = _("统一登录中的身份，如公司邮箱；给出时没有密码")
    parser.add_argument("--identity", default="", metavar="IDENTITY", help=words)


def identified(parser: Parser) -> None:
    account(parser)
    parser.add_argument("identity", metavar="IDENTITY", help=_("统一登录中的身份，如公司邮箱"))


def supervised(parser: Parser) -> None:
    account(parser)
    parser.add_argument("branch", metavar="BRANCH", help=_("分支机构，与人员资料所写一致"))


def setting(parser: Parser) -> None:
    database(parser)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("value", type=int, metavar="N")


def number(parser: Parser) -> None:
    database(parser)
    parser.add_argument("value", metavar="NUMBER")


def written(parser: Parser) -> None:
    database(parser)
    out(parser)


def publication(parser: Parser) -> None:
    database(parser)
    file(parser)


def signing(parser: Parser) -> None:
    database(parser)
    file(parser)
    out(parser)


def parcel(parser: Parser) -> None:
    database(parser)
    files_at(parser)
    file(parser)
    out(parser)


def packages(parser: Parser) -> None:
    database(parser)
    files_at(parser)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
