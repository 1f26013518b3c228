"""The customer's file at the window: family, needs, consents, history; a list imported; found by Ctrl+K; the keys."""

import datetime as dt
from typing import Any

import keyring.core
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Consent, Customer, FamilyMember, NeedsAnalysis, Sheet
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.models.customer import AmlRisk
from insuragent.services import customers
from insuragent.services import desk as desks
from insuragent.settings import resource
from insuragent.sync.conflicts import Side, note_conflict
from insuragent.ui.dialogs import Question
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import PASSPHRASE, all_words, newest, wait
from tests.security.parts import MemoryRing


@pytest.fixture
def customer(root: Root, window: MainWindow) -> Customer:
    """A customer who is there already."""
    assert root.desk is not None
    with root.desk.begin() as work:
        return customers.create(work, {"name": "王𬭎", "mobile": "13800138000", "birth_date": dt.date(1986, 5, 1)})


@pytest.fixture
def file(window: MainWindow, customer: Customer, qtbot: QtBot) -> Any:
    """The customer's file, open."""
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.form.record_id == customer.id)
    return page.file


def show_tab(file: Any, tab: QWidget) -> None:
    """Bring a tab to the front, as a click does."""
    place = next(place for place in range(file._tabs.count()) if file._tabs.widget(place) is tab)
    file._tabs.setCurrentIndex(place)


def press(parent: QWidget, words: str, qtbot: QtBot) -> None:
    """Press the button that is called so, once it is there."""
    wait(qtbot, lambda: any(one.isVisible() for one in parent.findChildren(QPushButton) if one.text() == words))
    next(one for one in parent.findChildren(QPushButton) if one.text() == words and one.isVisible()).click()


def test_a_family_member_is_added_and_listed(root: Root, file: Any, qtbot: QtBot) -> None:
    """In a form in the list's place; saved, the list shows who it is."""
    show_tab(file, file.family)
    file.family.add()
    file.family.form.take({"name": "李梅", "relation": "spouse", "is_dependent": False})
    file.save()
    wait(qtbot, lambda: newest(root, FamilyMember))
    wait(qtbot, lambda: "李梅" in all_words(file.family))
    assert newest(root, FamilyMember).customer_id == file.customer_id


def test_gaps_follow_what_is_typed_and_are_kept(root: Root, file: Any, qtbot: QtBot) -> None:
    """The gaps are worked out while the figures are entered; saving keeps the goals in their order."""
    show_tab(file, file.needs)
    file.needs.add()
    needed = {
        "annual_income": 18_000_000,
        "debts": 80_000_000,
        "liquid_assets": 10_000_000,
        "yearly_premiums": 1_200_000,
    }
    file.needs.form.take(needed)
    file.needs._calculate()
    wait(qtbot, lambda: "700,000" in all_words(file.needs.gaps))
    for goal in ("ci", "protect_life"):
        file.needs._ticks[goal].setChecked(True)
    file.save()
    wait(qtbot, lambda: newest(root, NeedsAnalysis))
    assert newest(root, NeedsAnalysis).goals == ["ci", "protect_life"]


def test_a_consent_opens_what_it_covers_and_its_withdrawal_shuts_it(root: Root, file: Any, qtbot: QtBot) -> None:
    """Health data may be entered only with the customer's separate consent (PIPL art. 29)."""
    health = file.form.editors["health_brief"].widget
    assert not health.isEnabled()
    show_tab(file, file.consents)
    file.consents.grant(Purpose.HEALTH, "王𬭎", ConsentMethod.SIGN_ON_SCREEN)
    wait(qtbot, lambda: health.isEnabled())
    assert newest(root, Consent).signer == "王𬭎"
    file.consents.withdraw(Purpose.HEALTH)
    wait(qtbot, lambda: not health.isEnabled())


def test_the_history_tells_what_was_and_what_is(root: Root, file: Any, qtbot: QtBot) -> None:
    """Each change with both values, the newest on top."""
    assert root.desk is not None
    with root.desk.begin() as work:
        customers.change(work, file.customer_id, {"work_unit": "东方小学"})
    show_tab(file, file.history)
    wait(qtbot, lambda: "东方小学" in all_words(file.history))


def test_an_open_conflict_is_seen_on_the_file(root: Root, file: Any, qtbot: QtBot) -> None:
    """Story S11: whoever opens the customer sees that a choice waits."""
    assert root.desk is not None
    with root.desk.begin() as work:
        found = work.get(Customer, file.customer_id)
        now = dt.datetime.now(dt.UTC)
        note_conflict(work, found, "mobile", "1", Side("13911112222", now), Side("13933334444", now, "郑主管"))
    file.refresh()
    wait(qtbot, lambda: "冲突" in all_words(file))


