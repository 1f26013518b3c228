"""The one way to run work beside the window: one thread for the store, a few for network and PDF."""

import logging
import time
import traceback
import uuid
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

from insuragent.errors import InsuragentError

log = logging.getLogger(__name__)

FREE_THREADS = 3
#: Progress is shown at most this often, in seconds, so that a quick loop does not flood the window.
PROGRESS_PAUSE = 0.05

P = ParamSpec("P")
R = TypeVar("R")
Changed = set[tuple[str, uuid.UUID]]


class Work(Protocol):
    """What a unit of work must offer here: the records that it changed."""

    changed: Changed


W = TypeVar("W", bound=Work)


class Cancelled(Exception):
    """The person stopped a piece of work; raised inside it by :meth:`Progress.report`."""


class Progress(QObject):
    """How far a piece of work is; given to it as an ordinary argument.

    The work calls :meth:`report` at points where it may stop; ``changed`` arrives in the window's thread.
    """

    changed = Signal(int, int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cancelled = False
        self._last = 0.0

    def report(self, count: int, total: int = 0, text: str = "") -> None:
        """``count`` of ``total`` is done (0: unknown), in pieces or bytes. Raises Cancelled when stopped."""
        if self.cancelled:
            raise Cancelled
        now = time.monotonic()
        if count == total or now - self._last >= PROGRESS_PAUSE:
            self._last = now
            self.changed.emit(count, total, text)

    def cancel(self) -> None:
        """Ask the work to stop at its next report."""
        self.cancelled = True


class Task(Generic[R]):
    """One piece of work under way; say what follows with ``then``, ``failed`` and ``ended``."""

    def __init__(self, owner: QObject) -> None:
        self.owner = owner
        self.result: R | None = None
        self.error: Exception | None = None
        self.changed: Changed = set()
        self._then: list[Callable[[R], object]] = []
        self._failed: list[Callable[[InsuragentError], object]] = []
        self._ended: list[Callable[[], object]] = []
        self._dropped = False

    def then(self, slot: Callable[[R], object]) -> "Task[R]":
        """Call ``slot`` with the result, in the window's thread."""
        self._then.append(slot)
        return self

    def failed(self, slot: Callable[[InsuragentError], object]) -> "Task[R]":
        """Call ``slot`` with an error of ours instead of showing it in a dialog; a fault of ours is still shown."""
        self._failed.append(slot)
        return self

    def ended(self, slot: Callable[[], object]) -> "Task[R]":
        """Call ``slot`` however the work ended: to stop a spinner, to enable a button."""
        self._ended.append(slot)
        return self

    def drop(self) -> None:
        """Forget the result when it comes, such as of a search that a newer one replaced."""
        self._dropped = True

    def deliver(self) -> bool:
        """Tell the slots, unless the owner is gone; False when an error was left for others to show."""
        if self._dropped or not isValid(self.owner):
            return self.error is None or isinstance(self.error, InsuragentError | Cancelled)
        for end in self._ended:
            end()
        if self.error is None:
            for slot in self._then:
                slot(self.result)  # type: ignore[arg-type]  # None only where R is None
            return True
        if isinstance(self.error, InsuragentError):
            for fail in self._failed:
                fail(self.error)
            return bool(self._failed)
        return isinstance(self.error, Cancelled)


class Tasks(QObject, Generic[W]):
    """Runs use cases on the store's one thread, and free functions beside it.

    ``begin`` opens a unit of work and commits it at the end of its block. ``records_changed`` tells the
    records, as (kind, id), that a commit changed; ``error_raised`` an error that no ``failed`` slot took.
    """

    records_changed = Signal(object)
    error_raised = Signal(object)
    _finished = Signal(object)

    def __init__(self, begin: Callable[[], AbstractContextManager[W]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._begin = begin
        self._store = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._free = ThreadPoolExecutor(FREE_THREADS, thread_name_prefix="free")
        self._finished.connect(self._on_finished)
        self._closed = False
        self._under_way = 0

    @property
    def idle(self) -> bool:
        """Whether nothing that was asked for is still to come."""
        return self._under_way == 0

    def run(
        self, owner: QObject, use_case: Callable[Concatenate[W, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> Task[R]:
        """Run ``use_case(work, *args)`` in a unit of work of its own, after those asked for before."""

        def worked(task: Task[R]) -> R:
            with self._begin() as work:
                result = use_case(work, *args, **kwargs)
            task.changed = set(work.changed)
            return result

        return self._submit(self._store, owner, worked)

    def run_free(self, owner: QObject, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Task[R]:
        """Run ``function(*args)`` beside the store: network, PDF, printing, key derivation."""
        return self._submit(self._free, owner, lambda _task: function(*args, **kwargs))

    def close(self) -> None:
        """Finish what was asked for, and take nothing more."""
        self._closed = True
        self._free.shutdown()
        self._store.shutdown()

    def report(self, error: BaseException) -> None:
        """Log a fault of ours without its text, which may hold personal data, and have it shown."""
        log.error("fault of ours: %s", _trace(error))
        self.error_raised.emit(error)

    def _submit(self, pool: ThreadPoolExecutor, owner: QObject, work: Callable[[Task[R]], R]) -> Task[R]:
        task: Task[R] = Task(owner)

        def run() -> None:
            try:
                task.result = work(task)
            except Exception as error:  # noqa: BLE001  # the program's one net: a fault ends its use case only
                task.error = error
            self._finished.emit(task)

        if not self._closed:  # a page may still ask for something while the window is taken down
            self._under_way += 1
            pool.submit(run)
        return task

    @Slot(object)
    def _on_finished(self, task: Task[Any]) -> None:
        self._under_way -= 1
        if task.changed:
            self.records_changed.emit(task.changed)
        if task.deliver() or task.error is None:
            return
        if isinstance(task.error, InsuragentError):
            self.error_raised.emit(task.error)
        else:
            self.report(task.error)


def _trace(error: BaseException) -> str:
    """Types and places of an error and its causes, oldest last; no messages."""
    lines: list[str] = []
    seen: set[Hashable] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        lines += [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(link.__traceback__)]
        link = link.__cause__ or link.__context__
    return "\n".join(lines)
