"""Head office's own people: who may use the console, in which role, and with what they prove it."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.headoffice import attempts, audit, directory, passwords, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.enrolment import find_staff
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.models.fields import fields_of
from insuragent.models.staff import Staff, StaffRole
from insuragent.rules.access import Role

ACTIVE, DISABLED = "active", "disabled"
#: What a role is called.
ROLE_LABELS = {Role(one.value): one.label for one in StaffRole}
#: How often somebody who is signed in may be wrong about his own password: the chair may not be his.
MOST_GUESSES = 10
_LONGEST_IDENTITY = 200
#: As long as the branch of a member of staff may be.
_LONGEST_BRANCH = fields_of(Staff)["branch"].max_length
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")

_BAD_NAME = N_("用户名只能用小写字母、数字和 . _ -，2 至 40 个字符")
_TAKEN = N_("已有这个用户名：{name}")
_UNKNOWN = N_("没有这个用户：{name}")
_NO_AGENT = N_("代理人的账号必须写明是哪位人员")
_BAD_IDENTITY = N_("统一登录的身份为空、过长，或已属于另一个账号")
_NO_BRANCH = N_("主管的账号必须写明是哪个分支机构")
_NOT_BOUND = N_("只有主管的账号属于一个分支机构")
_WRONG = N_("原密码不正确")
_WAIT = N_("尝试次数过多，请稍后再试")


@dataclass(frozen=True)
class Account:
    """Who may sign in; ``staff`` is the id of an agent's record, ``branch`` what a supervisor answers for;
    ``identity`` is how the company's identity provider names one who signs in there and has no password here."""

    name: str
    staff: str
    role: Role
    branch: str
    identity: str
    state: str
    temporary: bool
    created_at: dt.datetime
    seen_at: dt.datetime | None


@dataclass(frozen=True)
class Credentials:
    """What a person needs to sign in for the first time, told once: ``totp`` is for his authenticator.

    Both are empty for one who signs in at the company's identity provider.
    """

    name: str
    password: str
    totp: str


