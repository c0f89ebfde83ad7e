# SPDX-License-Identifier: Apache-2.0
"""What a server answers is taken within limits, and whatever else it does is one clear error."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from privity.errors import InputError, UnavailableError
from privity.ledger.ports import NotFoundError
from privity.store.http import WebReader

pytestmark = pytest.mark.enable_socket


PACKED = {
    "tile/entries/x001/234": gzip.compress(b"entries"),
    "cut": gzip.compress(b"entries" * 100)[:-9],
    "twice": gzip.compress(b"one") + b"two",
    "no-gzip": b"no gzip",
    "bomb": gzip.compress(bytes(10_000)),
}
LEADING = {
    "moved": "/log/checkpoint",
    "to-file": "file:///etc/passwd",
    "to-ftp": "ftp://127.0.0.1/x",
}
OTHERS: dict[str, tuple[int, bytes, str]] = {
    "checkpoint": (200, b"a checkpoint", ""),
    "brotli": (200, b"x", "br"),
    "large": (200, bytes(1001), ""),
    "broken": (500, b"", ""),
    "gone": (410, b"", ""),
}


class Server(BaseHTTPRequestHandler):
    """Answers as its paths say."""

    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Accept-Encoding")))
        path = self.path.removeprefix("/log/")
        if path == "slow":
            threading.Event().wait(1)
        elif path == "short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"short")
        elif path in PACKED:
            self.answer(200, PACKED[path], packed="gzip")
        elif path in LEADING:
            self.answer(302, b"", to=LEADING[path])
        else:
            self.answer(*OTHERS.get(path, (404, b"", "")))

    def answer(self, code: int, data: bytes, packed: str = "", to: str = "") -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        if packed:
            self.send_header("Content-Encoding", packed)
        if to:
            self.send_header("Location", to)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/log/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def reader(address: str) -> WebReader:
    return WebReader(address, seconds=0.2, largest=1000)


def test_a_tree_is_read_below_its_address(reader: WebReader) -> None:
    assert reader.read("checkpoint") == b"a checkpoint"
    assert Server.asked[-1] == ("/log/checkpoint", "gzip, identity")


def test_a_packed_answer_is_unpacked(reader: WebReader) -> None:
    assert reader.read("tile/entries/x001/234") == b"entries"


def test_a_redirection_is_followed(reader: WebReader) -> None:
    assert reader.read("moved") == b"a checkpoint"


@pytest.mark.parametrize("path", ["nothing", "gone"])
def test_what_is_not_there_is_not_found(reader: WebReader, path: str) -> None:
    with pytest.raises(NotFoundError) as refused:
        reader.read(path)
    assert refused.value.code == "ledger/not-found"


@pytest.mark.parametrize(
    "path",
    [
        "bomb", "broken", "brotli", "cut", "large", "no-gzip", "short", "slow", "to-file",
        "to-ftp", "twice",
    ],
)  # fmt: skip
def test_any_other_answer_is_an_error_of_ours(reader: WebReader, path: str) -> None:
    with pytest.raises(UnavailableError) as refused:
        reader.read(path)
    assert refused.value.code == "store/unanswered"
    assert "\n" not in str(refused.value)


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(UnavailableError) as refused:
        WebReader("http://127.0.0.1:1/").read("checkpoint")
    assert refused.value.code == "store/unanswered"


@pytest.mark.parametrize("address", ["", "file:///etc", "ftp://x/", "https://", "example.com"])
def test_only_the_web_is_read(address: str) -> None:
    with pytest.raises(InputError) as refused:
        WebReader(address)
    assert refused.value.code == "store/address"
