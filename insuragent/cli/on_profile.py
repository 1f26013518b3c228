"""The subcommands that work on a profile: import, check-up, backup and audit."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import msgspec

from insuragent.cli.console import DONE, REFUSED, Answer, passphrase, writing
from insuragent.i18n import _, format_moment
from insuragent.services import audit, backups, checkup, desk, importing, lease, office
from insuragent.services.desk import Desk
from insuragent.settings import Profile


@contextmanager
def open_desk(told: argparse.Namespace) -> Iterator[Desk]:
    """The desk of the profile that was named, opened with the passphrase."""
    opened = lease.admitted(desk.unlock(Profile(told.profile), passphrase()), office.sync_now)
    try:
        yield opened
    finally:
        opened.close()


def enrol(told: argparse.Namespace) -> Answer:
    """Make this device known to head office."""
    with open_desk(told) as opened:
        done = office.enrol(opened, told.address, told.code, told.ca)
    words = _("本设备已登记：{name}，设备 {device}").format(name=done.staff_name, device=done.device_id)
    return Answer({"staff": done.staff_name, "device": done.device_id}, [words])


def take_list(told: argparse.Namespace) -> Answer:
    """Import a list of customers; with ``--dry-run`` only tell what would be taken and refused."""
    with open_desk(told) as opened, opened.begin() as work:
        shown = importing.preview(work, told.file)
        taken = 0 if told.dry_run else importing.take(work, shown)
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


def doctor(told: argparse.Namespace) -> Answer:
    """Check the program and a profile; a profile without a store is looked at from outside."""
    profile = Profile(told.profile)
    checks = [*checkup.program(), *checkup.folder(profile)]
    if profile.database.exists() and profile.key_file.exists():
        with open_desk(told) as opened:
            checks += checkup.desk(opened)
    lines = [f"{_sign(check)} {check.name} {check.detail}".rstrip() for check in checks]
    return Answer({"checks": checks}, lines, DONE if all(check.sound for check in checks) else REFUSED)


def _sign(check: checkup.Check) -> str:
    return "✗" if not check.sound else "!" if check.remark else "✓"


def backup(told: argparse.Namespace) -> Answer:
    """Back a profile up into one dated file."""
    with open_desk(told) as opened:
        made = backups.make(opened, told.out)
    return Answer(made, [_("已备份到 {file}（{n} 条日志）").format(file=made.file, n=made.entries)])


def restore(told: argparse.Namespace) -> Answer:
    """Bring a backup back into an empty profile, and prove that it opens."""
    found = backups.restore(told.file, Profile(told.profile), passphrase())
    words = _("已恢复 {moment} 的备份（{n} 条日志），并已验证可以打开")
    return Answer(found, [words.format(moment=format_moment(found.made_at), n=found.entries)])


def package_export(told: argparse.Namespace) -> Answer:
    """Write the day package for head office."""
    with writing(told.file), open_desk(told) as opened:
        entries = office.export_parcel(opened, told.file)
    words = _("数据包已写到 {file}，共 {n} 条；请交给总公司，再导入总公司的回执文件")
    return Answer({"file": told.file, "entries": entries}, [words.format(file=told.file, n=entries)])


def package_import(told: argparse.Namespace) -> Answer:
    """Take in head office's answer to a day package, and show its receipt."""
    with open_desk(told) as opened:
        outcome = office.import_parcel(opened, told.file)
    if outcome is None:
        return Answer({"repeated": True}, [_("这份回执已经导入过，没有改变")])
    words = _("已导入回执：总公司接受 {sent} 项，接收 {received} 项")
    data = {"repeated": False, "sent": outcome.sent, "received": outcome.received, "files": outcome.files}
    lines = [words.format(sent=outcome.sent, received=outcome.received)]
    return Answer(data | {"receipt": msgspec.to_builtins(outcome.receipt)}, lines)


def audit_verify(told: argparse.Namespace) -> Answer:
    """Verify the journal of a profile, or an exported one."""
    if told.file is not None:
        finding = audit.verify_file(told.file)
    else:
        with open_desk(told) as opened, opened.read() as work:
            finding = audit.verify(work)
    data = {"sound": finding.sound} | asdict(finding)
    lines = [finding.reason] if finding.fault_at else [_("{n} 条日志，首尾相连，没有改动").format(n=finding.entries)]
    lines += [f"{format_moment(alarm.at)}  {alarm.told}" for alarm in finding.alarms]
    return Answer(data, lines, DONE if finding.sound else REFUSED)


def audit_export(told: argparse.Namespace) -> Answer:
    """Export the journal with its chain."""
    with writing(told.out), open_desk(told) as opened, opened.begin() as work:
        finding = audit.export(work, told.out, told.first, told.last)
    return Answer(
        {"file": told.out} | asdict(finding), [_("已导出 {n} 条到 {file}").format(n=finding.entries, file=told.out)]
    )
