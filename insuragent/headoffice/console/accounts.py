"""The accounts of the console itself, for administrators."""

from insuragent.errors import UserError
from insuragent.headoffice.console.pages import ROOT, Go, Outcome, Page, View, Visit
from insuragent.headoffice.console.shown import FEW
from insuragent.headoffice.staff import Accounts, Credentials
from insuragent.i18n import N_
from insuragent.rules.access import Role

_ONLY = [Role.ADMINISTRATOR]
_ONESELF = N_("不能停用或重置自己的账号，请由另一位管理员操作")


class People:
    """Who may sign in."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def pages(self) -> list[Page]:
        """What this module offers."""
        return [
            Page("/accounts", _ONLY, self.everybody, label=N_("账号"), icon="key-round"),
            Page("/accounts", _ONLY, self.add, "POST", fields=("name", "role", "staff", "branch", "identity")),
            Page("/accounts/{name:str}/reset", _ONLY, self.reset, "POST"),
            Page("/accounts/{name:str}/branch", _ONLY, self.move, "POST", fields=("branch",)),
            Page("/accounts/{name:str}/identity", _ONLY, self.bind, "POST", fields=("identity",)),
            Page("/accounts/{name:str}/disable", _ONLY, self.disable, "POST"),
        ]

    def everybody(self, visit: Visit) -> Outcome:
        """A page of them, or of those whose names begin so."""
        return self._page(sought=visit.asked.get("q", "").strip(), after=visit.asked.get("after", ""))

    def add(self, visit: Visit) -> Outcome:
        """A new one; what its owner needs is shown once."""
        role = next((one for one in Role if one == visit.typed("role")), None)
        if role is None:
            raise UserError(N_("请选择岗位"))
        named = (visit.typed("staff"), visit.typed("branch"), visit.typed("identity"))
        return self._page(self._accounts.add(visit.typed("name"), role, *named))

    def reset(self, visit: Visit) -> Outcome:
        """A new password and a new authenticator for somebody who lost his."""
        return self._page(self._accounts.reset(self._another(visit)))

    def move(self, visit: Visit) -> Outcome:
        """A supervisor answers for another branch."""
        self._accounts.move(self._another(visit), visit.typed("branch"))
        return Go(f"{ROOT}/accounts", "branch")

    def bind(self, visit: Visit) -> Outcome:
        """From now on somebody signs in at the company's identity provider."""
        self._accounts.bind(self._another(visit), visit.typed("identity"))
        return Go(f"{ROOT}/accounts", "identity")

    def disable(self, visit: Visit) -> Outcome:
        """Let somebody in no more."""
        self._accounts.disable(self._another(visit))
        return Go(f"{ROOT}/accounts", "disabled")

    def _another(self, visit: Visit) -> str:
        if visit.asked["name"] == visit.who.name:
            raise UserError(_ONESELF)
        return visit.asked["name"]

    def _page(self, made: Credentials | None = None, sought: str = "", after: str = "") -> View:
        found = self._accounts.all(sought, after=after, most=FEW)
        told = {"accounts": found, "q": sought, "after": found[-1].name if len(found) == FEW else ""}
        return View("accounts.html", told | {"roles": list(Role), "made": made})
