"""The subcommands of head office; the only place where the desk's program imports the server."""

import argparse
import hashlib
import json
import sys
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from uuid_utils.compat import uuid7

from insuragent.cli.console import Answer, read_text, today, writing
from insuragent.errors import BadFile, UserError, ValidationError
from insuragent.i18n import N_, _, format_moment
from insuragent.models import Product
from insuragent.models.fields import to_wire
from insuragent.products import package_files, policy_files
from insuragent.products.package_archive import open_files, pack
from insuragent.products.package_seal import DEMO_KEY, SealKey, seal
from insuragent.products.published import describe, product_id
from insuragent.settings import write_whole

_REASSIGN_SO = N_("例如 insuragent headoffice reassign 客户编号 --to 人员；人员离职时用 --from 人员 --all --to 人员。")

#: What is said of a day package, by what its answer is.
_TAKEN_IN = {
    "answer": N_("已接收设备 {device} 的数据包（{n} 条），回执写到 {file}，请交还给业务员"),
    "order": N_("设备 {device} 已停用，内容没有接收；清除命令写到 {file}，请交还给业务员"),
    "wiped": N_("设备 {device} 确认资料已清除，不需要回执"),
}


def init(told: argparse.Namespace) -> Answer:
    """Make the tables and the signing key where they are not, or bring older tables up to date."""
    from insuragent.headoffice.schema import bring_up_to_date
    from insuragent.headoffice.signing import create_key, load_key

    database = _open(told)
    bring_up_to_date(database, told.app_role)
    create_key(database)
    public = load_key(database).public_bytes.hex()
    return Answer({"public_key": public}, [_("总公司的数据库已就绪，公钥 {key}").format(key=public)])


def serve(told: argparse.Namespace) -> Answer:
    """Serve until stopped; the first line of the output is the address."""
    from insuragent.headoffice import serve as server

    def ready(address: str) -> None:
        sys.stdout.write((json.dumps({"address": address}) if told.json else address) + "\n")
        sys.stdout.flush()

    leash, terms = sys.stdin.fileno() if told.attended else None, _terms(told)
    where = (told.host, told.port, told.authority)
    server.serve(founded(told), *where, ready, told.files_at, told.pull_from, leash, terms)
    return Answer({"stopped": True}, [_("总公司服务器已停止")])


def _terms(told: argparse.Namespace) -> Any:
    """What was agreed with the company's identity provider; None without one."""
    if not told.oidc_issuer:
        return None
    from insuragent.headoffice.provider import Terms

    if not told.oidc_client:
        raise UserError(N_("请用 --oidc-client 写明统一登录分配给本系统的编号"))
    secret = read_text(told.oidc_secret_file).strip() if told.oidc_secret_file else ""
    return Terms(told.oidc_issuer, told.oidc_client, secret, told.oidc_claim, told.oidc_name or _("公司统一登录"))


