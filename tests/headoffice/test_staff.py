"""Accounts of head office's people: who is let in, who has to wait, and when a session ends."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine

from insuragent.errors import Refused, ValidationError
from insuragent.headoffice import audit, tables
from insuragent.headoffice.sessions import IDLE, LOCKED, LONGEST, MOST_FROM_ADDRESS, Entrance
from insuragent.headoffice.staff import MOST_GUESSES, Accounts
from insuragent.rules.access import Role
from tests.headoffice.people import PASSWORD, Browser, code_of, employ, secret_of, signed_in, words_of
from tests.offices import HeadOffice

NOW = dt.datetime(2026, 11, 26, 2, tzinfo=dt.UTC)


@pytest.fixture
def quiet(tmp_path: Path) -> HeadOffice:
    """A head office that does not serve; its rules are asked directly."""
    return HeadOffice(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path)


@pytest.fixture
def accounts(quiet: HeadOffice) -> Accounts:
    """Its accounts."""
    return Accounts(quiet.database)


@pytest.fixture
def entrance(quiet: HeadOffice) -> Entrance:
    """Its door for people."""
    return Entrance(quiet.database)


def refused(entrance: Entrance, name: str, password: str, code: str, address: str = "10.0.0.1") -> str:
    """The code with which a sign-in is refused."""
    with pytest.raises(Refused) as error:
        entrance.sign_in(name, password, code, address)
    return error.value.code


def test_password_and_code_let_in_together_only(accounts: Accounts, entrance: Entrance) -> None:
    """Each alone is refused in the same words, as is a name that nobody has; nothing tells which was wrong."""
    made = accounts.add("wang", Role.COMPLIANCE)
    assert refused(entrance, "wang", made.password, "000000") == "bad_login"
    assert refused(entrance, "wang", "wrong", code_of(made)) == "bad_login"
    assert refused(entrance, "nobody", made.password, code_of(made)) == "bad_login"
    assert refused(entrance, "no\0body", made.password, code_of(made)) == "bad_login"
    token = entrance.sign_in(" Wang ", made.password, code_of(made), "10.0.0.1")
    found = entrance.recognise(token)
    assert found is not None
    assert (found.name, found.role, found.temporary) == ("wang", Role.COMPLIANCE, True)


def test_a_code_is_taken_once(accounts: Accounts, entrance: Entrance) -> None:
    """Also within its half minute, and never an older one after a newer."""
    with time_machine.travel(NOW, tick=False):
        made = accounts.add("wang", Role.COMPLIANCE)
        newest = code_of(made)
        older = code_of(made, -1)
        entrance.sign_in("wang", made.password, newest, "10.0.0.1")
        assert refused(entrance, "wang", made.password, newest) == "bad_login"
        assert refused(entrance, "wang", made.password, older) == "bad_login"
    with time_machine.travel(NOW + dt.timedelta(seconds=40), tick=False):
        assert entrance.sign_in("wang", made.password, code_of(made), "10.0.0.1")


def test_wrong_passwords_make_the_next_try_wait(quiet: HeadOffice, accounts: Accounts, entrance: Entrance) -> None:
    """Longer each time; the eleventh is refused with the right password too, for a name that nobody has as well."""
    with time_machine.travel(NOW, tick=False) as clock:
        made = accounts.add("wang", Role.COMPLIANCE)
        waits = []
        for name in ("wang", "nobody"):
            for number in range(LOCKED):
                waited = 0
                while refused(entrance, name, "wrong", "000000", f"10.0.0.{number}") == "too_many_tries":
                    clock.shift(1)
                    waited += 1
                waits.append(waited)
            assert refused(entrance, name, made.password, code_of(made), "10.0.1.1") == "too_many_tries"
        assert waits[:LOCKED] == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64]
        assert waits[LOCKED:] == waits[:LOCKED], "who has no account waits as long"
        locks = [act for act in audit.acts(quiet.database) if act["act"] == "lock"]
        assert [act["subject"] for act in locks] == ["wang"]
        clock.shift(dt.timedelta(minutes=16))
        assert entrance.sign_in("wang", made.password, code_of(made), "10.0.0.1")


def test_one_address_cannot_try_everybody(entrance: Entrance, monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst of names from one place is refused before any password is looked at."""
    monkeypatch.setattr("insuragent.headoffice.passwords.matches", lambda *_: False)
    codes = {refused(entrance, f"name{number}", "x", "000000") for number in range(MOST_FROM_ADDRESS)}
    assert codes == {"bad_login"}
    assert refused(entrance, "another", "x", "000000") == "too_many_tries"
    assert refused(entrance, "another", "x", "000000", "10.9.9.9") == "bad_login"


