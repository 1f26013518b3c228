"""A pass at the window with a real head office: how far it is by type, stopped at once, and what failed, mended."""

import datetime as dt
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.headoffice.files import files_at
from insuragent.headoffice.parcels import Parcels
from insuragent.headoffice.signing import load_key
from insuragent.models import Attachment, Customer, Entry, State
from insuragent.models.attachment import AttachmentUse
from insuragent.services import customers, syncing
from insuragent.services import office as offices
from insuragent.services.office import Step
from insuragent.store.work import Actor
from insuragent.sync.progress import Nobody, Part
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import all_words, wait
from tests.offices import HeadOffice


@pytest.fixture
def page(root: Root, window: MainWindow, sqlite_office: HeadOffice) -> Any:
    """The sync page of an enrolled desk with a customer."""
    assert root.desk is not None
    staff_id = sqlite_office.appoint()
    offices.enrol(root.desk, sqlite_office.address, sqlite_office.code(staff_id))
    with root.desk.begin() as work:
        customers.create(work, {"name": "王小明", "mobile": "13800138000"})
    shown: Any = window.go("syncing")
    shown.enrolled = True
    return shown


def press(parent: QWidget, words: str) -> None:
    """Press the visible button that says this."""
    next(one for one in parent.findChildren(QPushButton) if words in one.text() and not one.isHidden()).click()


class Listening(Nobody):
    """Hears every step."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def tell(self, step: Step) -> None:
        self.steps.append(step)


def test_each_type_is_counted_with_its_bytes(root: Root, page: Any) -> None:
    """Records by their types, the contents of attachments apart, both with how many and how much."""
    assert root.desk is not None
    scan = b"\x89PNG\r\n\x1a\n" + bytes(300_000)
    with root.desk.begin() as work:
        who = customers.create(work, {"name": "李建国"})
        work.flush()
        told = {"file_name": "a.png", "media_type": "image/png", "size": len(scan), "sha256": work.blobs.put(scan)}
        work.add(Attachment(use=AttachmentUse.PHOTO, subject_kind="customer", subject_id=str(who.id), **told))
    heard = Listening()
    offices.sync_now(root.desk, heard)
    sent = [step for step in heard.steps if step.words == "正在发送"][-1]
    parts = {part.kind: part for part in sent.parts}
    assert (parts["customer"].done, parts["customer"].total) == (2, 2)
    assert parts["customer"].size > 200
    assert sent.done == sent.total
    carried = [step for step in heard.steps if step.words == "正在发送附件"][-1]
    assert carried.parts == (Part("attachment", content=True, done=1, total=1, size=len(scan), whole=len(scan)),)
    assert (carried.size, carried.whole) == (len(scan), len(scan))


def test_what_is_left_is_told_in_words(page: Any) -> None:
    """Counts, bytes and the remaining time, each type by its name."""
    parts = (Part("customer", done=96, total=308, size=61_440), Part("product", True, 1, 2, 2 * 1024**2, 4 * 1024**2))
    page.bar.show_step(Step("正在发送", 97, 310, 0, 0, 130.0, parts))
    words = all_words(page.bar)
    assert "客户 96 / 308（60 kB）" in words
    assert "产品包 1 / 2（2.0 MB / 4.0 MB）" in words
    assert "约剩 2 分钟" in words


@contextmanager
def silent() -> Iterator[str]:
    """An address at which every question is taken and none is answered."""
    taken = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        ended = threading.Event()

        def take() -> None:
            while not ended.is_set():
                try:
                    taken.append(listening.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=take)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        ended.set()
        thread.join()
        for one in taken:
            one.close()


def move(root: Root, address: str) -> None:
    """Have the desk look for head office somewhere else."""
    assert root.desk is not None
    with root.desk.begin() as work:
        work.set_note("office", work.note("office") | {"address": address})


@pytest.mark.parametrize("where", ["silent", "closed"])
def test_a_stop_works_while_the_line_is_waited_for(root: Root, page: Any, qtbot: QtBot, where: str) -> None:
    """In an answer that never comes, and in the wait before another try: the page is free again at once."""
    with silent() as address:
        move(root, address if where == "silent" else "http://127.0.0.1:9")
        page.sync_button.click()
        wait(qtbot, lambda: page.progress is not None)
        qtbot.wait(300)
        if page.progress is None:
            pytest.fail("the pass ended by itself")
        began = time.monotonic()
        page.cancel()
        wait(qtbot, lambda: page.progress is None)
        assert time.monotonic() - began < 1.5
    assert page.problem.text() == ""
    assert page.sync_button.isEnabled()


def test_what_failed_is_told_and_tried_again(
    root: Root, page: Any, qtbot: QtBot, sqlite_office: HeadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why, that nothing is lost, and a button; pressed once head office is back, the pass is done."""
    monkeypatch.setattr("insuragent.sync.syncer.WAIT", 0.01)
    move(root, "http://127.0.0.1:9")
    page.sync_button.click()
    wait(qtbot, lambda: page.problem.text())
    assert not page.retry_button.isHidden()
    move(root, sqlite_office.address)
    page.retry_button.click()
    wait(qtbot, lambda: "一致" in all_words(page))
    assert page.problem.text() == ""