class Accounts:
    """The accounts; every change of one ends its sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, role: Role, staff: str = "", branch: str = "", identity: str = "") -> Credentials:
        """A new account; ``staff`` names the agent by id, licence number or name, ``branch`` a supervisor's.

        With an ``identity`` its owner signs in at the company's identity provider, and only there.
        Raises Refused "bad_name", "name_taken", "no_agent", "unknown_staff", "bad_branch" or "bad_identity".
        """
        if not _NAME.fullmatch(name):
            raise Refused("bad_name", _BAD_NAME)
        if role is Role.AGENT and not staff:
            raise Refused("no_agent", _NO_AGENT)
        _check_branch(role, branch)
        staff_id = find_staff(self._database, staff) if staff else ""
        with self._database.begin(tables.OFFICE) as rows:
            if rows.exists(tables.account, tables.account.c.name == name):
                raise Refused("name_taken", _TAKEN, name=name)
            named = {"name": name, "staff": staff_id, "role": role.value, "branch": branch}
            made = {**named, "created_at": utc_now(), "seen_at": None}
            return self._bind(rows, made, identity) if identity else self._admit(rows, made)

    def reset(self, name: str) -> Credentials:
        """A new password and a new authenticator, also for one who was disabled or signed in at the provider.

        Raises Refused "unknown_account".
        """
        with self._database.begin(tables.OFFICE) as rows:
            return self._admit(rows, _found(rows, name))

    def bind(self, name: str, identity: str) -> None:
        """From now on somebody signs in at the company's identity provider, where he has this ``identity``.

        His password and authenticator are forgotten here. Raises Refused "unknown_account" or "bad_identity".
        """
        with self._database.begin(tables.OFFICE) as rows:
            self._bind(rows, _found(rows, name), identity)

    def move(self, name: str, branch: str) -> None:
        """A supervisor answers for another branch. Raises Refused "unknown_account" or "bad_branch"."""
        with self._database.begin(tables.OFFICE) as rows:
            found = _found(rows, name)
            _check_branch(Role(found["role"]), branch)
            _replace(rows, found | {"branch": branch})
            audit.tell(rows, Act.ACCOUNT, name, role=found["role"], branch=branch)

    def disable(self, name: str) -> None:
        """Let somebody in no more, from now on. Raises Refused "unknown_account"."""
        with self._database.begin(tables.OFFICE) as rows:
            _replace(rows, _found(rows, name) | {"state": DISABLED})
            audit.tell(rows, Act.DISABLE, name)

    def change_password(self, name: str, old: str, new: str) -> None:
        """Somebody changes his own.

        Raises Refused "wrong_password" or "too_many_tries", and ValidationError for a weak one.
        """
        key = f"own password {name}"
        with self._database.begin(tables.OFFICE) as rows:
            kept = _found(rows, name)["password"]
            if attempts.count(rows, key).count >= MOST_GUESSES:
                raise Refused("too_many_tries", _WAIT)
        if not passwords.matches(kept, old):
            raise Refused("wrong_password", _WRONG)
        passwords.require_strong(new, name)
        changed = {"password": passwords.hashed(new), "temporary": False}
        with self._database.begin(tables.OFFICE) as rows:
            found = _found(rows, name)
            if found["password"] != kept:
                raise Refused("wrong_password", _WRONG)  # reset by somebody else meanwhile
            _replace(rows, found | changed)
            attempts.forget(rows, key)
            audit.tell(rows, Act.PASSWORD, name, by=name)

    def all(self, beginning: str = "", *, after: str = "", most: int | None = None) -> list[Account]:
        """The accounts whose names begin so, by name; the first ``most`` of those that come ``after`` one."""
        name = tables.account.c.name
        with self._database.read(tables.OFFICE) as rows:
            wanted = rows.select(tables.account, name > after, name.startswith(beginning, autoescape=True))
            return [account_of(row) for row in rows.all(wanted.order_by(name).limit(most))]

    def _admit(self, rows: Rows, kept: Mapping[str, Any]) -> Credentials:
        password, secret, name = passwords.new_password(), passwords.new_secret(), kept["name"]
        proofs = {"password": passwords.hashed(password), "totp": secret, "step": 0, "temporary": True, "identity": ""}
        _replace(rows, {**kept, **proofs, "state": ACTIVE})
        audit.tell(rows, Act.ACCOUNT, name, role=kept["role"], branch=kept["branch"])
        return Credentials(name, password, passwords.address_of(secret, name))

    def _bind(self, rows: Rows, kept: Mapping[str, Any], identity: str) -> Credentials:
        identity, a = plain_identity(identity), tables.account.c
        if not identity or rows.exists(tables.account, a.identity == identity, a.name != kept["name"]):
            raise Refused("bad_identity", _BAD_IDENTITY)
        proofs = {"password": "", "totp": "", "step": 0, "temporary": False, "identity": identity}
        _replace(rows, {**kept, **proofs, "state": ACTIVE})
        audit.tell(rows, Act.BIND, kept["name"], role=kept["role"], branch=kept["branch"])
        return Credentials(kept["name"], "", "")


def plain_identity(told: str) -> str:
    """An identity as it is kept and compared: addresses differ in capitals and mean the same. Empty when it is none."""
    told = told.strip().casefold()
    return told if told.isprintable() and len(told) <= _LONGEST_IDENTITY else ""


def account_of(row: sa.Row[Any]) -> Account:
    """An account as others may know it."""
    told = {part.name: getattr(row, part.name) for part in fields(Account)}
    return Account(**{**told, "role": Role(row.role)})


def reach(database: Database, account: Account | None) -> Database:
    """The database as far as somebody may reach into it: an agent to himself, a supervisor to the agents of his branch
    and of what stands below it ("上海分公司/浦东支公司"), a stranger to nobody, others to the whole company."""
    if account is None:
        return database.within(())
    match account.role:
        case Role.AGENT:
            return database.within([account.staff])
        case Role.SUPERVISOR:
            return database.within(directory.below(database, account.branch) if account.branch else ())
    return database


def _check_branch(role: Role, branch: str) -> None:
    if role is Role.SUPERVISOR and not (branch.isprintable() and 0 < len(branch) <= _LONGEST_BRANCH):
        raise Refused("bad_branch", _NO_BRANCH)
    if role is not Role.SUPERVISOR and branch:
        raise Refused("bad_branch", _NOT_BOUND)


def _found(rows: Rows, name: str) -> dict[str, Any]:
    # What cannot be a name is not asked for: not every database takes every text.
    row = rows.find(tables.account, tables.account.c.name == name) if _NAME.fullmatch(name) else None
    if row is None:
        raise Refused("unknown_account", _UNKNOWN, name=name)
    return {key: value for key, value in row._mapping.items() if key not in ("tenant", "agent")}


def _replace(rows: Rows, account: Mapping[str, Any]) -> None:
    """Write the whole row, as its sealed parts are bound to it; whoever was signed in is no more."""
    rows.delete(tables.account, tables.account.c.name == account["name"])
    rows.insert(tables.account, account)
    rows.delete(tables.session, tables.session.c.account == account["name"])
