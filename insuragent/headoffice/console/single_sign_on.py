"""Signing in and out by the company's own identity provider."""

from dataclasses import dataclass

from insuragent.errors import InsuragentError
from insuragent.headoffice.console.entrance import first_page
from insuragent.headoffice.console.pages import ROOT, Go, Outcome, Page, View, Visit, no_page
from insuragent.headoffice.provider import Provider
from insuragent.headoffice.refusals import status_of
from insuragent.headoffice.roles import Caller
from insuragent.headoffice.sessions import Entrance


@dataclass(frozen=True)
class SingleSignOn:
    """The way to the provider and back; nothing is there where none was agreed."""

    entrance: Entrance
    provider: Provider | None

    def pages(self) -> list[Page]:
        """What this module offers."""
        anyone = [Caller.ANYONE]
        return [Page("/oidc", anyone, self.leave), Page("/oidc/done", anyone, self.come_back)]

    def leave(self, visit: Visit) -> Outcome:
        """To the provider, by a link: a form may lead nowhere but to us."""
        if self.provider is None:
            raise no_page()
        where, attempt = self.provider.begin(_back(visit))
        return Go(where, attempt=attempt)

    def come_back(self, visit: Visit) -> Outcome:
        """From the provider: a session, or why not. What the browser kept is used up by it."""
        if self.provider is None:
            raise no_page()
        try:
            token = self.entrance.admit(self.provider.finish(visit.attempt, visit.asked, _back(visit)), visit.address)
        except InsuragentError as error:
            told = {"words": str(error), "name": "", "provider": self.provider.terms.label}
            return View("login.html", told, status_of(error), attempt="")
        account = self.entrance.recognise(token)
        assert account is not None, "it has just begun"
        # A page of ours that leads on: the cookie of a session goes along only with what our own pages ask for.
        return View("entered.html", {"to": first_page(account)}, token=token, attempt="")


def _back(visit: Visit) -> str:
    return f"{visit.origin}{ROOT}/oidc/done"
