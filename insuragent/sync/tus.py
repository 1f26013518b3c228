"""Carrying one file over a line that may break: tus 1.0 to send, ranges to fetch."""

from collections.abc import Callable, Iterator

import httpx2

from insuragent.errors import Refused, Unreachable
from insuragent.i18n import N_
from insuragent.rules.filetypes import LARGEST
from insuragent.sync import busy
from insuragent.sync.protocol.files import TUS_MEDIA_TYPE, TUS_VERSION

_CHUNK = 64 * 1024
#: The least that is sent at once after the line broke again and again.
LEAST_PIECE = 4 * 1024
_NOT_TAKEN = N_("总公司没有接受附件，本机的文件没有改变，下次同步再试")


class OtherOffset(Unreachable):
    """Head office has more or less of the file than we thought."""


class Uphill:
    """Sends over a line that may break, each time from where it broke."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client, self._stretch = client, LARGEST

    def go_on(self, path: str, data: bytes, at: int, told: Callable[[int], object]) -> int:
        """Send what follows ``at``; returns how far head office is, which is further than ``at``.

        Usually that is the rest. Only a line over which nothing at all arrives is given less and less. ``told`` as in
        :func:`send`, whose errors it raises.
        """
        end = min(at + self._stretch, len(data))
        try:
            send(self._client, path, data, at, end, told)
        except Unreachable:
            now = size(self._client, path)
            if now == at:
                self._stretch = max(LEAST_PIECE, min(self._stretch, len(data) - at) // 4)
                raise
            return now
        self._stretch = min(LARGEST, self._stretch * 2)
        return end


def size(client: httpx2.Client, path: str) -> int:
    """How many bytes of a file head office has. Raises Unreachable, Refused."""
    answer = _answered(client, client.build_request("HEAD", path, headers={"tus-resumable": TUS_VERSION}))
    try:
        return int(answer.headers["upload-offset"])
    except (KeyError, ValueError) as error:
        raise Unreachable from error


def send(client: httpx2.Client, path: str, data: bytes, at: int, end: int, told: Callable[[int], object]) -> None:
    """Send the bytes from ``at`` to before ``end``; ``told`` hears how many are gone, and may stop it by raising.

    That they arrived whole, head office says in a signed answer; here only what went wrong on the way is raised:
    Unreachable, OtherOffset, Refused.
    """

    def chunks() -> Iterator[bytes]:
        for start in range(at, end, _CHUNK):
            told(start)
            yield data[start : min(start + _CHUNK, end)]

    headers = {
        "tus-resumable": TUS_VERSION,
        "content-type": TUS_MEDIA_TYPE,
        "upload-offset": str(at),
        "content-length": str(end - at),
        # Whoever answers before the last byte closes the line behind it: the next question needs another.
        "connection": "close",
    }
    _answered(client, client.build_request("PATCH", path, content=chunks(), headers=headers))


def fetch(client: httpx2.Client, path: str, start: int, end: int) -> tuple[bytes, bool]:
    """The bytes from ``start`` to before ``end``, or those that came before the line broke, and whether it broke.

    Raises Refused where head office does not give them, Unreachable for an answer that is not head office's.
    """
    data, skip = b"", 0
    try:
        with client.stream("GET", path, headers={"range": f"bytes={start}-{end - 1}"}) as answer:
            _check(answer)
            # A server may always send the whole.
            skip = start if answer.status_code == 200 else 0
            for chunk in answer.iter_raw():
                data += chunk
    except (httpx2.TransportError, httpx2.DecodingError):
        return data[skip : skip + end - start], True
    return data[skip : skip + end - start], False


def _answered(client: httpx2.Client, request: httpx2.Request) -> httpx2.Response:
    try:
        answer = client.send(request)
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        raise Unreachable from error
    _check(answer)
    return answer


def _check(answer: httpx2.Response) -> None:
    busy.check(answer)
    if answer.headers.get("tus-resumable") is None and answer.status_code < 400:
        raise Unreachable
    if answer.status_code == 409:
        raise OtherOffset
    # What is not of an allowed kind is told in the signed answer, and by 422 here.
    if answer.status_code >= 400 and answer.status_code != 422:
        raise Refused("file_not_taken", _NOT_TAKEN)
