"""The subcommands that show what the program does: the demo in a window, and the field day without one."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from insuragent.cli.console import DONE, Answer, has_display
from insuragent.demo import day, people, seeding
from insuragent.demo.headquarters import headquarters
from insuragent.i18n import _
from insuragent.models import RECORDS
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.settings import Profile


def demo(told: argparse.Namespace) -> Answer:
    """The whole day off-screen; its sheets and report.json go into ``--out``."""
    return _field_day(told.out)


def run_demo(told: argparse.Namespace) -> Answer:
    """The window on a demo profile, or the day off-screen where there is no display."""
    return _window(told.out) if has_display() else _field_day(told.out)


def _field_day(out: Path) -> Answer:
    report = day.run(out)
    told = asdict(report)
    lines = [
        _("导入 {n} 位客户，{refused} 行未导入").format(n=report.imported, refused=report.refused),
        _("拜访 {n} 次，说明书 {sheets} 份，投诉 {complaints} 件").format(
            n=report.visits, sheets=report.sheets, complaints=report.complaints
        ),
        _("同步：{counts}").format(counts=_counted(report.synced)),
        _("第二台设备：{counts}").format(counts=_counted(report.second_desk)),
        _("结果在 {folder}").format(folder=out),
    ]
    return Answer(told, lines, DONE)


def _counted(counts: dict[str, int]) -> str:
    return " · ".join(f"{_(RECORDS[kind].label)} {count}" for kind, count in sorted(counts.items())) or "–"


def _window(out: Path) -> Answer:
    from insuragent.app import main

    profile = Profile(out.with_name("demo-profile"))  # beside the field day, which begins with an empty folder
    with headquarters(out.with_name("demo-headoffice")) as office:
        if not profile.key_file.exists():
            made, _code = desks.create(profile, people.PASSPHRASE)
            offices.enrol(made, office.address, office.code())
            offices.sync_now(made)
            seeding.seed(made)
            made.lock()
        sys.stdout.write(_("演示口令：{passphrase}").format(passphrase=people.PASSPHRASE) + "\n")
        sys.stdout.flush()
        return Answer({}, (), main(profile))
