"""The growing wait after wrong passphrases, which outlasts restarts and a clock that is set back."""

import contextlib
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec

from insuragent.errors import DiskFull, StoreDamaged, StoreReadOnly, WrongPassphrase
from insuragent.i18n import N_
from insuragent.security import files

LONGEST_WAIT = 300
Clock = Callable[[], float]


def wait_after(failures: int) -> int:
    """The wait in seconds after so many wrong passphrases in a row: 0, 0, 1, 2, 4, 8 ... at most 300."""
    return 0 if failures < 3 else min(LONGEST_WAIT, 2 ** min(failures - 3, 16))


class _Tries(msgspec.Struct, frozen=True):
    failures: Annotated[int, msgspec.Meta(ge=0)] = 0
    last: float = 0.0


class Attempts:
    """The wrong passphrases in a row, counted in a small file beside the store.

    It slows down whoever sits at the desk. Whoever takes the files away meets the cost of the key derivation instead.
    ``clock`` gives seconds since 1970 and may be set by anybody, ``monotonic`` seconds that only ever grow.
    """

    def __init__(self, path: Path, clock: Clock = time.time, monotonic: Clock = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._monotonic = monotonic
        self._mine = _Tries()
        self._mine_at = -math.inf

    def wait_seconds(self) -> int:
        """How long to wait before the next passphrase is looked at; 0: not at all."""
        tries = self._tries()
        wait = wait_after(tries.failures)
        now = self._clock()
        if now < tries.last:
            # The clock was set back: the whole wait begins anew, from a time that will pass.
            self._keep(_Tries(tries.failures, now))
            return wait
        # A clock set forward while we watch does not shorten the wait.
        begun = min(now - tries.last, self._monotonic() - self._mine_at)
        return max(0, math.ceil(wait - begun))

    def begin(self) -> int:
        """Count a try before it is made, so that ending the process does not undo it; returns the wait if it fails.

        Raises WrongPassphrase with ``wait_seconds`` among its values while the wait of the last one lasts.
        """
        wait = self.wait_seconds()
        if wait:
            hint = N_("资料没有受到任何影响。忘记口令时可使用恢复码，无需等待。")
            raise WrongPassphrase(N_("口令多次不正确，请等待 {wait_seconds} 秒后再试"), hint=hint, wait_seconds=wait)
        failures = self._tries().failures + 1
        self._keep(_Tries(failures, self._clock()))
        return wait_after(failures)

    def forgive(self) -> None:
        """The right passphrase came, or the try could not be judged: begin to count anew."""
        self._mine, self._mine_at = _Tries(), -math.inf
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _tries(self) -> _Tries:
        """The file's count or this process's own, whichever is higher; a damaged file counts nothing."""
        found = _Tries()
        with contextlib.suppress(StoreDamaged, msgspec.DecodeError):
            found = msgspec.json.decode(files.read(self._path) or b"{}", type=_Tries)
        return max(self._mine, found, key=lambda tries: tries.failures)

    def _keep(self, tries: _Tries) -> None:
        self._mine, self._mine_at = tries, self._monotonic()
        # A full or read-only disk must not keep the right person out; the count in memory goes on.
        with contextlib.suppress(DiskFull, StoreReadOnly):
            files.write(self._path, msgspec.json.encode(tries))
