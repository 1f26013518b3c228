"""Signing in to the console with password and one-time code, and the sessions of those who did."""

import datetime as dt
import hashlib
import logging
import secrets

import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.headoffice import attempts, audit, passwords, tables
from insuragent.headoffice.attempts import Tries
from insuragent.headoffice.audit import Act
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.staff import ACTIVE, Account, account_of, plain_identity
from insuragent.i18n import N_
from insuragent.models.base import utc_now

log = logging.getLogger(__name__)

#: A session ends so long after its last use, and so long after it began (OWASP ASVS 7.3).
IDLE, LONGEST = dt.timedelta(minutes=30), dt.timedelta(hours=10)
#: After so many failures the next try must wait, each time twice as long; from LOCKED on, as long as anybody waits.
PATIENT, LOCKED = 3, 10
_LONGEST_WAIT = attempts.MEMORY
#: So many tries may come from one network address in a quarter of an hour, whatever names they try.
MOST_FROM_ADDRESS = 60
#: Who tries to sign in is not known yet.
_NOBODY = "-"
#: So seldom is it noted that a session is in use.
_NOTED = dt.timedelta(minutes=1)

_NO = N_("用户名、密码或动态码不正确")
_NO_ACCOUNT = N_("您已通过统一登录，但总公司控制台没有您可用的账号，请联系管理员")
_WAIT = N_("尝试次数过多，请稍后再试")


class Entrance:
    """Lets in people who prove who they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sign_in(self, name: str, password: str, code: str, address: str) -> str:
        """A new session's token. Raises Refused "bad_login", whatever was wrong, or "too_many_tries"."""
        name = "".join(sign for sign in name if sign.isprintable()).strip().lower()[:64]
        keys = _keys(name, address)
        self._count(name, *keys)
        with self._database.read(tables.OFFICE) as rows:
            row = rows.find(tables.account, tables.account.c.name == name)
        # Before the transaction that writes: it takes its time, and nobody else shall wait for it.
        known = passwords.matches(row.password if row else None, password)
        with self._database.begin(tables.OFFICE) as rows:
            row = rows.find(tables.account, tables.account.c.name == name, lock=True) if known else None
            step = passwords.step_of(row.totp, code, row.step, utc_now()) if row else None
            if row is None or step is None or row.state != ACTIVE:
                raise Refused("bad_login", _NO)
            rows.update(tables.account, {"step": step, "seen_at": utc_now()}, tables.account.c.name == name)
            attempts.forget(rows, *keys)
            audit.tell(rows, Act.SIGN_IN, name, by=name)
            return _begin(rows, name)

    def admit(self, identity: str, address: str) -> str:
        """A new session's token for somebody whom the company's identity provider named.

        Nobody gets an account by being named. Raises Refused "bad_login", or "too_many_tries".
        """
        identity, key = plain_identity(identity), f"console {address}"
        with self._database.begin(tables.OFFICE) as rows:
            if attempts.count(rows, key).count >= MOST_FROM_ADDRESS:
                raise Refused("too_many_tries", _WAIT)
        with self._database.begin(tables.OFFICE) as rows:
            mine = tables.account.c.identity == identity
            row = rows.find(tables.account, mine, lock=True) if identity else None
            if row is None or row.state != ACTIVE:
                raise Refused("bad_login", _NO_ACCOUNT)
            rows.update(tables.account, {"seen_at": utc_now()}, mine)
            attempts.forget(rows, key)
            audit.tell(rows, Act.SIGN_IN, row.name, by=row.name, way="oidc")
            return _begin(rows, row.name)

    def recognise(self, token: str) -> Account | None:
        """Whose session a token is, if it is one that has not ended."""
        if not token:
            return None
        now, mine = utc_now(), tables.session.c.digest == _digest(token)
        with self._database.read(tables.OFFICE) as rows:
            session = rows.find(tables.session, mine)
            if session is None or session.seen_at < now - IDLE or session.created_at < now - LONGEST:
                return None
            row = rows.find(tables.account, tables.account.c.name == session.account)
        if row is None or row.state != ACTIVE:
            return None
        if session.seen_at < now - _NOTED:
            with self._database.begin(tables.OFFICE) as rows:
                rows.update(tables.session, {"seen_at": now}, mine)
        return account_of(row)

    def renew(self, account: Account) -> str:
        """A new session for one whose others have ended, because he changed his password."""
        with self._database.begin(tables.OFFICE) as rows:
            return _begin(rows, account.name)

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._database.begin(tables.OFFICE) as rows:
            mine = tables.session.c.digest == _digest(token)
            session = rows.find(tables.session, mine)
            if session is not None:
                rows.delete(tables.session, mine)
                audit.tell(rows, Act.SIGN_OUT, session.account, by=session.account)

    def _count(self, name: str, by_name: str, by_address: str) -> None:
        """Count before looking, and for names that nobody has just the same: nobody learns which there are."""
        with self._database.begin(tables.OFFICE) as rows:
            tries = attempts.before(rows, by_name)
            if utc_now() < tries.since + _wait(tries) or attempts.before(rows, by_address).count >= MOST_FROM_ADDRESS:
                log.warning("a sign-in has to wait")
                raise Refused("too_many_tries", _WAIT)
            attempts.count(rows, by_name, from_last=True)
            attempts.count(rows, by_address)
            if tries.count + 1 == LOCKED and rows.exists(tables.account, tables.account.c.name == name):
                audit.tell(rows, Act.LOCK, name, by=_NOBODY)


def _wait(tries: Tries) -> dt.timedelta:
    """How long after the last try the next one may come."""
    if tries.count < PATIENT:
        return dt.timedelta()
    if tries.count >= LOCKED:
        return _LONGEST_WAIT
    return dt.timedelta(seconds=2 ** (tries.count - PATIENT))


def _keys(name: str, address: str) -> tuple[str, str]:
    return f"name {name}", f"console {address}"


def _begin(rows: Rows, name: str) -> str:
    now, token = utc_now(), secrets.token_urlsafe(32)
    s = tables.session.c
    rows.delete(tables.session, sa.or_(s.seen_at < now - IDLE, s.created_at < now - LONGEST))
    rows.insert(tables.session, {"digest": _digest(token), "account": name, "created_at": now, "seen_at": now})
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
