"""Head office as a desk of a history reaches it: over a line on which messages and answers get lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from insuragent.errors import Unreachable
from insuragent.headoffice.routes import Device
from insuragent.sync.protocol import pack, unpack

if TYPE_CHECKING:
    from tests.sync.histories import World


@dataclass
class Line:
    """Head office as one desk reaches it; ``lost`` says which of the next messages fail, there or back."""

    world: "World"
    device: Device
    lost: list[str] = field(default_factory=list)
    between: Callable[[], object] | None = None
    has_failed: bool = False

    def hello(self, message: Any) -> Any:
        return self._ask(self.world.ledger.hello, message)

    def pull(self, message: Any) -> Any:
        return self._ask(self.world.ledger.pull, replace(message, columns=True))

    def push(self, message: Any) -> Any:
        between, self.between = self.between, None
        if between is not None:
            between()
        return self._ask(self.world.ledger.push, message)

    #: As head office of this program.
    takes_stretches = True

    def offer(self, message: Any) -> Any:
        return self._ask(self.world.offers.offer, message)

    def carry(self, path: str, data: bytes, at: int, told: Callable[[int], object]) -> int:
        """Half of what is missing arrives where the line breaks."""
        told(at)
        upload, fate = self.world.files.upload(path.rpartition("/")[2]), self.lost.pop(0) if self.lost else ""
        assert upload.at == at, "a stretch goes on where the last one ended"
        end = (at + len(data)) // 2 if fate else len(data)
        self.world.files.add(upload, at, data[at:end])
        if end == at:
            raise Unreachable
        return end

    def take(self, message: Any) -> Any:
        return self._ask(self.world.offers.take, message)

    def receipt(self, message: Any) -> Any:
        return self._ask(self.world.receipts.give, message)

    def sealers(self, message: Any) -> Any:
        return self._ask(self.world.sealers.changed, message)

    def _ask(self, use: Callable[[Device, Any], Any], message: Any) -> Any:
        fate = self.lost.pop(0) if self.lost else ""
        if fate == "there":
            raise Unreachable
        answer = use(self.device, unpack(pack(message), type(message)))
        if fate == "back":
            raise Unreachable
        return unpack(pack(answer), type(answer))
