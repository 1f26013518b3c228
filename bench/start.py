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
