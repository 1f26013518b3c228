"""What the window and its pages know of each other: the declaration of a page, and what a page is given."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtWidgets import QWidget

from insuragent.errors import InsuragentError
from insuragent.settings import Settings
from insuragent.ui.clipboard import SecretClipboard
from insuragent.ui.edits import SavedEdits
from insuragent.ui.palette import Palette
from insuragent.ui.tasks import Tasks
from insuragent.ui.theme import Theme
from insuragent.ui.toast import Toaster


@dataclass(frozen=True)
class Context:
    """What every page gets.

    ``go(page, target)`` opens a page by name, at a record or whatever its ``show_target`` takes; ``badge(page,
    count)`` writes a number beside a page's name; ``edits`` tells what was saved and takes it back; ``desk`` is
    what app.py adds: who is signed in, policies, clocks.
    """

    tasks: Tasks[Any]
    settings: Settings
    theme: Theme
    toaster: Toaster
    palette: Palette
    clipboard: SecretClipboard
    go: Callable[..., QWidget]
    badge: Callable[[str, int], None]
    edits: SavedEdits
    desk: Any = None
    #: The page that opens a record, by its kind.
    opens: Mapping[str, str] = field(default_factory=dict)
    #: What follows when head office withdrew this device and its data were destroyed.
    revoked: Callable[[InsuragentError], object] = lambda _error: None


@dataclass(frozen=True)
class Opened:
    """A record that is to be opened in its form; ``customer_id`` is whose file it hangs in, None for none."""

    kind: str
    record_id: uuid.UUID
    customer_id: uuid.UUID | None = None


@dataclass(frozen=True)
class PageSpec:
    """A page of the navigation: ``title`` is a msgid; ``factory`` makes it when it is first opened.

    A page may offer ``show_target(target)`` to be opened at something: the id of a record, ("customer", id) to make
    one for a customer (None: for nobody yet), or a kept draft to go on with; and ``save_draft()``, called before the
    window locks or closes.
    """

    name: str
    title: str
    icon: str
    factory: Callable[[Context], QWidget]
    #: The kinds of records whose forms it shows: for these its ``show_target`` takes an :class:`Opened`.
    opens: Sequence[str] = ()


@dataclass(frozen=True)
class BannerSpec:
    """A banner shown above every page: ``kind`` accent, ok, warn or bad; ``action`` leads to ``then``."""

    text: str
    kind: str = "warn"
    action: str = ""
    then: Callable[[], object] | None = None
