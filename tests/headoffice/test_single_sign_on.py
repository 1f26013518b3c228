"""Signing in by the company's identity provider: a real one says who somebody is, and only a known person gets in."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest

from insuragent.errors import Refused, UserError
from insuragent.headoffice import audit
from insuragent.headoffice.provider import Provider, ProviderAway, Terms
from insuragent.headoffice.staff import Accounts
from insuragent.rules.access import Role
from tests.headoffice.idp import CLIENT, LIES, SECRET, provider, walk
from tests.headoffice.people import Browser, employ, words_of
from tests.offices import BRANCH, HeadOffice

BOSS = "Chen.Siyuan@example.com"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A provider as a process."""
    with provider(tmp_path_factory.mktemp("provider")) as found:
        yield found


@pytest.fixture(scope="module")
def joined(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeadOffice]:
    """A head office that has agreed with it; a supervisor and a handler sign in there, one person was let go."""
    folder = tmp_path_factory.mktemp("joined")
    (folder / "secret").write_text(f"{SECRET}\n")
    office = HeadOffice(f"sqlite:///{folder / 'headoffice.db'}", folder)
    office.more = ("--oidc-issuer", issuer, "--oidc-client", CLIENT, "--oidc-secret-file", str(folder / "secret"))
    office.start()
    accounts = Accounts(office.database)
    accounts.add("chen", Role.SUPERVISOR, branch=BRANCH, identity=BOSS)
    accounts.add("li", Role.HANDLER, identity="li@example.com")
    accounts.add("gone", Role.HANDLER, identity="gone@example.com")
    accounts.disable("gone")
    yield office
    office.stop(signal.SIGKILL)
    office.database.close()


def sent(browser: Browser) -> str:
    """Where the page of the entrance sends somebody who wants to sign in by the provider."""
    answer = browser.get("/oidc")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def come(browser: Browser, address: str) -> httpx2.Response:
    """Come back from the provider."""
    told = urlsplit(address)
    return browser.line.get(f"{told.path}?{told.query}")


def is_in(browser: Browser) -> bool:
    """Whether somebody is signed in."""
    return browser.get("/account").status_code == 200


def bent(address: str, **changes: str | None) -> str:
    """The same address with other values in it; None takes one away."""
    told = dict(parse_qsl(urlsplit(address).query)) | changes
    return (
        f"{address.partition('?')[0]}?{urlencode({name: value for name, value in told.items() if value is not None})}"
    )


def test_a_known_person_comes_in_with_our_role(joined: HeadOffice) -> None:
    """His role and branch are ours; the session is an ordinary one; who came, and how, stands in the journal."""
    browser = Browser(joined)
    assert "公司统一登录" in browser.get("/login").text
    where = sent(browser)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", CLIENT)
    assert {"openid", "email"} <= set(asked["scope"].split())
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    entered = come(browser, walk(where, BOSS.lower()))
    assert entered.status_code == 200
    (onward,) = re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', entered.text)
    assert browser.line.get(onward).status_code == 200
    shown = words_of(browser.get("/account"))
    assert "chen" in shown
    assert BRANCH in shown
    assert "没有密码" in shown
    assert browser.get("/accounts").status_code == 403, "the provider gives no role"
    told = [act for act in audit.acts(joined.database) if act["subject"] == "chen"][-1]
    assert (told["act"], told["detail"]) == ("sign_in", {"by": "chen", "way": "oidc"})
    assert BOSS.casefold() not in str(list(audit.acts(joined.database)))


def test_the_cookies_let_nobody_in_from_elsewhere(joined: HeadOffice) -> None:
    """The session's goes along with our own pages only; that of the way there and back is gone when it was used."""
    browser = Browser(joined)
    kept = browser.get("/oidc").headers["set-cookie"]
    assert "httponly" in kept.lower()
    assert "samesite=lax" in kept.lower()
    entered = come(browser, walk(sent(browser), "li@example.com"))
    session, attempt = sorted(entered.headers.get_list("set-cookie"), key=lambda cookie: "attempt" in cookie)
    assert "samesite=strict" in session.lower()
    assert "max-age=0" in attempt.lower()
    assert entered.headers["cache-control"] == "no-store"


def test_he_goes_out_here_and_is_offered_to_go_out_there(joined: HeadOffice, issuer: str) -> None:
    """Our session ends at once; the link leads to the provider's own end of a session, and back to us."""
    browser = Browser(joined)
    come(browser, walk(sent(browser), "li@example.com"))
    left = browser.post("/logout")
    assert not is_in(browser)
    (link,) = re.findall(rf'href="({issuer}/leave[^"]+)"', left.text)
    told = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
    assert told["post_logout_redirect_uri"] == [f"{joined.address}/console/login"]


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_wrong_in_one_thing_lets_nobody_in(joined: HeadOffice, lie: str) -> None:
    """Another nonce or none, issuer, audience, an end that has passed, no signature, another's, one by our own public
    key, an altered one, no token, an address that its owner never proved."""
    browser = Browser(joined)
    refused = come(browser, walk(sent(browser), "li@example.com", lie))
    assert refused.status_code == 401
    assert not is_in(browser)
    assert "li@example.com" not in joined.log()


