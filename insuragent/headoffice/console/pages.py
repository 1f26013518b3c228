"""What the console's modules offer: pages with the roles that may ask for them, and what may come of a visit."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from insuragent.errors import Refused
from insuragent.headoffice.database import Database
from insuragent.headoffice.roles import Caller
from insuragent.headoffice.staff import Account
from insuragent.i18n import N_
from insuragent.rules.access import Role

#: Where the console begins.
ROOT = "/console"
_NO_PAGE = N_("没有这个页面")


@dataclass(frozen=True)
class Visit:
    """Somebody asks for a page: ``asked`` is what its address told, ``form`` what was filled in."""

    account: Account | None
    token: str
    address: str
    asked: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    ticked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reach: Database | None = None
    #: Our own address as he asked for it (scheme and host), and what his browser keeps of a way to the provider.
    origin: str = ""
    attempt: str = ""

    @property
    def who(self) -> Account:
        """Who is signed in; only where the page lets nobody else in."""
        assert self.account is not None, "the gate asked him to sign in"
        return self.account

    @property
    def database(self) -> Database:
        """The database as far as he may reach into it; pages have no other."""
        assert self.reach is not None, "the gate asked him to sign in"
        return self.reach

    def typed(self, name: str) -> str:
        """What was filled in, without blanks around it."""
        return self.form.get(name, "").strip()


@dataclass(frozen=True)
class View:
    """A page is shown: a template, and what it tells. ``token`` and ``attempt`` as in :class:`Go`."""

    template: str
    told: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    token: str | None = None
    attempt: str | None = None


@dataclass(frozen=True)
class Go:
    """On to another page, where ``done`` (of DONE) is told. ``token`` begins a session, "" ends it; ``attempt`` is kept
    by the browser while its person is at the provider, "" takes it away."""

    to: str
    done: str = ""
    token: str | None = None
    attempt: str | None = None
    language: str = ""


@dataclass(frozen=True)
class File:
    """A file to keep; never shown by the browser itself."""

    name: str
    media: str
    data: bytes


@dataclass(frozen=True)
class Asset:
    """A part of the pages' dress; it holds nothing of anybody."""

    media: str
    data: bytes


Outcome = View | Go | File | Asset


@dataclass(frozen=True)
class Page:
    """``path`` below the console; with a ``label`` it stands in the navigation, under an ``icon`` of ours."""

    path: str
    callers: Iterable[Caller | Role]
    use: Callable[[Visit], Outcome]
    method: Literal["GET", "POST"] = "GET"
    label: str = ""
    icon: str = ""
    #: What its form may tell; anything else that is sent is not heard.
    fields: tuple[str, ...] = ()
    #: Whether somebody whose password is not his own yet may ask it too.
    temporary: bool = False


#: What a page tells after something was done.
DONE = {
    "sign_in": N_("请登录后继续。"),
    "lease": N_("离线期限已设定，各设备下次同步时生效。"),
    "revoked": N_("已令这台设备清除资料；它下次联系时执行，确认后会在列表中显示。"),
    "retired": N_("这台设备下次同步时先上传全部内容，再清除资料。"),
    "handed_over": N_("已移交。对方的设备下次同步时收到，原设备清除后会确认。"),
    "sent": N_("已保存。代理人的设备下次同步时收到。"),
    "branch": N_("分支机构已更换，其登录已全部结束。"),
    "identity": N_("已绑定统一登录，原密码和验证器不再有效，其登录已全部结束。"),
    "disabled": N_("账号已停用，其登录已全部结束。"),
    "password": N_("密码已更换，其他登录已全部结束。"),
}


def no_page() -> Refused:
    """There is nothing at an address, or nothing for this person."""
    return Refused("unknown_record", _NO_PAGE)
