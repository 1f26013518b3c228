"""The accounts of head office's own people, on the command line."""

import argparse
from typing import TYPE_CHECKING

from insuragent.cli.console import Answer
from insuragent.cli.headoffice import founded
from insuragent.i18n import _, format_moment
from insuragent.rules.access import Role

if TYPE_CHECKING:
    from insuragent.headoffice.staff import Accounts, Credentials


def add(told: argparse.Namespace) -> Answer:
    """A new account."""
    return _said(_accounts(told).add(told.name, Role(told.role), told.staff, told.branch, told.identity))


def reset(told: argparse.Namespace) -> Answer:
    """A new password and a new secret."""
    return _said(_accounts(told).reset(told.name))


def move(told: argparse.Namespace) -> Answer:
    """A supervisor answers for another branch."""
    _accounts(told).move(told.name, told.branch)
    words = _("{name} 现在负责 {branch}").format(name=told.name, branch=told.branch)
    return Answer({"moved": told.name, "branch": told.branch}, [words])


def bind(told: argparse.Namespace) -> Answer:
    """Somebody signs in at the company's identity provider from now on."""
    _accounts(told).bind(told.name, told.identity)
    words = _("{name} 现在用统一登录，原密码和验证器不再有效").format(name=told.name)
    return Answer({"bound": told.name}, [words])


def disable(told: argparse.Namespace) -> Answer:
    """An account is used no more."""
    _accounts(told).disable(told.name)
    return Answer({"disabled": told.name}, [_("已停用账号 {name}").format(name=told.name)])


def everyone(told: argparse.Namespace) -> Answer:
    """Every account."""
    from insuragent.headoffice.staff import ROLE_LABELS

    found = _accounts(told).all()
    lines = [
        f"{one.name}  {_(ROLE_LABELS[one.role])}  {one.state}  {format_moment(one.seen_at) or '–'}" for one in found
    ]
    return Answer({"accounts": found}, lines or [_("还没有账号，请用 insuragent headoffice staff add 新建")])


def _said(made: "Credentials") -> Answer:
    told = {"name": made.name, "password": made.password, "totp": made.totp}
    if not made.password:
        return Answer(told, [_("账号：{name}").format(name=made.name), _("用公司统一登录进入，没有密码。")])
    lines = [
        _("账号：{name}").format(name=made.name),
        _("初始密码：{password}（首次登录后必须更换）").format(password=made.password),
        _("动态码密钥，请加入验证器：{totp}").format(totp=made.totp),
        _("以上内容只显示这一次。"),
    ]
    return Answer(told, lines)


def _accounts(told: argparse.Namespace) -> "Accounts":
    database = founded(told)
    from insuragent.headoffice.staff import Accounts

    return Accounts(database)
