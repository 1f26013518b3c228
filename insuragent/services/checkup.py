"""A check-up of a desk: what is sound, what is not, and what to do about it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from insuragent.documents import fonts
from insuragent.errors import InsuragentError
from insuragent.i18n import _, format_moment
from insuragent.models import Attachment
from insuragent.security.vault import State, Vault
from insuragent.services import audit, catalogue
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from insuragent.store import backup

#: Below this many free bytes a day's photographs may not fit.
_LITTLE_SPACE = 500 * 1024 * 1024


@dataclass(frozen=True)
class Check:
    """One line of a check-up; ``detail`` says what was found or what to do. A ``remark`` is sound, yet worth a look."""

    name: str
    sound: bool
    detail: str = ""
    remark: bool = False


def program() -> list[Check]:
    """What is needed of the program itself: policy data, product packages, fonts."""
    found = [
        _tried(_("规则数据"), lambda: _("{n} 项").format(n=len(catalogue.policy().values))),
        _tried(_("产品包"), lambda: "、".join(sorted(catalogue.packages()))),
    ]
    return [*found, _tried(_("打印字库"), lambda: fonts.require_glyphs(["王𬭎"]))]


def folder(profile: Profile) -> list[Check]:
    """What can be told about a profile without opening it."""
    vault = Vault(profile.folder)
    if vault.state() is State.FIRST_RUN:
        return [Check(_("资料夹"), False, _("{folder} 里没有资料夹").format(folder=profile.folder))]
    free = shutil.disk_usage(profile.folder if profile.folder.exists() else profile.folder.anchor or ".").free
    damaged = _tried(_("密钥文件"), lambda: "、".join(vault.damaged_slots()))
    if damaged.sound and damaged.detail:
        damaged = Check(damaged.name, False, _("已失效的打开方式：{names}").format(names=damaged.detail))
    space = _("剩余 {n} MB").format(n=free // 1024**2)
    return [damaged, Check(_("磁盘空间"), free > _LITTLE_SPACE, space)]


def desk(opened: Desk) -> list[Check]:
    """What an open desk tells: pages, journal, attachments, alarms, backups."""
    return list(_desk(opened))


def _desk(opened: Desk) -> Iterator[Check]:
    yield _tried(_("资料文件"), lambda: backup.check_pages(opened.profile.database, opened.key))
    with opened.read() as work:
        finding = audit.verify(work)
        detail = finding.reason or _("{n} 条，首尾相连").format(n=finding.entries)
        yield Check(_("操作日志"), finding.fault_at == 0, detail)
        for alarm in finding.alarms:
            yield Check(format_moment(alarm.at), False, alarm.told)
        digests = [row.sha256 for row in work.rows(sa.select(Attachment.sha256))]
        missing = sum(not work.blobs.has(digest) for digest in digests)
    told = _("{n} 个，缺少 {missing} 个").format(n=len(digests), missing=missing)
    yield Check(_("附件"), missing == 0, told)
    backups = sorted(opened.profile.backups.glob("*.zip"))
    yield Check(_("备份"), True, backups[-1].name if backups else _("还没有备份"), remark=not backups)


def _tried(name: str, look: Callable[[], str | None]) -> Check:
    try:
        return Check(name, True, look() or "")
    except InsuragentError as error:
        return Check(name, False, f"{error} {error.advice}".strip())
