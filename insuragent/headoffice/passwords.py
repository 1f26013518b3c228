"""Passwords and one-time codes of head office's own people, kept so that nobody can sign in by what is kept.

Argon2id with the parameters of RFC 9106 for memory-constrained environments; time-based codes of RFC 6238.
"""

import datetime as dt
import hmac
import secrets

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from insuragent.errors import ValidationError
from insuragent.i18n import _

#: A longer password costs time and guards nothing more.
LEAST, LONGEST = 12, 200
#: zxcvbn's scale: below it a stolen hash is guessed in days. Its time grows fast, and later characters change nothing.
_ENOUGH, _JUDGED = 3, 100
_STEP = dt.timedelta(seconds=30)
_ISSUER = "insuragent"
_hasher = PasswordHasher()
#: What is tried for a name that nobody has, so that it takes as long.
_NOBODY = _hasher.hash(secrets.token_hex(16))


def new_password() -> str:
    """A password to begin with: told once, changed at the first use."""
    return secrets.token_urlsafe(12)


def new_secret() -> str:
    """The secret of somebody's one-time codes, for his authenticator."""
    return pyotp.random_base32()


def address_of(secret: str, name: str) -> str:
    """The secret as an authenticator takes it (``otpauth://``)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one of which ``kept`` was kept; None, for nobody, takes as long and is none."""
    try:
        return _hasher.verify(kept or _NOBODY, password[:LONGEST]) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def require_strong(password: str, name: str) -> None:
    """Raises ValidationError for ``password`` when it may not guard an account of this name."""
    if not LEAST <= len(password) <= LONGEST:
        raise ValidationError(
            {"password": _("密码应为 {least} 至 {longest} 个字符").format(least=LEAST, longest=LONGEST)}
        )
    # Late, because its word lists take their time and most who start the server need them not.
    from zxcvbn import zxcvbn

    if zxcvbn(password[:_JUDGED], user_inputs=[name, _ISSUER])["score"] < _ENOUGH:
        raise ValidationError({"password": _("这个密码容易被猜到，请加入更多不相关的词或字符")})


def step_of(secret: str, code: str, used: int, now: dt.datetime) -> int | None:
    """The step of time that a one-time code belongs to: now, or one to either side, for clocks that differ.

    None when it is no code of these, or of a step up to ``used``: a code is taken once.
    """
    totp, plain = pyotp.TOTP(secret), "".join(code.split())
    here = int(now.timestamp()) // int(_STEP.total_seconds())
    for step in (here - 1, here, here + 1):
        if step > used and hmac.compare_digest(totp.generate_otp(step).encode(), plain.encode()):
            return step
    return None
