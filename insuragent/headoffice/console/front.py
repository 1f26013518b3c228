"""The console put together: every module's pages behind one gate."""

from litestar import Router

from insuragent.headoffice.console.entrance import Front
from insuragent.headoffice.console.gate import Gate
from insuragent.headoffice.database import Database
from insuragent.headoffice.sessions import Entrance
from insuragent.headoffice.signing import ServerKey
from insuragent.headoffice.staff import Accounts
from insuragent.i18n import LANGUAGES, tongue
from insuragent.settings import resource


def console_at(database: Database, key: ServerKey, authorities: frozenset[str]) -> Router:
    """All pages; ``authorities`` are the host:port names under which people may ask for them."""
    entrance, folder = Entrance(database), resource("i18n")
    tongues = [tongue(one, folder) for one in LANGUAGES if one == "zh" or (folder / f"{one}.mo").exists()]
    gate = Gate(entrance, authorities, key.derive("console forms"), tongues)
    return gate.open([*Front(entrance, Accounts(database)).pages()])
