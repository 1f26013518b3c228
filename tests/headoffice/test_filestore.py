"""The store of files: the same on a folder and on S3, whole only without a gap, and nothing of it readable."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from insuragent.errors import Refused
from insuragent.headoffice.filestore import BadFileStore, FileStore

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket of a real S3 service on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        told = {
            "AWS_ACCESS_KEY_ID": "sample",
            "AWS_SECRET_ACCESS_KEY": "sample",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT": f"http://{host}:{port}",
            "AWS_ALLOW_HTTP": "true",
        }
        for name, value in told.items():
            patch.setenv(name, value)
        service = boto3.client("s3", endpoint_url=told["AWS_ENDPOINT"], region_name="us-east-1")
        service.create_bucket(Bucket="attachments")
        service.close()
        yield "s3://attachments"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return FileStore((tmp_path / "files").as_uri(), KEY)
    return FileStore(f"{request.getfixturevalue('bucket')}/{uuid.uuid4().hex}", KEY)


def test_a_file_is_the_run_of_its_pieces(store: FileStore) -> None:
    """In whatever order they came; what lies behind a gap is not there yet."""
    assert store.size("a") == 0
    store.add("a", 5, b" world")
    assert store.size("a") == 0
    store.add("a", 0, b"hello")
    assert (store.size("a"), store.read("a")) == (11, b"hello world")
    store.add("a", 20, b"later")
    assert store.size("a") == 11


@pytest.mark.parametrize(("start", "end"), [(0, None), (3, 7), (6, None), (0, 2), (5, 11), (4, 5), (11, None)])
def test_any_part_can_be_read(store: FileStore, start: int, end: int | None) -> None:
    """Across pieces and within one."""
    data = b"hello world"
    store.add("a", 0, data[:5])
    store.add("a", 5, data[5:])
    assert store.read("a", start, end) == data[start:end]


def test_the_same_piece_twice_is_one(store: FileStore) -> None:
    """A shorter one in its place shortens the file, and what followed is no part of it then."""
    store.add("a", 0, b"hello")
    store.add("a", 5, b" world")
    store.add("a", 0, b"hello")
    assert store.size("a") == 11
    store.add("a", 0, b"hel")
    assert store.size("a") == 3


def test_places_do_not_mix(store: FileStore) -> None:
    """One place's name may begin another's; removing one leaves the other."""
    store.add("a", 0, b"one")
    store.add("ab", 0, b"other")
    store.remove("a")
    assert (store.size("a"), store.read("ab")) == (0, b"other")
    store.remove("a")


def test_an_altered_piece_is_no_file(tmp_path: Path) -> None:
    """Whoever can write into the folder cannot make head office give out other bytes."""
    store = FileStore((tmp_path / "files").as_uri(), KEY)
    store.add("a", 0, b"hello")
    store.add("b", 0, b"HELLO")
    here, there = (tmp_path / "files" / name / "000000000" for name in ("a", "b"))
    assert b"hello" not in here.read_bytes()
    there.write_bytes(here.read_bytes())
    with pytest.raises(FileNotFoundError):
        store.read("b")


@pytest.mark.parametrize("url", ["", "nonsense", "http://example.org", "file:///proc/1/nothing", "memory://"])
def test_an_address_that_is_none(url: str) -> None:
    """Said at the start of the server, not at the first file."""
    with pytest.raises(BadFileStore):
        FileStore(url, KEY)


def test_a_store_that_is_gone_is_no_fault_of_the_desk(tmp_path: Path) -> None:
    """It is asked to come back later."""
    store = FileStore((tmp_path / "files").as_uri(), KEY)
    (tmp_path / "files").rmdir()
    (tmp_path / "files").write_text("no folder")
    with pytest.raises(Refused) as told:
        store.add("a", 0, b"hello")
    assert told.value.code == "busy"
