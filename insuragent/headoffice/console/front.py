"""The console put together: every module's pages behind one gate."""

from litestar import Router

from insuragent.headoffice.console.accounts import People
from insuragent.headoffice.console.agents import Agents
from insuragent.headoffice.console.complaints import Complaints
from insuragent.headoffice.console.customers import Customers
from insuragent.headoffice.console.devices import Devices
from insuragent.headoffice.console.entrance import Front
from insuragent.headoffice.console.gate import Gate
from insuragent.headoffice.console.journal import Journal
from insuragent.headoffice.console.overview import Overview
from insuragent.headoffice.console.pages import Page
from insuragent.headoffice.console.quarantine import Quarantine
from insuragent.headoffice.console.records import Records
from insuragent.headoffice.console.retention import Retention
from insuragent.headoffice.console.single_sign_on import SingleSignOn
from insuragent.headoffice.database import Database
from insuragent.headoffice.provider import Provider, Terms
from insuragent.headoffice.sessions import Entrance
from insuragent.headoffice.signing import ServerKey
from insuragent.headoffice.staff import Accounts
from insuragent.i18n import LANGUAGES, tongue
from insuragent.settings import resource


def console_at(
    database: Database, key: ServerKey, authorities: frozenset[str], terms: Terms | None = None
) -> tuple[Router, list[Page]]:
    """All pages, and the handlers that serve them; ``authorities`` are the names under which people may ask, ``terms``
    what was agreed with an identity provider."""
    provider = Provider(terms, key.derive("sign-in by the provider")) if terms else None
    entrance, folder = Entrance(database), resource("i18n")
    tongues = [tongue(one, folder) for one in LANGUAGES if one == "zh" or (folder / f"{one}.mo").exists()]
    gate = Gate(database, authorities, key.derive("console forms"), tongues)
    accounts = Accounts(database)
    modules = (
        Overview(),
        Complaints(),
        Customers(),
        Records(),
        Devices(key),
        Agents(),
        Quarantine(),
        Retention(),
        Journal(database),
        People(accounts),
        SingleSignOn(entrance, provider),
        Front(entrance, accounts, provider),
    )
    pages = [page for module in modules for page in module.pages()]
    return gate.open(pages), pages