def test_a_list_is_imported_row_by_row(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """The demo's list: columns recognised, refused rows with their reasons, the rest taken at once."""
    page: Any = window.go("customers")
    wizard = page.import_file()
    wizard.read(resource("demo/customers.xlsx"))
    wait(qtbot, lambda: wizard.take_button.isEnabled())
    assert "267" in wizard.take_button.text()
    assert wizard.refusals.rowCount() >= 33
    reasons = {wizard.refusals.item(row, 2).text() for row in range(wizard.refusals.rowCount())}
    assert any("校验码" in reason for reason in reasons)
    wizard.take()
    wait(qtbot, lambda: page.model.rowCount() == 267)


def test_a_column_may_be_left_out(window: MainWindow, qtbot: QtBot) -> None:
    """What a column means can be changed; the preview follows."""
    page: Any = window.go("customers")
    wizard = page.import_file()
    wizard.read(resource("demo/customers.xlsx"))
    wait(qtbot, lambda: wizard.take_button.isEnabled())
    place = next(place for place, combo in enumerate(wizard.meanings) if combo.currentData() == "doc_no")
    accepted = len(wizard.shown.accepted)
    wizard.meanings[place].setCurrentIndex(0)
    wizard._on_meaning(place, 0)
    wait(qtbot, lambda: len(wizard.shown.accepted) > accepted)
    assert str(len(wizard.shown.accepted)) in wizard.take_button.text()
    wizard.close()


def test_a_customer_is_found_by_ctrl_k(window: MainWindow, customer: Customer, qtbot: QtBot) -> None:
    """By the start of the pinyin; Enter opens the file."""
    palette = window.palette_card
    palette.open()
    palette.field.setText("wang")
    wait(qtbot, lambda: "王𬭎" in palette.titles)
    palette.list.setCurrentRow(palette.titles.index("王𬭎"))
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    page: Any = window.go("customers")
    wait(qtbot, lambda: page.file.form.record_id == customer.id)
    assert window.page == "customers"


def test_a_new_recovery_code_takes_the_place_of_the_old(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Asked for with the passphrase; what is shown opens the desk."""
    page: Any = window.go("settings")
    page.renew_recovery()
    assert "现在的口令" in page.said.text()
    page.old.setText(PASSPHRASE)
    page.renew_recovery()
    wait(qtbot, lambda: page.findChildren(QDialog))
    dialog = page.findChildren(QDialog)[0]
    code = next(line for line in all_words(dialog).splitlines() if line.count("-") >= 4)
    dialog.close()
    assert root.desk is not None
    root.desk.store.close()
    opened = desks.recover(root.profile, code, "另一句很长的口令 2027")
    opened.close()


def test_quick_unlock_is_on_when_the_keyring_has_agreed(
    root: Root, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a keyring the tick goes back and says why; with one, the desk opens by it."""
    page: Any = window.go("settings")
    tick: QCheckBox = page.editors["quick_unlock"]
    tick.setChecked(True)
    wait(qtbot, lambda: not tick.isChecked())
    assert not root.settings.quick_unlock
    monkeypatch.setattr(keyring.core, "_keyring_backend", MemoryRing())
    tick.setChecked(True)
    wait(qtbot, lambda: root.settings.quick_unlock)
    assert tick.isChecked()
    assert root.desk is not None
    root.desk.store.close()
    opened = desks.quick_unlock(root.profile)
    assert opened is not None
    opened.close()


def test_there_is_no_sheet_before_one_is_made(root: Root, file: Any, qtbot: QtBot) -> None:
    """An empty tab says so, and where to begin."""
    show_tab(file, file.sheets)
    wait(qtbot, lambda: "还没有产品说明书" in all_words(file.sheets))
    assert newest(root, Sheet) is None


def test_a_wife_is_a_customer_too(root: Root, file: Any, window: MainWindow, qtbot: QtBot) -> None:
    """Found by pinyin, her file fills the form; each file opens the other's."""
    assert root.desk is not None
    with root.desk.begin() as work:
        wife = customers.create(work, {"name": "李慧敏", "mobile": "13900139000", "gender": "F"})
    husband = file.customer_id
    show_tab(file, file.family)
    file.family.add()
    found = file.family.form.editors["linked_customer_id"]
    found.line.setText("lihuimin")
    wait(qtbot, lambda: found.found)
    found.choose(0)
    wait(qtbot, lambda: file.family.form.values()["name"] == "李慧敏")
    assert str(file.family.form.values()["gender"]) == "F"
    file.family.form.take({"relation": "spouse"})
    file.family.save()
    wait(qtbot, lambda: newest(root, FamilyMember) and "也是客户" in all_words(file.family))
    assert newest(root, FamilyMember).linked_customer_id == wife.id
    for other, words in ((wife.id, "登记为：配偶"), (husband, "也是客户")):
        press(file.family, "打开", qtbot)
        wait(qtbot, lambda other=other: file.customer_id == other)
        show_tab(file, file.family)
        wait(qtbot, lambda words=words: words in all_words(file.family))


def test_what_head_office_sets_is_seen(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """A legal hold and a high risk of money laundering stand on the file, and on the question about erasing (R2.2c)."""
    assert root.desk is not None
    with root.desk.begin() as work, work.taking_over():
        who = work.add(Customer(name="王𬭎", legal_hold=True, aml_risk=AmlRisk.HIGH)).id
    page: Any = window.go("customers", who)
    for words in ("设定法律保全", "资金来源", "洗钱风险：高"):
        wait(qtbot, lambda words=words: words in all_words(page.file))
    page.file.consents.erasing.ask(who)
    wait(qtbot, lambda: any("法律保全" in all_words(one) for one in window.findChildren(Question)))
    question = next(one for one in window.findChildren(Question) if one.isVisible())
    assert [button.text() for button in question.findChildren(QPushButton)] == ["取消", "限制处理"]
    question.reject()
