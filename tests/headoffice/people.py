"""People at the console: accounts made for a test, and a browser that is signed in as one of them."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp

from insuragent.headoffice.sessions import Entrance
from insuragent.headoffice.staff import Accounts, Credentials
from insuragent.rules.access import Role
from tests.offices import BRANCH, HeadOffice

PASSWORD = "seven quiet herons over Lake Tai"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def secret_of(credentials: Credentials) -> str:
    """The secret in the address that an authenticator takes."""
    return parse_qs(urlsplit(credentials.totp).query)["secret"][0]


def code_of(credentials: Credentials, steps: int = 0) -> str:
    """The one-time code of now, or of so many steps later."""
    return pyotp.TOTP(secret_of(credentials)).at(int(time.time()), counter_offset=steps)


class Browser:
    """A browser with its cookies at one head office."""

    def __init__(self, office: HeadOffice, *, language: str = "zh") -> None:
        self.line = httpx2.Client(
            base_url=office.address,
            trust_env=False,
            headers={"accept-language": language},
            limits=httpx2.Limits(max_keepalive_connections=0),  # nothing stays open when a test ends
        )

    def get(self, path: str) -> httpx2.Response:
        """Ask for a page."""
        return self.line.get(f"/console{path}")

    def post(self, path: str, *, token: bool = True, **form: str | list[str]) -> httpx2.Response:
        """Send a form; with the ``token`` of a page of ours unless a test leaves it out."""
        if token and not self.token:
            self.get("/login")
        return self.line.post(f"/console{path}", data={"_csrf_token": self.token if token else "", **form})

    @property
    def token(self) -> str:
        """What the forms of this browser carry."""
        return next((value for name, value in self.line.cookies.items() if "csrf" in name), "")

    def sign_in(self, name: str, password: str, code: str) -> httpx2.Response:
        """Fill in the form of the entrance."""
        return self.post("/login", name=name, password=password, code=code)


def employ(office: HeadOffice, role: Role, name: str = "", staff: str = "", branch: str = BRANCH) -> str:
    """An account with a password of its own, a supervisor's in ``branch``; returns its name."""
    name = name or f"{role.value}-{time.time_ns():x}"[:40]
    accounts = Accounts(office.database)
    staff = staff or (str(office.appoint()) if role is Role.AGENT else "")
    made = accounts.add(name, role, staff, branch if role is Role.SUPERVISOR else "")
    accounts.change_password(name, made.password, PASSWORD)
    return name


def signed_in(
    office: HeadOffice, role: Role, name: str = "", staff: str = "", branch: str = BRANCH, **how: str
) -> Browser:
    """A browser in which somebody of this role is signed in."""
    name = name or employ(office, role, staff=staff, branch=branch)
    account = next(one for one in Accounts(office.database).all() if one.name == name)
    browser = Browser(office, **how)
    browser.line.cookies.set("insuragent-session", Entrance(office.database).renew(account))
    return browser


def words_of(answer: httpx2.Response) -> str:
    """What a page says, without its marks."""
    return re.sub(r"<[^>]+>", " ", answer.text)
