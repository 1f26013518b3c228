"""The subcommands that keep customers' data no longer than is right."""

import argparse
import uuid
from dataclasses import asdict

from insuragent.cli.console import Answer
from insuragent.cli.on_profile import open_desk
from insuragent.errors import BadFile
from insuragent.i18n import N_, _
from insuragent.models.choices import Why
from insuragent.services import retention


def overdue(told: argparse.Namespace) -> Answer:
    """The customers whose data nothing asks for any more."""
    with open_desk(told) as opened, opened.read() as work:
        found = retention.overdue(work)
    lines = [f"{one.customer_id}  {one.name}  {one.words}" for one in found]
    data = [asdict(one) | {"words": one.words} for one in found]
    return Answer({"overdue": data}, lines or [_("没有保存期限已到的客户")])


def restrict(told: argparse.Namespace) -> Answer:
    """Store a customer's data and use them for nothing else."""
    with open_desk(told) as opened, opened.begin() as work:
        made = retention.restrict(work, _id(told.customer), _why(told.reason))
    return Answer({"restricted": told.customer, "at": made.restricted_at}, [_("已限制处理")])


def lift(told: argparse.Namespace) -> Answer:
    """Let a customer's data be used again."""
    with open_desk(told) as opened, opened.begin() as work:
        retention.lift(work, _id(told.customer))
    return Answer({"lifted": told.customer}, [_("已解除限制")])


def erase(told: argparse.Namespace) -> Answer:
    """Have a customer erased at head office and on every desk, with the next sync."""
    with open_desk(told) as opened, opened.begin() as work:
        retention.erase(work, _id(told.customer), _why(told.reason), told.confirm)
    return Answer({"erased": told.customer}, [_("已下令删除，下次同步时执行")])


def _why(told: str) -> Why:
    return next(one for one in Why if one.value == told)


def _id(told: str) -> uuid.UUID:
    try:
        return uuid.UUID(told)
    except ValueError as error:
        raise BadFile(N_("编号 {id} 的格式不正确"), id=told) from error
