"""Signing in and out, one's own password, the language, and the dress of all pages."""

from insuragent.errors import InsuragentError, Refused, UserError
from insuragent.headoffice.console.pages import ROOT, Asset, Go, Outcome, Page, View, Visit, no_page
from insuragent.headoffice.provider import Provider
from insuragent.headoffice.refusals import status_of
from insuragent.headoffice.roles import EVERY_ROLE, Caller
from insuragent.headoffice.sessions import Entrance
from insuragent.headoffice.staff import Account, Accounts
from insuragent.i18n import N_
from insuragent.rules.access import Role
from insuragent.settings import resource

_DIFFERENT = N_("两次输入的新密码不一致")
#: Where each role begins.
_FIRST = {Role.AGENT: f"{ROOT}/devices", Role.HANDLER: f"{ROOT}/complaints"}


def first_page(account: Account) -> str:
    """Where somebody begins who has signed in."""
    return _FIRST.get(account.role, ROOT)


class Front:
    """The pages by which people come and go."""

    def __init__(self, entrance: Entrance, accounts: Accounts, provider: Provider | None = None) -> None:
        self._entrance, self._accounts, self._provider = entrance, accounts, provider
        self._style = Asset("text/css; charset=utf-8", resource("console/console.css").read_bytes())

    def pages(self) -> list[Page]:
        """What this module offers."""
        anyone = [Caller.ANYONE]
        return [
            Page("/login", anyone, self.ask),
            Page("/login", anyone, self.sign_in, "POST", fields=("name", "password", "code")),
            Page("/language", anyone, self.speak, temporary=True),
            Page("/console.css", anyone, lambda _visit: self._style, temporary=True),
            Page("/account", EVERY_ROLE, self.account, temporary=True),
            Page("/account", EVERY_ROLE, self.change_password, "POST", fields=("old", "new", "again"), temporary=True),
            Page("/logout", EVERY_ROLE, self.sign_out, "POST", temporary=True),
            Page("/{rest:path}", EVERY_ROLE, self.nothing),
        ]

    def ask(self, visit: Visit) -> Outcome:
        """The form to sign in."""
        return Go(first_page(visit.account)) if visit.account else self._form()

    def sign_in(self, visit: Visit) -> Outcome:
        """Begin a session, or say that something was wrong."""
        name = visit.typed("name")
        try:
            token = self._entrance.sign_in(name, visit.form.get("password", ""), visit.typed("code"), visit.address)
        except Refused as error:
            return self._form(str(error), name, status_of(error))
        account = self._entrance.recognise(token)
        assert account is not None, "it has just begun"
        return Go(first_page(account), token=token)

    def sign_out(self, visit: Visit) -> Outcome:
        """End the session; whoever came by the provider is offered to end his session there too, by a link."""
        self._entrance.sign_out(visit.token)
        if visit.who.identity and self._provider is not None:
            told = {"account": None, "elsewhere": self._provider.sign_out_address(f"{visit.origin}{ROOT}/login")}
            return View("left.html", told, token="")
        return Go(f"{ROOT}/login", token="")

    def _form(self, words: str = "", name: str = "", status: int = 200) -> View:
        label = self._provider.terms.label if self._provider else ""
        return View("login.html", {"words": words, "name": name, "provider": label}, status)

    def speak(self, visit: Visit) -> Outcome:
        """Choose a language; an unknown one changes nothing."""
        return Go(f"{ROOT}/login", language=visit.asked.get("to", ""))

    def nothing(self, visit: Visit) -> Outcome:
        """Any other address: only those who are signed in learn that there is nothing."""
        raise no_page()

    def account(self, visit: Visit) -> Outcome:
        """One's own account."""
        return View("account.html", {"words": ""})

    def change_password(self, visit: Visit) -> Outcome:
        """A new password for oneself: every session ends, and this one begins anew."""
        try:
            if visit.form.get("new", "") != visit.form.get("again", ""):
                raise UserError(_DIFFERENT)
            self._accounts.change_password(visit.who.name, visit.form.get("old", ""), visit.form.get("new", ""))
        except InsuragentError as error:
            return View("account.html", {"words": str(error)}, status_of(error))
        return Go(f"{ROOT}/account", done="password", token=self._entrance.renew(visit.who))
