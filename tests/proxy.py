"""A network that fails where it is told: a TCP proxy that resets the connection after so many bytes."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["up", "down"]
_PIECE = 65536


@dataclass
class Link:
    """What the proxy does and counts. ``up`` is from the desk to head office.

    ``cut`` resets once, after so many further bytes in one direction; ``every`` resets again and again. A reset that
    overtook the bytes before it would take them out of the other side's hands, as no line does: so that they
    are read, it waits until they ``arrived``, and ``arrival`` seconds more. ``closes``: both ends are closed behind
    those bytes instead, which takes no time.
    """

    port: int = 0
    cut: tuple[Direction, int] | None = None
    every: tuple[Direction, int] | None = None
    passed: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    cuts: int = 0
    arrival: float = 0.005
    arrived: Callable[[], bool] = lambda: True
    closes: bool = False

    @property
    def authority(self) -> str:
        """The name by which desks address what is behind the proxy."""
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """The same as an address."""
        return f"http://{self.authority}"

    def allowed(self, direction: Direction, size: int) -> int:
        """How many of the next ``size`` bytes may pass before the link breaks; ``size`` when it does not."""
        for name in ("cut", "every"):
            rule: tuple[Direction, int] | None = getattr(self, name)
            if rule is None or rule[0] != direction:
                continue
            left = rule[1]
            if left > size:
                setattr(self, name, (direction, left - size))
                continue
            setattr(self, name, None if name == "cut" else (direction, self._period))
            self.cuts += 1
            return left
        return size

    def reset_every(self, direction: Direction, size: int) -> None:
        """Break the link after each ``size`` bytes of one direction."""
        self._period = size
        self.every = (direction, size)

    def heal(self) -> None:
        """Let everything pass."""
        self.cut = self.every = None


class _Proxy:
    def __init__(self, link: Link, target: int) -> None:
        self.link, self.target = link, target

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        ends = (writer, behind_writer)
        up = self._pump("up", reader, behind_writer, ends)
        down = self._pump("down", behind_reader, writer, ends)
        with contextlib.suppress(asyncio.CancelledError):  # the block is over; the loop would print it as a fault
            await asyncio.gather(up, down)

    async def _pump(
        self,
        direction: Direction,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        ends: tuple[asyncio.StreamWriter, ...],
    ) -> None:
        broken = False
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                cuts, passing = self.link.cuts, self.link.allowed(direction, len(piece))
                self.link.passed[direction] += passing
                writer.write(piece[:passing])
                await writer.drain()
                if self.link.cuts != cuts:
                    if broken := self.link.closes:
                        break
                    # What was let through arrives before the line is found dead.
                    while not self.link.arrived():
                        await asyncio.sleep(0.05)
                    await asyncio.sleep(self.link.arrival)
                    for end in ends:
                        _reset(end)
                    return
        for end in ends if broken else (writer,):
            with contextlib.suppress(OSError, RuntimeError):
                end.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    link: socket.socket | None = writer.get_extra_info("socket")
    if link is not None:
        with contextlib.suppress(OSError):
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def failing_link(target: int, port: int = 0) -> Iterator[Link]:
    """A proxy before ``target`` for the length of a block, in a thread of its own."""
    link, ready = Link(port), threading.Event()
    ways: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        over = asyncio.Event()
        ways.append((asyncio.get_running_loop(), over))
        async with await asyncio.start_server(_Proxy(link, target).serve, "127.0.0.1", port) as server:
            link.port = server.sockets[0].getsockname()[1]
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield link
    finally:
        loop, over = ways[0]
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
