"""Head office as a process: one socket on loopback, a quiet log, and a graceful end."""

import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from insuragent import memory
from insuragent.errors import UserError
from insuragent.headoffice import logs
from insuragent.headoffice.app import build
from insuragent.headoffice.database import Database
from insuragent.headoffice.metrics import Metrics
from insuragent.headoffice.provider import Terms
from insuragent.headoffice.watching import Watched
from insuragent.i18n import N_
from insuragent.sync.protocol import PULL_FROM

log = logging.getLogger(__name__)

#: How long requests under way may take to finish when the server is asked to stop, in seconds.
PATIENCE = 20
#: The longest head of a request in bytes: ours have one thousand.
LONGEST_HEAD = 64 * 1024


def serve(
    database: Database,
    host: str,
    port: int,
    authorities: Sequence[str],
    ready: Callable[[str], object],
    files: str = "",
    pull_from: int = PULL_FROM,
    leash: int | None = None,
    terms: Terms | None = None,
) -> None:
    """Serve until a signal ends it. ``port`` 0 takes a free one; ``ready`` is told the address that answers.

    Devices address the server as host:port unless ``authorities`` name others, such as that of a proxy before it.
    ``files`` is the address of the store of attachments; "" keeps them in a folder beside the database.
    ``terms`` are those of an identity provider.
    ``leash`` is a file descriptor whose end is a signal too: whoever held the other end is gone.
    Raises UserError where nothing can listen.
    """
    with _listen(host, port) as listening:
        here = f"{host}:{listening.getsockname()[1]}"
        metrics = Metrics()
        application = Watched(build(database, authorities or (here,), files, pull_from, metrics, terms), metrics)
        logs.start()
        config = uvicorn.Config(
            application,
            http=Bounded,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
        memory.settle()
        server = uvicorn.Server(config)
        if leash is not None:
            threading.Thread(target=_stop_at_end, args=(leash, server), daemon=True).start()
        ready(f"http://{here}")
        server.run(sockets=[listening])
    database.close()


class Bounded(HttpToolsProtocol):
    """A connection to a client, read by a parser in C that would keep a head of any length."""

    _head = 0

    def data_received(self, data: bytes) -> None:
        """What came goes to the parser; a head that does not end is an attack."""
        self._head += len(data)
        super().data_received(data)
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            log.warning("refused a head of more than %d bytes", LONGEST_HEAD)
            self.send_400_response("Too long a head.")

    def on_headers_complete(self) -> None:
        """A head came to its end."""
        self._head = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """What came is no head; how long a body may be, each route says."""
        self._head = 0
        super().on_body(body)


def _stop_at_end(leash: int, server: uvicorn.Server) -> None:
    # Read past Python's own buffer, whose lock would be held when the program ends first.
    while os.read(leash, 1024):
        pass
    server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, because asyncio sends small packets at once only then: each answer would wait 40 ms without it.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise UserError(
            N_("不能在 {host}:{port} 上监听"),
            hint=N_("请检查地址是否属于本机、端口是否已被占用；端口写 0 时自动选择空闲端口。"),
            host=host,
            port=port,
        ) from error
    return listening
