"""The subcommands for product packages: check one from outside, and take one in on a profile."""

import argparse

from insuragent.cli.console import DONE, REFUSED, Answer, today
from insuragent.cli.on_profile import open_desk
from insuragent.errors import BadFile
from insuragent.i18n import N_, _
from insuragent.products import package_archive, package_files
from insuragent.products.package_seal import DEMO_KEY, SealKey
from insuragent.services import catalogue, packages


def check(told: argparse.Namespace) -> Answer:
    """Everything that is wrong with a package, signed or not yet; 1 when there is anything."""
    keys = None if told.unsigned else (DEMO_KEY, *map(SealKey, told.key))
    found = package_files.judge(package_archive.open_files(told.file), catalogue.policy(), keys, today())
    heading = _("产品包 {code} {version}，摘要 {digest}").format(
        code=found.code, version=found.version, digest=found.content_hash
    )
    lines = [heading, *(f"✗ {fault}" for fault in found.faults), *(f"! {note}" for note in found.notes)]
    return Answer(found, lines if found.faults else [*lines, _("没有发现问题")], REFUSED if found.faults else DONE)


def install(told: argparse.Namespace) -> Answer:
    """Take in a signed package; refused with every fault."""
    data = package_archive.pack(package_archive.open_files(told.file))
    if len(data) > package_archive.LARGEST_ZIP:
        raise BadFile(N_("文件过大，超过 {limit} MB"), limit=package_archive.LARGEST_ZIP // 1024**2)
    with open_desk(told) as opened, opened.begin() as work:
        found = packages.install(work, data)
    answer = {"code": found.code, "version": found.version, "content_hash": found.content_hash, "name": found.name}
    words = _("已安装 {name} {version}，原有的版本都保留")
    return Answer(answer, [words.format(name=found.name, version=found.version)])
