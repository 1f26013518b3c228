"""How soon the window can be used: a cold process to the painted lock screen, and from the passphrase to today."""

#: The least that a PySide6 program can do: an empty main window, painted.
EMPTY_WINDOW = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, painted)
def painted():
    print("painted", flush=True)
    application.quit()
window = Window()
window.resize(1280, 800)
window.show()
application.exec()
"""
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}


def lock_screen() -> list[Row]:
    """A cold process until the lock screen is painted, beside an empty window; wall and processor time."""
    program = [sys.executable, "-m", "insuragent"]
    starts: dict[str, list[Start]] = {"insuragent": [], "empty window": []}

    def measured(name: str, command: list[str], **environment: str) -> float:
        starts[name].append(start(command, OFFSCREEN | environment))
        return starts[name][-1].wall_ms

    with tempfile.TemporaryDirectory() as profile:
        interleaved(
            {
                "insuragent": lambda: measured(
                    "insuragent", [*program, "--profile", profile], INSURAGENT_MEASURE="lock"
                ),
                "empty window": lambda: measured("empty window", [sys.executable, "-c", EMPTY_WINDOW]),
            }
        )
    ours, peer = starts["insuragent"], starts["empty window"]

    def median(of: list[Start], figure: str) -> float:
        return round(statistics.median(getattr(one, figure) for one in of[1:]), 1)

    names = (("lock_screen_ms", "wall_ms", "ms"), ("lock_screen_cpu_ms", "cpu_ms", "ms"), ("rss_mb:lock", "rss_mb", "MB"))
    return [
        row(metric, median(ours, figure), unit, "empty PySide6 window", median(peer, figure))
        for metric, figure, unit in names
    ]
