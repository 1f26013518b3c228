"""From a changed amount to the new chart and table on the screen: prints the median of many changes in milliseconds."""

import statistics
import sys
import time
from types import SimpleNamespace
from typing import Any, cast

from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from insuragent.ui.parts.illustration import CasePanel, Numbers
from insuragent.ui.shell import Context
from insuragent.ui.theme import Theme

CHANGES = 25
PRODUCTS = ("DEMO-PWL", "DEMO-PANN", "DEMO-UL")


def main() -> int:
    """Type amounts into the panel of a window, and wait each time until chart and table are painted."""
    application = QApplication(sys.argv[:1])
    Theme(application).apply("light", 100)
    panel, numbers = CasePanel(cast(Context, SimpleNamespace())), Numbers()
    panel.calculated.connect(numbers.show)
    window = QWidget()
    layout = QHBoxLayout(window)
    for part in (panel, numbers.chart, numbers.table):
        layout.addWidget(part)
    window.resize(1280, 800)
    window.show()
    application.processEvents()
    print(round(statistics.median(took for code in PRODUCTS for took in changes(application, panel, code)), 1))
    return 0


def changes(application: QApplication, panel: Any, code: str) -> list[float]:
    """The processor time of each change of the amount of one product, in milliseconds."""
    panel.choose_product(code)
    application.processEvents()
    found = []
    for number in range(CHANGES):
        panel.amount.setText(str(50_000 + 1_000 * number))
        begin = time.process_time()
        panel.calculate()
        panel.window().repaint()
        application.processEvents()
        found.append((time.process_time() - begin) * 1000)
    return found


if __name__ == "__main__":
    sys.exit(main())