def enrol_code(told: argparse.Namespace) -> Answer:
    """A one-time code for a new device."""
    from insuragent.headoffice.enrolment import CODE_LIFE

    code = _enrolment(told).issue(told.staff)
    minutes = int(CODE_LIFE.total_seconds() // 60)
    return Answer({"code": code, "minutes": minutes}, [code, _("{n} 分钟内有效，只能使用一次").format(n=minutes)])


def devices(told: argparse.Namespace) -> Answer:
    """Every device that was enrolled."""
    found = _enrolment(told).devices()
    lines = [
        f"{one.device}  {one.staff_id}  {one.state}  {_moment(one.seen_at)}  {_moment(one.ordered_at)}"
        f"  {_moment(one.wiped_at)}  {one.skew_seconds:+d} s  {one.name}"
        for one in found
    ]
    return Answer({"devices": found}, lines)


def keys(told: argparse.Namespace) -> Answer:
    """The signed list of the keys by which devices seal documents, for whoever verifies one without a desk."""
    from insuragent.headoffice.sealers import Sealers

    with closing(_open(told)) as database:
        listed = Sealers(database, _key(database)).listed()
    with writing(told.out):
        write_whole(told.out, msgspec.json.encode(listed))
    lines = [_("{n} 台设备的密钥，由总公司公钥 {key} 签署").format(n=len(listed.sealers), key=listed.office.hex())]
    return Answer({"file": str(told.out), "keys": len(listed.sealers), "office": listed.office.hex()}, lines)


def retire(told: argparse.Namespace) -> Answer:
    """Take a device back: it pushes what it has, and is wiped then."""
    _enrolment(told).retire(told.device)
    return Answer(
        {"retired": told.device}, [_("设备 {device} 下次同步时先上传全部内容，再清除资料").format(device=told.device)]
    )


def put(told: argparse.Namespace) -> Answer:
    """Set something for all desks."""
    from insuragent.headoffice.oversight import put as write

    write(founded(told), told.name, told.value)
    return Answer({told.name: told.value}, [f"{told.name} = {told.value}"])


def acts(told: argparse.Namespace) -> Answer:
    """Head office's own journal, verified."""
    from insuragent.headoffice import audit

    found = list(audit.acts(founded(told)))
    lines = [f"{one['number']}  {format_moment(one['at'])}  {one['act']}  {one['subject']}" for one in found]
    return Answer({"acts": found, "intact": True}, [*lines, _("总公司日志共 {n} 条，链完整").format(n=len(found))])


def find(told: argparse.Namespace) -> Answer:
    """Where the number of a document or a telephone is held: a person may ask what we have of him (PIPL art. 45)."""
    from insuragent.headoffice.oversight import holders

    found = holders(founded(told), told.value)
    return Answer({"held": found}, [f"{one['agent']}  {one['kind']}  {one['id']}" for one in found])


def revoke(told: argparse.Namespace) -> Answer:
    """Withdraw a device."""
    _enrolment(told).revoke(told.device)
    return Answer(
        {"revoked": told.device}, [_("已停用设备 {device}；它下次联系时会销毁资料").format(device=told.device)]
    )


def reassign(told: argparse.Namespace) -> Answer:
    """Hand a customer over, or all that an agent has; or tell which desks have not confirmed yet."""
    from insuragent.headoffice import assignments
    from insuragent.headoffice.confirmations import standings
    from insuragent.headoffice.enrolment import find_staff

    everything = bool(told.former) and told.all and told.customer is None
    with closing(founded(told)) as database:
        if told.status:
            found = standings(database)
            return Answer({"moves": found}, [_standing(one) for one in found])
        if not told.to or (told.customer is None and not everything) or (told.customer and (told.former or told.all)):
            raise UserError(N_("请写明移交哪位客户、交给谁"), hint=_REASSIGN_SO)
        to = find_staff(database, told.to)
        if everything:
            done = assignments.reassign_all(database, find_staff(database, told.former), to)
        else:
            done = [assignments.reassign(database, str(_id(told.customer)), to)]
    lines = [
        _("{record} 已移交给 {to}，共 {n} 条记录").format(record=m.record, to=m.to_agent, n=m.records) for m in done
    ]
    return Answer({"moved": done}, lines or [_("没有需要移交的资料")])


def _standing(one: Any) -> str:
    """A line of ``reassign --status``."""
    to = one.to_agent or _("已删除")
    words = _("{n} 台设备未确认").format(n=len(one.waiting)) if one.waiting else _("已全部确认清除")
    return f"{format_moment(one.at)}  {one.record}  {one.from_agent} → {to}  {words}"


def publish(told: argparse.Namespace) -> Answer:
    """Publish records from a JSON list; each names its kind, may name its id, and holds its fields.

    A record of an agent (a customer, say) names the ``agent`` too, by id, licence number or name. All are checked
    before the first is published.
    """
    from insuragent.headoffice.publishing import publish as write

    database, done = founded(told), []
    checked = [_checked(database, number, record) for number, record in enumerate(_records(told.file), 1)]
    for kind, record_id, values, agent in checked:
        done.append({"kind": kind, "id": record_id, "revision": write(database, kind, record_id, values, agent)})
    return Answer({"published": done}, [f"{one['kind']}  {one['id']}  r{one['revision']}" for one in done])


def import_packages(told: argparse.Namespace) -> Answer:
    """Check product packages, all of them before the first is published, and publish them to all desks."""
    from insuragent.headoffice.files import files_at
    from insuragent.headoffice.publishing import publish as write
    from insuragent.headoffice.tables import CATALOGUE

    policy, database = policy_files.load_policy(), _open(told)
    key = _key(database)
    keys, kept = (DEMO_KEY, SealKey(key.public_bytes)), files_at(told.files_at, database, key)
    packages = [package_files.read_package(file, policy, keys, today()) for file in told.files]
    zips = [pack(open_files(file)) for file in told.files]
    done = []
    for package, data in zip(packages, zips, strict=True):
        values = {name: to_wire(value) for name, value in describe(package).items() if value is not None}
        values["package_sha256"] = hashlib.sha256(data).hexdigest()
        revision = write(database, Product.kind(), product_id(package.code), values)
        kept.keep(CATALOGUE, data)
        done.append({"product": package.code, "version": package.version, "revision": revision})
    return Answer({"published": done}, [f"{one['product']}  {one['version']}  r{one['revision']}" for one in done])


def import_parcel(told: argparse.Namespace) -> Answer:
    """Take a desk's day package in, and write the answer for its stick."""
    from insuragent.headoffice.files import files_at
    from insuragent.headoffice.parcels import Parcels
    from insuragent.sync.protocol.parcel import LARGEST_PARCEL

    database = _open(told)
    key = _key(database)
    with closing(database), told.file.open("rb") as file:
        taken = Parcels(database, key, files_at(told.files_at, database, key)).take(file.read(LARGEST_PARCEL + 1))
    if taken.answer:
        write_whole(told.out, taken.answer)
    device, words = taken.device, _(_TAKEN_IN[taken.way])
    file = str(told.out) if taken.answer else ""
    named = {"device": device.device, "agent": device.agent, "entries": taken.entries}
    data = {"file": file, "answer": taken.way, **named}
    return Answer(data, [words.format(device=device.device, n=taken.entries, file=told.out)])


def sign_package(told: argparse.Namespace) -> Answer:
    """Sign the package in a folder or zip, if nothing is wrong with it, and write it as a zip for the desks."""
    files, key = open_files(told.file), _key(_open(told))
    found = package_files.judge(files, policy_files.load_policy(), None, today())
    if found.faults:
        raise BadFile(N_("产品包 {name} 不能使用：{faults}"), name=found.code, faults="；".join(found.faults))
    write_whole(told.out, pack(seal(files, found.code, found.version, key.public_bytes, key.sign)))
    words = _("已签名 {code} {version}，写到 {file}").format(code=found.code, version=found.version, file=told.out)
    return Answer({"file": str(told.out), "code": found.code, "version": found.version}, [words])


def _open(told: argparse.Namespace) -> Any:
    try:
        from insuragent.headoffice.database import Database
    except ImportError as error:
        raise UserError(N_("没有安装总公司服务器的部件"), hint=N_("请安装 insuragent[headoffice]。")) from error
    return Database(told.db, told.key_file)


def founded(told: argparse.Namespace) -> Any:
    database = _open(told)
    _key(database)
    return database


def _key(database: Any) -> Any:
    from insuragent.headoffice.signing import load_key

    return load_key(database)


def _enrolment(told: argparse.Namespace) -> Any:
    from insuragent.headoffice.enrolment import Enrolment

    database = _open(told)
    return Enrolment(database, _key(database))


def _checked(database: Any, number: int, record: dict[str, Any]) -> tuple[str, uuid.UUID, dict[str, Any], str]:
    """One record of a publication as it may be written; its place in the list is told with what is wrong in it."""
    from insuragent.headoffice.enrolment import find_staff
    from insuragent.headoffice.publishing import checked, needs_agent

    kind, given, agent = (record.pop(name, "") for name in ("kind", "id", "agent"))
    record_id = _id(given) if given else uuid7()
    owner = find_staff(database, agent) if needs_agent(kind) else ""
    pattern = policy_files.load_policy().text("licence_pattern", today())
    try:
        values = checked(database, kind, record_id, record, owner, today=today(), licence_pattern=pattern)
    except ValidationError as error:
        words = _("第 {number} 条的 {field}：{reason}")
        raise ValidationError(
            {name: words.format(number=number, field=name, reason=why) for name, why in error.problems.items()}
        ) from error
    return kind, record_id, values, owner


def _moment(at: Any) -> str:
    return format_moment(at) if at else "–"


def _records(file: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise BadFile(N_("文件 {name} 不是有效的 JSON"), name=file.name) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=file.name)
    return found


def _id(told: str) -> uuid.UUID:
    try:
        return uuid.UUID(told)
    except (ValueError, AttributeError, TypeError) as error:
        raise BadFile(N_("编号 {id} 的格式不正确"), id=told) from error
