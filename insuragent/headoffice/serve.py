"""Head office as a process: one socket on loopback, a quiet log, and a graceful end."""

import logging
import socket
import sys
from collections.abc import Callable, Sequence

import uvicorn

from insuragent.headoffice.app import build
from insuragent.headoffice.database import Database

#: How long requests under way may take to finish when the server is asked to stop, in seconds.
PATIENCE = 20


def serve(database: Database, host: str, port: int, authorities: Sequence[str], ready: Callable[[str], object]) -> None:
    """Serve until a signal ends it. ``port`` 0 takes a free one; ``ready`` is told the address that answers.

    Devices address the server as host:port unless ``authorities`` name others, such as that of a proxy before it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        here = f"{host}:{listening.getsockname()[1]}"
        application = build(database, authorities or (here,))
        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
        config = uvicorn.Config(
            application, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=PATIENCE
        )
        ready(f"http://{here}")
        uvicorn.Server(config).run(sockets=[listening])
    database.close()
