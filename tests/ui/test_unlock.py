"""Before the desk: choose a passphrase, keep the recovery code, and open again, wrong tries and all."""

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton

from insuragent.ui.first_run import FirstRunScreen
from insuragent.ui.unlock import UnlockScreen, delay_after

GOOD = "correct horse battery"
CODE = "7KQ2M-XW4RT-9HJ3P-C6VDN-2F8GY-5TBLA"


def strength(text: str) -> tuple[int, str]:
    return min(4, len(text) // 5), "再加一个词"


@pytest.fixture
def screen(theme, qtbot) -> UnlockScreen:
    made = UnlockScreen(strength, who="林晓静", quick=True)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def first(theme, qtbot) -> FirstRunScreen:
    printed: list[str] = []
    made = FirstRunScreen(strength, print_code=printed.append)
    made.printed = printed
    qtbot.addWidget(made)
    made.show()
    return made


def press(screen, text: str, qtbot) -> None:
    found = next(b for b in screen.findChildren(QPushButton) if b.accessibleName() == text)
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def test_enter_asks_to_unlock_once(screen: UnlockScreen, qtbot) -> None:
    """While the key is derived a second Enter asks nothing."""
    asked: list[str] = []
    screen.unlock_asked.connect(asked.append)
    assert not screen.open_button.isEnabled()
    qtbot.keyClicks(screen.field, "secret words")
    qtbot.keyClick(screen.field, Qt.Key.Key_Return)
    qtbot.keyClick(screen.field, Qt.Key.Key_Return)
    assert asked == ["secret words"]


def test_a_refusal_says_why_and_selects_the_text(screen: UnlockScreen, qtbot) -> None:
    """The person can type anew at once, and sees that nothing is lost."""
    qtbot.keyClicks(screen.field, "wrong")
    qtbot.keyClick(screen.field, Qt.Key.Key_Return)
    screen.refuse("口令不正确", "资料没有受到任何影响。")
    assert screen.field.selectedText() == "wrong"
    assert screen.open_button.isEnabled()
    assert screen.field.property("invalid") == "true"
    qtbot.keyClicks(screen.field, "x")
    assert screen.field.property("invalid") == "false"


def test_wrong_tries_make_the_next_one_wait(screen: UnlockScreen, qtbot) -> None:
    """From the third on the button counts down; Enter asks nothing meanwhile."""
    asked: list[str] = []
    screen.unlock_asked.connect(asked.append)
    for _try in range(3):
        qtbot.keyClicks(screen.field, "wrong")
        qtbot.keyClick(screen.field, Qt.Key.Key_Return)
        screen.refuse("口令不正确")
    assert len(asked) == 3
    assert not screen.open_button.isEnabled()
    assert "1 秒" in screen.open_button.text()
    qtbot.keyClick(screen.field, Qt.Key.Key_Return)
    assert len(asked) == 3
    qtbot.waitUntil(screen.open_button.isEnabled, timeout=3000)


def test_delays_grow_and_end_at_half_a_minute() -> None:
    """A slip costs nothing; guessing becomes slow but never impossible."""
    delays = [delay_after(n) for n in range(12)]
    assert delays[:3] == [0, 0, 0]
    assert delays == sorted(delays)
    assert delays[-1] == 30


def test_capitals_without_shift_warn_of_caps_lock(screen: UnlockScreen, qtbot) -> None:
    """The commonest reason for a wrong passphrase is told before it is tried."""
    caps: list[bool] = []
    screen.field.caps_changed.connect(caps.append)
    qtbot.keyClick(screen.field, "a")
    qtbot.keyClick(screen.field, "B", Qt.KeyboardModifier.ShiftModifier)
    # QTest sends a capital's text for an upper-case character without Shift, as Caps Lock does.
    qtbot.keyClick(screen.field, "C")
    assert caps == [False, False, True]


def test_the_eye_shows_and_hides(screen: UnlockScreen, qtbot) -> None:
    """What is typed can be looked at, and the action names what it will do."""
    eye = screen.field.actions()[0]
    eye.trigger()
    assert screen.field.echoMode() == QLineEdit.EchoMode.Normal
    assert eye.text() == "隐藏口令"
    eye.trigger()
    assert screen.field.echoMode() == QLineEdit.EchoMode.Password


def test_a_recovery_code_needs_a_good_new_passphrase(screen: UnlockScreen, qtbot) -> None:
    """Code and a strong passphrase typed twice open the way; anything less keeps the button shut."""
    press(screen, "忘记口令？使用恢复码", qtbot)
    qtbot.keyClicks(screen.code, CODE)
    qtbot.keyClicks(screen.new.first, "short")
    qtbot.keyClicks(screen.new.second, "short")
    qtbot.wait(150)
    assert not screen.recover_button.isEnabled()
    screen.new.clear()
    qtbot.keyClicks(screen.new.first, GOOD)
    qtbot.keyClicks(screen.new.second, GOOD)
    qtbot.waitUntil(screen.recover_button.isEnabled)
    with qtbot.waitSignal(screen.recover_asked) as asked:
        screen.recover_button.click()
    assert asked.args == [CODE, GOOD]
    screen.refuse("恢复码不正确")
    assert screen.recover_button.isEnabled()


def test_quick_unlock_is_offered_only_where_it_exists(screen: UnlockScreen, theme, qtbot) -> None:
    """Without a key ring there is no button that could fail."""
    with qtbot.waitSignal(screen.quick_unlock_asked):
        screen.quick_button.click()
    plain = UnlockScreen(strength)
    qtbot.addWidget(plain)
    plain.show()
    assert not plain.quick_button.isVisible()


def test_first_run_takes_only_two_equal_strong_passphrases(first: FirstRunScreen, qtbot) -> None:
    """Weak, or unequal, cannot go on; Enter goes from the first field to the second and then on."""
    assert not first.choose_button.isEnabled()
    qtbot.keyClicks(first.new.first, GOOD)
    qtbot.keyClicks(first.new.second, GOOD[:-1])
    qtbot.wait(150)
    assert not first.choose_button.isEnabled()
    qtbot.keyClicks(first.new.second, GOOD[-1])
    with qtbot.waitSignal(first.passphrase_chosen) as chosen:
        qtbot.keyClick(first.new.second, Qt.Key.Key_Return)
    assert chosen.args == [GOOD]


def test_the_recovery_code_must_be_kept_before_going_on(first: FirstRunScreen, qtbot) -> None:
    """It is printed as it is, and the desk opens only after the person has said that it is on paper."""
    first.show_recovery_code(CODE)
    press(first, "打印", qtbot)
    assert first.printed == [CODE]
    assert not first.finish_button.isEnabled()
    first.findChild(QCheckBox).setChecked(True)
    with qtbot.waitSignal(first.finished):
        first.finish_button.click()


def test_a_copied_code_leaves_the_clipboard(first: FirstRunScreen, qtbot) -> None:
    """The code does not stay on the clipboard for the next program, but what was copied since does."""
    board = QGuiApplication.clipboard()
    first.show_recovery_code(CODE)
    first._clipboard.seconds = 0
    press(first, "复制", qtbot)
    qtbot.waitUntil(lambda: board.text() == "")
    first._clipboard.copy(CODE)
    board.setText("something else")
    first._clipboard.clear()
    assert board.text() == "something else"


def test_the_lock_screen_loads_nothing_heavy() -> None:
    """It must be painted before the store, pinyin and PDF are even read from disk."""
    heavy = ("sqlalchemy", "pypinyin", "pypdfium2", "httpx2", "reportlab", "zxcvbn", "keyring", "cryptography")
    program = (
        "import sys, insuragent.ui.unlock, insuragent.ui.first_run, insuragent.ui.theme, insuragent.settings\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