def test_a_session_ends(accounts: Accounts, entrance: Entrance) -> None:
    """When it is not used, when it is old, when its owner goes, and when the account is disabled or reset."""
    with time_machine.travel(NOW, tick=False) as clock:
        made = accounts.add("wang", Role.COMPLIANCE)
        token = entrance.sign_in("wang", made.password, code_of(made), "10.0.0.1")
        for _ in range(3):
            clock.shift(IDLE)
            assert entrance.recognise(token)
        clock.shift(IDLE + dt.timedelta(seconds=1))
        assert entrance.recognise(token) is None
        token = entrance.sign_in("wang", made.password, code_of(made), "10.0.0.1")
        began = dt.timedelta()
        while began < LONGEST:
            assert entrance.recognise(token)
            clock.shift(IDLE / 2)
            began += IDLE / 2
        clock.shift(1)
        assert entrance.recognise(token) is None
        for end in (accounts.disable, accounts.reset):
            made = accounts.reset("wang")
            token = entrance.sign_in("wang", made.password, code_of(made), "10.0.0.1")
            assert entrance.recognise(token)
            end("wang")
            assert entrance.recognise(token) is None
        accounts.disable("wang")
        assert refused(entrance, "wang", made.password, code_of(made)) == "bad_login"


def test_what_is_kept_lets_nobody_in(quiet: HeadOffice, accounts: Accounts, entrance: Entrance, tmp_path: Path) -> None:
    """Neither password nor secret nor token stands in the database's files."""
    made = accounts.add("wang", Role.COMPLIANCE)
    token = entrance.sign_in("wang", made.password, code_of(made), "10.0.0.1")
    quiet.database.close()
    held = b"".join(path.read_bytes() for path in tmp_path.glob("headoffice.db*"))
    for word in (made.password, secret_of(made), token, "argon2id"):
        assert word.encode() not in held
    assert b"wang" in held, "the files are those that were looked for"


@pytest.mark.parametrize("weak", ["short", "password1234", "wangwangwang", "1" * 12, "x" * 201])
def test_weak_passwords_are_refused(accounts: Accounts, weak: str) -> None:
    """Short, common, one's own name, endless: in words at the field."""
    made = accounts.add("wang", Role.COMPLIANCE)
    with pytest.raises(ValidationError) as error:
        accounts.change_password("wang", made.password, weak)
    assert "password" in error.value.problems


def test_ones_own_password_is_not_guessed_at(accounts: Accounts) -> None:
    """Whoever sits down at a console that was left open has ten tries."""
    made = accounts.add("wang", Role.COMPLIANCE)
    for _ in range(MOST_GUESSES):
        with pytest.raises(Refused, match="原密码不正确"):
            accounts.change_password("wang", "wrong", PASSWORD)
    with pytest.raises(Refused, match="尝试次数过多"):
        accounts.change_password("wang", made.password, PASSWORD)


def test_an_account_must_make_sense(quiet: HeadOffice, accounts: Accounts) -> None:
    """A name that can be typed, once; an agent is a member of staff."""
    accounts.add("wang", Role.COMPLIANCE)
    for name, code in (("Wang", "bad_name"), ("w\nang", "bad_name"), ("", "bad_name"), ("wang", "name_taken")):
        with pytest.raises(Refused) as error:
            accounts.add(name, Role.COMPLIANCE)
        assert error.value.code == code
    with pytest.raises(Refused, match="必须写明"):
        accounts.add("lin", Role.AGENT)
    staff_id = quiet.appoint()
    accounts.add("lin", Role.AGENT, str(staff_id))
    assert [(one.name, one.staff) for one in accounts.all()] == [("lin", str(staff_id)), ("wang", "")]


