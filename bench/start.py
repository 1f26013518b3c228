"""How soon the window can be used: a cold process until the lock screen is painted, beside an empty window."""

import os
import statistics
import subprocess
import sys
import tempfile

from bench.measure import ROUNDS, Row, Start, interleaved, row, start

#: The least that a PySide6 program can do: an empty main window, painted.
EMPTY_WINDOW = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, painted)
def painted():
    print("painted", flush=True)
    application.quit()
application = QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
application.exec()
"""
PEER = "empty PySide6 window"


class Contender:
    """A program that prints a line when its window is painted; every start of it is kept."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.command = [sys.executable, *arguments]
        self.environment = {"QT_QPA_PLATFORM": "offscreen", **environment}
        self.starts: list[Start] = []

    def __call__(self) -> float:
        self.starts.append(start(self.command, self.environment))
        return self.starts[-1].wall_ms

    def median(self, figure: str) -> float:
        """The median of one figure of :class:`Start` over all starts but the first, which warmed the caches."""
        figures: list[float] = [getattr(one, figure) for one in self.starts[1:]]
        return round(statistics.median(figures), 1)


def lock_screen() -> list[Row]:
    """From a cold process to the painted lock screen: time on the wall, processor time of the process, memory."""
    with tempfile.TemporaryDirectory() as profile:
        ours = Contender("-m", "insuragent", "--profile", profile, INSURAGENT_MEASURE="lock")
        empty = Contender("-c", EMPTY_WINDOW)
        interleaved({"ours": ours, "empty": empty})
    figures = (
        ("lock_screen_ms", "wall_ms", "ms"),
        ("lock_screen_cpu_ms", "cpu_ms", "ms"),
        ("rss_mb", "rss_mb", "MB"),
    )
    return [row(metric, ours.median(name), unit, PEER, empty.median(name)) for metric, name, unit in figures]


def unlock() -> list[Row]:
    """From the right passphrase to the painted Today page of 100,000 customers, each in a process of its own."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "bench.today"]
    times = [
        float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
        for _ in range(ROUNDS)
    ]
    return [row("unlock_to_today_ms", round(statistics.median(times), 1), "ms")]


def rows() -> list[Row]:
    """The figures of start.json."""
    return [*lock_screen(), *unlock()]
