"""The desk's store: opened with the data key, held by one process, changed by units of work."""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import filelock
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from insuragent.errors import StoreDamaged, StoreError, StoreLocked, StoreMissing
from insuragent.i18n import N_
from insuragent.models import Entry
from insuragent.models.journal import GENESIS
from insuragent.security.document_key import DocumentKey
from insuragent.security.keys import derive
from insuragent.settings import Profile
from insuragent.store import indexing, recorder, schema
from insuragent.store.adopting import adopt_all
from insuragent.store.anchor import Anchor, Head
from insuragent.store.blobs import Blobs
from insuragent.store.engine import open_engine, translated
from insuragent.store.work import Actor, UnitOfWork

log = logging.getLogger(__name__)


class Store:
    """An open store; close it when done, or use it as a context.

    ``alarms`` holds what was found at opening that a person must know, though the store could be opened.
    """

    def __init__(self, profile: Profile, key: bytes, *, create: bool = False) -> None:
        """Open the profile's database with the 32-byte data key, migrating it when it is older.

        With ``create`` a new database is made. Raises StoreLocked when another process holds it, StoreMissing for an
        absent or empty file, StoreTooNew, StoreDamaged, StoreReadOnly or DiskFull.
        """
        profile.prepare()
        self.profile = profile
        self.closed = False
        self._lock = _hold(profile)
        try:
            self._check_present(create)
            self.engine = open_engine(profile.database, key)
            migrated = schema.bring_up_to_date(self.engine)
            self._anchor = Anchor(profile.anchor, derive(key, "journal anchor"))
            self.document_key = DocumentKey(key)
            self.blobs = Blobs(profile.attachments, derive(key, "attachments"))
            self._sessions = sessionmaker(self.engine.execution_options(write=True), expire_on_commit=False)
            self._readers = sessionmaker(self.engine, expire_on_commit=False)
            # The window and a pass of syncing write in turn: the next number of the journal is one writer's.
            self._writing = threading.RLock()
            self._in_unit = False
            #: Whether something may be marked that has not entered the search index.
            self._behind = True
            recorder.attach(self._sessions)
            indexing.attach(self._sessions)
            recorder.refuse_writes(self._readers)
            self._head = self._stored_head()
            self.alarms = self._check_anchor()
            if migrated:
                with self.begin(Actor()) as work:
                    adopt_all(work)
                    schema.settled(work)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.closed = True
        self.engine.dispose()
        self._anchor.close()
        self._lock.release()

    @contextmanager
    def begin(self, actor: Actor) -> Iterator[UnitOfWork]:
        """A unit of work that may write: committed at the end of the block, rolled back by an exception."""
        self._check_open()
        with self._unit(), self._told(), self._sessions() as session:
            work = UnitOfWork(session, actor, lambda: self._head, self.blobs, self.document_key)
            session.begin()
            try:
                yield work
                session.commit()
            except BaseException:
                session.rollback()
                self._enter_kept(actor, work)
                raise
            self._behind |= bool(work.changed)
            if work.wrote_journal:
                self._head = work.head
                self._anchor.write(self._head)

    @contextmanager
    def _unit(self) -> Iterator[None]:
        with self._writing:
            within, self._in_unit = self._in_unit, True
            try:
                yield
            finally:
                self._in_unit = within

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the driver as ours; and once a page was found faulty, nobody goes on with these connections."""
        try:
            with translated():
                yield
        except StoreDamaged:
            # SQLCipher lets a connection that met such a page write nothing more, and calls the file read-only.
            self.engine.dispose()
            raise

    def _enter_kept(self, actor: Actor, failed: UnitOfWork) -> None:
        """Enter what a failed unit of work asked to be kept: that somebody was refused is itself a deed."""
        if failed.kept:
            with self.begin(actor) as work:
                for told in failed.kept:
                    work.enter(*told)

    @contextmanager
    def read(self, actor: Actor) -> Iterator[UnitOfWork]:
        """A unit of work that only reads: a consistent view that blocks nobody. Writing in it is refused."""
        self._check_open()
        self._follow()
        with self._told(), self._readers() as session:
            yield UnitOfWork(session, actor, lambda: self._head, self.blobs, self.document_key)

    def _follow(self) -> None:
        """Have the search index follow what was saved; where nothing can be written now, a later reader does."""
        if not self._behind or not self._writing.acquire(blocking=False):
            return
        try:
            if not self._in_unit:
                with self._told(), self._sessions.begin() as session:
                    indexing.catch_up(session)
                self._behind = False
        except StoreError as error:
            log.warning("the search index is behind: %s", type(error).__name__)
        finally:
            self._writing.release()

    def overwrite(self, files: Iterable[str]) -> None:
        """Destroy what removed rows left behind, in the index, in free pages and in the log, and the bytes of files
        by their SHA-256. Raises StoreLocked while somebody reads."""
        for digest in files:
            self.blobs.destroy(digest)
        with self._writing, translated():
            connection = self.engine.raw_connection()
            try:
                for statement in indexing.merge_statements():
                    connection.cursor().execute(statement)
                # A copy without a single free page takes the file's place; what was in the log before is cut off.
                connection.cursor().execute("VACUUM")
                (busy, *_pages) = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.close()
        if busy:
            raise StoreLocked

    @property
    def head(self) -> Head:
        """The journal's newest number and chain hash."""
        return self._head

    def _check_open(self) -> None:
        # SQLite would make a new, empty file where the old one was destroyed.
        if self.closed:
            raise StoreError(N_("资料已锁定"))

    def _check_present(self, create: bool) -> None:
        database = self.profile.database
        there = database.exists() and database.stat().st_size > 0
        if there == create:
            raise StoreMissing(N_("资料文件已经存在")) if create else StoreMissing()

    def _stored_head(self) -> Head:
        with translated(), self._readers() as session:
            newest = sa.select(Entry.number, Entry.chain).order_by(Entry.number.desc()).limit(1)
            row = session.execute(newest).one_or_none()
        return Head(0, GENESIS) if row is None else Head(*row)

    def _check_anchor(self) -> list[StoreError]:
        anchor = self._anchor.read()
        if anchor is None:
            return [StoreDamaged(_ANCHOR_LOST[0], hint=_ANCHOR_LOST[1])] if self._head.number else []
        if anchor.number > self._head.number:
            log.error("journal ends at %d, the anchor says %d", self._head.number, anchor.number)
            return [StoreDamaged(_ROLLED_BACK[0], hint=_ROLLED_BACK[1], n=anchor.number - self._head.number)]
        if self._chain_at(anchor.number) != anchor.chain:
            raise StoreDamaged(N_("操作日志与记录的校验值不一致"))
        return []

    def _chain_at(self, number: int) -> bytes:
        if number == 0:
            return GENESIS
        with self._readers() as session:
            return session.scalar(sa.select(Entry.chain).where(Entry.number == number)) or b""


_ROLLED_BACK = (
    N_("最近 {n} 条修改没有找到：资料文件可能被换成了旧副本，或写入时中断"),
    N_("之前的资料完好。请核对今天的记录并尽快同步；如有较新的备份，请先恢复备份。"),
)
_ANCHOR_LOST = (
    N_("日志校验文件缺失或不符"),
    N_("资料可以照常使用，校验文件会重新建立。如非本人删除，请告知主管。"),
)


def _hold(profile: Profile) -> filelock.FileLock:
    # Opened in one thread and closed in another: the lock belongs to the process.
    lock = filelock.FileLock(profile.folder / "store.lock", mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise StoreLocked from error
    return lock