def test_the_command_line_makes_and_ends_accounts(quiet: HeadOffice) -> None:
    """Add, list, reset and disable; the initial password is told once and stands in no list."""

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "insuragent", "headoffice", "staff", words[0], "--json", "--db", quiet.url]
        told = subprocess.run([*command, *words[1:]], capture_output=True, text=True, check=False)
        return told.returncode, told.stdout

    code, added = run("add", "wang", "--role", "compliance")
    assert (code, json.loads(added)["name"]) == (0, "wang")
    code, listed = run("list")
    assert [(one["name"], one["role"]) for one in json.loads(listed)["accounts"]] == [("wang", "compliance")]
    assert json.loads(added)["password"] not in listed
    code, again = run("reset", "wang")
    assert json.loads(again)["password"] != json.loads(added)["password"]
    assert run("disable", "wang")[0] == 0
    assert json.loads(run("list")[1])["accounts"][0]["state"] == "disabled"
    assert run("disable", "nobody")[0] == 1
    assert run("add", "li", "--role", "king")[0] == 2
    told = [act["act"] for act in audit.acts(quiet.database)]
    assert told == ["account", "account", "disable"]


def test_signing_in_at_the_console(office: HeadOffice) -> None:
    """The initial password leads to its change and nowhere else; the change ends every other session."""
    made = Accounts(office.database).add(name := f"liu{office.port}", Role.COMPLIANCE)
    browser, other = Browser(office), Browser(office)
    answer = browser.sign_in(name, made.password, "000000")
    assert answer.status_code == 401
    assert "不正确" in words_of(answer)
    assert browser.sign_in(name, made.password, code_of(made)).status_code == 303
    other.line.cookies = browser.line.cookies.__class__(browser.line.cookies)
    assert browser.get("/nowhere").headers["location"] == "/console/account"
    for new, again in ((PASSWORD, "something else"), ("short", "short")):
        assert browser.post("/account", old=made.password, new=new, again=again).status_code in (400, 422)
    assert browser.post("/account", old="wrong", new=PASSWORD, again=PASSWORD).status_code == 400
    assert browser.post("/account", old=made.password, new=PASSWORD, again=PASSWORD).status_code == 303
    assert "密码已更换" in words_of(browser.get("/account?done=password"))
    assert other.get("/account").headers["location"].startswith("/console/login")
    assert browser.post("/logout").headers["location"] == "/console/login"
    assert browser.get("/account").headers["location"].startswith("/console/login")


def test_the_session_cookie_is_for_the_browser_alone(office: HeadOffice) -> None:
    """No script reads it, no other site sends it."""
    made = Accounts(office.database).add(name := f"zhao{office.port}", Role.HANDLER)
    cookie = Browser(office).sign_in(name, made.password, code_of(made)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_form_of_another_site_is_refused(office: HeadOffice) -> None:
    """Without the token of our own page, or with that of another browser."""
    browser = signed_in(office, Role.SUPERVISOR)
    assert browser.post("/logout", token=False).status_code == 403
    stranger = Browser(office)
    stranger.get("/login")
    assert browser.line.post("/console/logout", data={"_csrf_token": stranger.token}).status_code == 403
    assert browser.get("/account").status_code == 200


def test_the_console_answers_to_its_own_name_only(office: HeadOffice) -> None:
    """A page that another name leads to is not shown, so that no foreign name can be made ours."""
    browser = signed_in(office, Role.SUPERVISOR)
    answer = browser.line.get("/console/account", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "我的账号" not in answer.text


def test_the_console_speaks_english(office: HeadOffice) -> None:
    """By the browser's wish, and by the person's own choice, each visitor for himself."""
    english, chinese = Browser(office, language="en"), Browser(office)
    assert "Sign in" in english.get("/login").text
    assert "登录" in chinese.get("/login").text
    english.get("/language?to=zh")
    assert "登录" in english.get("/login").text
    assert "<h1>我的账号</h1>" in signed_in(office, Role.AGENT, employ(office, Role.AGENT)).get("/account").text


def test_sessions_are_gone_from_the_table_in_time(quiet: HeadOffice, accounts: Accounts, entrance: Entrance) -> None:
    """What has ended is swept when the next begins."""
    with time_machine.travel(NOW, tick=False) as clock:
        made = accounts.add("wang", Role.COMPLIANCE)
        entrance.sign_in("wang", made.password, code_of(made), "10.0.0.1")
        clock.shift(LONGEST)
        entrance.sign_in("wang", made.password, code_of(made), "10.0.0.1")
        with quiet.database.read(tables.OFFICE) as rows:
            assert rows.count(tables.session.c.account) == {"wang": 1}
