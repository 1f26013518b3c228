"""One process with the table of all customers: prints first paint and jump to the end in ms, and added memory in MB."""

import math
import sys
import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from bench.measure import peak_mb
from bench.store import KEY, kept_store
from insuragent.models import Customer
from insuragent.store.store import Store
from insuragent.store.work import Actor
from insuragent.ui.tables import RecordModel, RecordTable
from insuragent.ui.tasks import Tasks

COLUMNS = ("name", "gender", "birth_date", "mobile", "stage", "customer_class", "doc_no")
LONGEST = 30.0


def until(application: QApplication, ready: Callable[[], bool]) -> float:
    """Run the window until ``ready``; returns the milliseconds that it took. Raises TimeoutError."""
    begin = time.perf_counter()
    while not ready():
        application.processEvents()
        time.sleep(0.0005)  # lets the store's thread run
        if time.perf_counter() - begin > LONGEST:
            raise TimeoutError
    return (time.perf_counter() - begin) * 1000


def memory() -> float:
    """The largest memory of this process so far, in MB; NaN where the system does not tell it."""
    told = peak_mb()
    return math.nan if told is None else told


def main() -> None:
    """Open the list, wait for its first rows, jump to its last."""
    application = QApplication(sys.argv[:1])
    with Store(kept_store(), KEY) as store:
        tasks = Tasks(lambda: store.begin(Actor()))
        model = RecordModel(tasks, Customer, COLUMNS)
        table = RecordTable(model, "customers")
        table.resize(1000, 800)
        table.show()
        application.processEvents()
        before = memory()
        begin = time.perf_counter()
        model.reload()
        until(application, lambda: model.rowCount() > 0)
        table.repaint()
        paint = (time.perf_counter() - begin) * 1000
        begin = time.perf_counter()
        table.scrollToBottom()
        table.repaint()
        last = model.rowCount() - 1
        until(application, lambda: model.index(last, 0).data() != "…")
        table.repaint()
        jump = (time.perf_counter() - begin) * 1000
        print(f"{paint:.1f} {jump:.1f} {memory() - before:.1f}")
        tasks.close()


if __name__ == "__main__":
    main()
