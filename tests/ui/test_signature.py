"""The signature pad: pen, finger and mouse make one signature; a slip makes none."""

import json

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QInputDevice, QPainter, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from insuragent.ui.signature import Dot, SignaturePad, draw_ink
from insuragent.ui.tokens import color


@pytest.fixture
def pad(theme, qtbot) -> SignaturePad:
    made = SignaturePad("投保人")
    qtbot.addWidget(made)
    made.resize(480, 180)
    made.show()
    return made


def stroke(pad: SignaturePad, begin: QPoint, end: QPoint, steps: int = 12) -> None:
    """A stroke of the mouse; QTest's moves carry no button, which the pad does not need."""
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=begin)
    for step in range(1, steps + 1):
        QTest.mouseMove(pad, begin + (end - begin) * step / steps)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=end)


def test_a_signature_needs_more_than_a_slip(pad: SignaturePad) -> None:
    """A dot or a short tick does not count; real strokes do, and the pad says so."""
    stroke(pad, QPoint(100, 60), QPoint(104, 62), steps=2)
    assert not pad.valid()
    assert pad.accessibleDescription() == "已签名，1 笔"
    stroke(pad, QPoint(100, 60), QPoint(240, 110))
    assert pad.valid()


def test_undo_redo_and_clear_walk_over_strokes(pad: SignaturePad, qtbot) -> None:
    """Ctrl+Z takes strokes back one by one, redo puts them down again, a new stroke ends redo."""
    stroke(pad, QPoint(50, 50), QPoint(150, 100))
    stroke(pad, QPoint(60, 50), QPoint(160, 100))
    first = list(pad.strokes)
    qtbot.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert pad.strokes == first[:1]
    pad.redo()
    assert pad.strokes == first
    pad.undo()
    stroke(pad, QPoint(10, 10), QPoint(90, 90))
    pad.redo()
    assert len(pad.strokes) == 2
    with qtbot.waitSignal(pad.changed):
        pad.clear()
    assert pad.strokes == []


def test_the_picture_is_the_trimmed_ink_on_a_clear_ground(pad: SignaturePad) -> None:
    """The PNG can be laid over a PDF: ink alone, at three times the size, without the paper."""
    stroke(pad, QPoint(100, 60), QPoint(200, 110))
    image = QImage.fromData(pad.png(), "PNG")
    assert image.width() == pytest.approx((100 + 12) * 3, abs=6)
    assert image.height() == pytest.approx((50 + 12) * 3, abs=6)
    assert image.pixelColor(0, image.height() - 1).alpha() == 0
    solid = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert len(solid) > 200
    assert {pixel.name() for pixel in solid} == {color("ink").name()}


def test_the_strokes_are_kept_as_evidence(pad: SignaturePad) -> None:
    """Place, pressure and time of every point can be read back."""
    stroke(pad, QPoint(100, 60), QPoint(200, 110))
    kept = json.loads(pad.strokes_json())
    assert (kept["version"], kept["width"], kept["height"]) == (1, 480, 180)
    points = kept["strokes"][0]
    assert points[0][:3] == [100, 60, 0.5]
    assert points[-1][:2] == [200, 110]
    times = [point[3] for point in points]
    assert times == sorted(times)


def test_nothing_signed_gives_no_picture(pad: SignaturePad) -> None:
    """An empty picture must never be stored as a signature."""
    assert not pad.valid()
    with pytest.raises(ValueError, match="nothing was signed"):
        pad.png()


def test_a_firm_pen_writes_thicker(theme) -> None:
    """Pressure shows in the ink, as on paper."""

    def inked(pressure: float) -> int:
        image = QImage(200, 40, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        draw_ink(painter, [[Dot(10.0 + 6 * i, 20.0, pressure, 8 * i) for i in range(30)]], color("ink"))
        painter.end()
        return sum(image.pixelColor(100, y).lightness() < 128 for y in range(40))

    assert inked(1.0) > inked(0.2) >= 1


def test_a_pen_draws_with_its_own_pressure(pad: SignaturePad, qtbot) -> None:
    """A tablet's pressure is kept, and its movement is not drawn a second time as a mouse."""
    pen = QPointingDevice(
        "pen",
        1,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Pressure,
        1,
        1,
        "",
        QPointingDeviceUniqueId(),
    )
    none = Qt.KeyboardModifier.NoModifier
    left, idle = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, x, pressure, button, held in (
        (QEvent.Type.TabletPress, 40.0, 0.3, left, left),
        (QEvent.Type.TabletMove, 60.0, 0.8, idle, left),
        (QEvent.Type.TabletRelease, 60.0, 0.0, left, idle),
    ):
        place = QPointF(x, 50)
        event = QTabletEvent(kind, pen, place, place, pressure, 0, 0, 0, 0, 0, none, button, held)
        QApplication.sendEvent(pad, event)
        assert event.isAccepted()
    assert [(dot.x, round(dot.pressure, 2)) for dot in pad.strokes[0]] == [(40.0, 0.3), (60.0, 0.8)]
    assert len(pad.strokes) == 1
