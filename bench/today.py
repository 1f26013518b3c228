"""One process that opens a desk of 100,000 customers: prints the ms from the right passphrase to the painted Today."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from bench.long_list import until
from bench.store import KEY, kept_store
from insuragent.app import Root, warm_up
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from insuragent.store.store import Store


def main() -> None:
    """Open the window as the door does once the passphrase was right; the key derivation is not in it."""
    application = QApplication(sys.argv[:1])
    kept = kept_store()
    with tempfile.TemporaryDirectory() as folder:
        settings = Profile(Path(folder))
        settings.prepare()
        root = Root(settings, application)
        warm_up()  # the program does so while the passphrase is typed
        begin = time.perf_counter()
        window = root.open_window(Desk(kept, Store(kept, KEY), KEY))
        page: Any = window.go("today")
        until(application, lambda: "-" in page.note.text())
        window.repaint()
        print(f"{(time.perf_counter() - begin) * 1000:.1f}")
        root.close()


if __name__ == "__main__":
    main()
