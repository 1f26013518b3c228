"""A check-up of a desk: what is sound, what is not, and what to do about it."""

import platform
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from insuragent import __version__
from insuragent.documents import fonts
from insuragent.errors import InsuragentError
from insuragent.i18n import _, format_moment, listed
from insuragent.models import Attachment
from insuragent.security.vault import State, Vault
from insuragent.services import audit, catalogue
from insuragent.services.desk import Desk
from insuragent.settings import Profile, write_whole
from insuragent.store import backup

#: Below this many free bytes a day's photographs may not fit.
_LITTLE_SPACE = 500 * 1024 * 1024

#: What might be a telephone, a document or a policy number: six digits or more that belong to no id of ours.
_NUMBERS = re.compile(r"(?<![0-9A-Za-z-])1?\d{6,17}[\dXx]?(?![0-9A-Za-z-])")


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
        _tried(_("产品包"), lambda: listed(sorted(catalogue.packages()))),
    ]
    return [*found, _tried(_("打印字库"), lambda: fonts.require_glyphs(["王𬭎"]))]


def folder(profile: Profile) -> list[Check]:
    """What can be told about a profile without opening it."""
    vault = Vault(profile.folder)
    if vault.state() is State.FIRST_RUN:
        return [Check(_("资料夹"), False, _("{folder} 里没有资料夹").format(folder=profile.folder))]
    free = shutil.disk_usage(profile.folder if profile.folder.exists() else profile.folder.anchor or ".").free
    damaged = _tried(_("密钥文件"), lambda: listed(vault.damaged_slots()))
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


def export_log(profile: Profile, findings: Sequence[Check], target: Path) -> None:
    """Write the findings and the log to a file for technical support. Raises DiskFull or StoreReadOnly.

    The log names records by kind and id, never by what they hold; lest a message of a foreign library slipped
    something in, long numbers and the names of this machine's folders are blotted out here once more.
    """
    lines = [f"insuragent {__version__} · {platform.system()} · Python {platform.python_version()}", ""]
    lines += [f"{'ok ' if check.sound else 'BAD'}  {check.name}  {check.detail}" for check in findings]
    for file in sorted(profile.log_file.parent.glob(f"{profile.log_file.name}*"), reverse=True):
        lines += ["", f"== {file.name}", file.read_text(encoding="utf-8", errors="replace")]
    told = "\n".join(lines).replace(str(profile.folder), "PROFILE").replace(str(Path.home()), "HOME")
    write_whole(target, _NUMBERS.sub("#", told).encode())


def _tried(name: str, look: Callable[[], str | None]) -> Check:
    try:
        return Check(name, True, look() or "")
    except InsuragentError as error:
        return Check(name, False, f"{error} {error.advice}".strip())
