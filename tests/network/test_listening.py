# SPDX-License-Identifier: Apache-2.0
"""What somebody sends has an end: how much it is, and how long it takes."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.network.test_ending import get, served

pytestmark = pytest.mark.enable_socket

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


class Clock:
    """Seconds that a test lets pass."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Server:
    """What a connection tells of a request that is whole."""

    def __init__(self) -> None:
        self.active_channels: dict[int, Any] = {}
        self.whole: list[Any] = []

    def add_task(self, channel: Any) -> None:
        self.whole.append(channel.requests[0])


@pytest.fixture
def connection(site: Path) -> Iterator[tuple[Any, Clock, Server]]:
    """A connection to a server that answers nothing."""
    from waitress.adjustments import Adjustments  # noqa: PLC0415 - Django is set up by now

    from privity.web.operating.listening import Connection  # noqa: PLC0415 - likewise

    del site
    clock, server = Clock(), Server()
    here, there = socket.socketpair()
    with here, there:
        made = Connection(server, here, ("127.0.0.1", 1), Adjustments(), map={})
        made.clock = clock
        yield made, clock, server


def test_a_request_that_trickles_is_not_waited_for(
    connection: tuple[Any, Clock, Server],
) -> None:
    it, clock, server = connection
    for second in range(20):
        clock.now = float(second)
        it.received(HEAD[second : second + 1])
        assert it.readable()
    clock.now = 20.5
    it.received(b"x")
    assert not it.readable()
    assert it.writable()
    assert it.will_close
    assert not server.whole


def test_requests_that_are_whole_in_time_may_come_for_ever(
    connection: tuple[Any, Clock, Server],
) -> None:
    it, clock, server = connection
    for one in range(5):
        clock.now = one * 100.0
        it.received(HEAD)
        clock.now += 19.0
        assert it.readable()
        it.received(b"\r\n")
        it.requests.clear()
        clock.now += 60.0
        assert it.readable()
    assert len(server.whole) == 5


def test_what_comes_while_one_is_answered_has_its_own_time(
    connection: tuple[Any, Clock, Server],
) -> None:
    it, clock, _ = connection
    it.received(HEAD + b"\r\n" + HEAD)
    for second in range(100):
        clock.now = float(second)
        assert not it.readable()
    assert not it.will_close
    it.requests.clear()
    clock.now += 19.0
    assert it.readable()
    clock.now += 2.0
    assert not it.readable()
    assert it.will_close


def test_what_is_too_large_is_refused_before_it_is_there(tmp_path: Path) -> None:
    with served(tmp_path) as (_, address):
        for headers, refused in (
            ({"Content-Length": str(1 << 30)}, 413),
            ({"Content-Length": str(1 << 20)}, 413),
            ({"X-Long": "x" * (40 << 10), "Content-Length": "0"}, 431),
            ({"Content-Length": "-1"}, 400),
        ):
            with closing(http.client.HTTPConnection(address, timeout=60)) as line:
                line.putrequest("POST", "/quick/")
                for name, value in headers.items():
                    line.putheader(name, value)
                line.endheaders()
                answer = line.getresponse()
                assert answer.status == refused, headers
                assert b"waitress" not in answer.read().lower()
        assert get(address, "/quick/")[0] == 200