def refuse(root: Root, change: Callable[[Any, uuid.UUID], object]) -> int:
    """Have the newest change of the customer be refused by head office; returns its number."""
    assert root.desk is not None
    offices.sync_now(root.desk)
    # Nobody whom head office would let write from this device.
    with root.desk.store.begin(Actor(uuid.UUID(int=7), "agent", root.desk.actor.device_id)) as work:
        (customer,) = work.session.query(Customer).all()
        change(work, customer.id)
        work.flush()
        number = work.head.number
    offices.sync_now(root.desk)
    return number


def test_a_refused_change_is_sent_again(root: Root, page: Any, qtbot: QtBot, sqlite_office: HeadOffice) -> None:
    """A change, not only a new record: it is listed with what was typed and why, and goes when it is asked for."""
    assert root.desk is not None
    number = refuse(root, lambda work, one: customers.change(work, one, {"mobile": "13911112222"}))
    with root.desk.read() as work:
        assert work.session.get_one(Entry, number).state == State.REFUSED
        assert work.session.query(Customer).one().mobile == "13800138000"
    page.refresh()
    wait(qtbot, lambda: "手机 139****2222" in all_words(page))
    assert "填写人不是本设备登记的人员" in all_words(page)
    press(page, "重新提交")
    wait(qtbot, lambda: "手机 139****2222" not in all_words(page))
    outcome = offices.sync_now(root.desk)
    assert outcome.receipt is not None
    with root.desk.read() as work:
        assert work.session.query(Customer).one().mobile == "13911112222"
        assert syncing.status(work).refused == ()
        assert syncing.pending(work) == 0


def test_a_refused_change_is_opened_or_let_go(root: Root, window: MainWindow, page: Any, qtbot: QtBot) -> None:
    """Corrected on the customer's file, or no longer asked about; the journal keeps it."""
    assert root.desk is not None
    number = refuse(root, lambda work, one: customers.change(work, one, {"remark": "下周再访"}))
    page.refresh()
    wait(qtbot, lambda: "备注 下周再访" in all_words(page))
    press(page, "打开更正")
    assert window.page == "customers"
    window.go("syncing")
    press(page, "不再提交")
    wait(qtbot, lambda: page.findChildren(QDialog))
    press(page.findChildren(QDialog)[-1], "不再提交")
    wait(qtbot, lambda: "备注 下周再访" not in all_words(page))
    with root.desk.read() as work:
        kept = work.session.get_one(Entry, number)
        assert kept.changes == {"remark": [None, "下周再访"]}
        assert syncing.status(work).refused == ()


def test_a_day_goes_by_stick(root: Root, page: Any, qtbot: QtBot, sqlite_office: HeadOffice, tmp_path: Path) -> None:
    """Two buttons: the package out, the answer in; the second time nothing changes, and a foreign file says why not."""
    assert root.desk is not None
    day, answer = tmp_path / "day.parcel", tmp_path / "answer.parcel"
    page.refresh()
    wait(qtbot, lambda: "客户" in all_words(page))
    page.export(day)
    wait(qtbot, lambda: toasts(root, "数据包已写好"))
    database = sqlite_office.database
    key = load_key(database)
    parcels = Parcels(database, key, files_at((sqlite_office.folder / "files").as_uri(), database, key))
    answer.write_bytes(parcels.take(day.read_bytes())[0])
    page.import_answer(answer)
    wait(qtbot, lambda: "一致" in all_words(page))
    assert "没有待发送的内容" in all_words(page)
    assert "不一致" not in all_words(page)
    page.import_answer(answer)
    wait(qtbot, lambda: toasts(root, "已经导入过"))
    page.import_answer(day)
    wait(qtbot, lambda: "这不是数据包，或文件已损坏" in page.problem.text())


def toasts(root: Root, words: str) -> bool:
    """Whether a note says this."""
    assert root.window is not None
    return any(words in one.text for one in root.window.toaster._toasts)


def test_a_clock_that_is_off_is_told(root: Root, page: Any, qtbot: QtBot) -> None:
    """Design rule 10: more than five minutes are shown, until a pass finds the clock right."""
    assert root.desk is not None
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=20)):
        offices.sync_now(root.desk)
    page.refresh()
    wait(qtbot, lambda: not page.skew.isHidden())
    assert page.skew.text() == "本机时钟快 20 分钟，请校准"
    offices.sync_now(root.desk)
    page.refresh()
    wait(qtbot, lambda: page.skew.isHidden())