@pytest.mark.parametrize("person", ["nobody@example.com", "gone@example.com", "li@example.com.evil.example"])
def test_who_has_no_account_that_is_used_stays_out(joined: HeadOffice, person: str) -> None:
    """Nobody gets an account by being known to the provider, and a disabled one stays disabled."""
    browser, before = Browser(joined), len(Accounts(joined.database).all())
    refused = come(browser, walk(sent(browser), person))
    assert refused.status_code == 401
    assert "没有您可用的账号" in refused.text
    assert not is_in(browser)
    assert len(Accounts(joined.database).all()) == before


def test_a_way_back_is_used_once_and_by_the_browser_that_left(joined: HeadOffice) -> None:
    """A code brought again, another state or none, another browser, another issuer, a denial: nobody comes in."""
    browser = Browser(joined)
    back = walk(where := sent(browser), "li@example.com")
    kept = dict(browser.line.cookies)
    other = Browser(joined)
    assert come(other, back).status_code == 401, "another browser, which never left"
    sent(other)
    assert come(other, back).status_code == 401, "another browser, which left for itself"
    for wrong in (
        bent(back, state="other"),
        bent(back, state=None),
        bent(back, code=None),
        bent(back, iss="https://x"),
    ):
        strange = Browser(joined)
        strange.line.cookies.update(kept)
        assert come(strange, wrong).status_code == 401, wrong
        assert not is_in(strange)
    assert come(browser, back).status_code == 200
    thief = Browser(joined)
    thief.line.cookies.update({name: value for name, value in kept.items() if "session" not in name})
    assert come(thief, back).status_code == 401, "the code was used"
    assert not is_in(thief)
    denied = httpx2.get(where, trust_env=False)
    assert "error=access_denied" in denied.headers["location"]
    assert come(browser, denied.headers["location"]).status_code == 401


def test_an_altered_or_old_attempt_is_none(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the browser keeps is sealed, and good for ten minutes."""
    known, back = Provider(Terms(issuer, CLIENT, SECRET), b"k" * 32), "http://127.0.0.1:1/console/oidc/done"
    where, attempt = known.begin(back)
    came = dict(parse_qsl(urlsplit(walk(where, "li@example.com")).query))
    for wrong in ("", ".", attempt[:-4] + "AAA=", "A" + attempt[1:], Provider(known.terms, b"j" * 32).begin(back)[1]):
        with pytest.raises(Refused) as error:
            known.finish(wrong, came, back)
        assert error.value.code == "bad_login"
    with monkeypatch.context() as patch:
        patch.setattr("insuragent.headoffice.provider.PATIENCE", -1)
        _where, old = known.begin(back)
    with pytest.raises(Refused):
        known.finish(old, came, back)
    assert known.finish(attempt, came, back) == "li@example.com"


def test_a_provider_that_is_away_or_none_is_told(joined: HeadOffice, tmp_path: Path) -> None:
    """It is no fault of the person's; an issuer over plain http is none, nor is one that calls itself otherwise."""
    with provider(tmp_path) as other:
        known = Provider(Terms(other, CLIENT, SECRET), b"k" * 32)
        with pytest.raises(ProviderAway):
            Provider(Terms(other.replace("127.0.0.1", "localhost"), CLIENT, SECRET), b"k" * 32).begin("http://x")
    with pytest.raises(ProviderAway):
        known.begin("http://127.0.0.1:1/console/oidc/done")
    assert known.sign_out_address("http://127.0.0.1:1") == ""
    for issuer in ("http://login.example.com", "ftp://login.example.com", "login.example.com", ""):
        with pytest.raises(UserError):
            Provider(Terms(issuer, CLIENT), b"k" * 32)


def test_an_account_has_one_way_in(joined: HeadOffice) -> None:
    """Bound to the provider it has no password; reset it has one again, and the provider's word opens it no more."""
    accounts = Accounts(joined.database)
    name = employ(joined, Role.COMPLIANCE)
    accounts.bind(name, " Zhao@Example.com ")
    browser = Browser(joined)
    assert browser.sign_in(name, "seven quiet herons over Lake Tai", "000000").status_code == 401
    assert browser.sign_in(name, "", "").status_code == 401
    assert come(browser, walk(sent(browser), "zhao@example.com")).status_code == 200
    for identity in ("", "  ", "li@example.com", "x" * 201, "a\0b"):
        with pytest.raises(Refused) as error:
            accounts.bind(name, identity)
        assert error.value.code == "bad_identity", identity
    assert accounts.reset(name).password
    assert not is_in(browser)
    again = Browser(joined)
    assert come(again, walk(sent(again), "zhao@example.com")).status_code == 401


def test_without_a_provider_there_is_nothing(sqlite_office: HeadOffice) -> None:
    """No button, no page."""
    browser = Browser(sqlite_office)
    assert "/console/oidc" not in browser.get("/login").text
    assert browser.get("/oidc").status_code == browser.get("/oidc/done?code=x&state=y").status_code == 404
