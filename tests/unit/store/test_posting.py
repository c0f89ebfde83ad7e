# SPDX-License-Identifier: Apache-2.0
"""Posting a message, to a server of a process of its own: this one has no sockets."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from privity.store.posting import post

came = []
status, headers = json.loads(sys.argv[1])

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        came.append([self.path, dict(self.headers), body.decode()])
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
    do_GET = do_POST
    def log_message(self, *said):
        pass

server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_address[1]
answer = post(f"http://127.0.0.1:{port}/privity?token=1", {"webhook-id": "msg_1"}, b"{}")
server.shutdown()
server.server_close()
gone = post(f"http://127.0.0.1:{port}/", {}, b"{}")
print(json.dumps([answer.status, answer.after, answer.taken, gone.status, came]))
"""


def posted(status: int, **headers: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([status, headers])],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("status", [200, 204, 299])
def test_what_is_answered_with_2xx_was_taken(status: int) -> None:
    """REL-121: body, headers and path arrive as they were given."""
    seen, after, taken, gone, came = posted(status)
    assert (seen, after, taken, gone) == (status, None, True, None)
    ((path, headers, body),) = came
    assert (path, body, {name.lower(): one for name, one in headers.items()}["webhook-id"]) == (
        "/privity?token=1",
        "{}",
        "msg_1",
    )


@pytest.mark.parametrize("status", [301, 307, 400, 410, 500, 503])
def test_what_is_answered_otherwise_was_not(status: int) -> None:
    """REL-121: a redirection is not followed."""
    seen, _, taken, _, came = posted(status, Location="/elsewhere")
    assert (seen, taken, len(came)) == (status, False, 1)


@pytest.mark.parametrize(
    ("said", "after"), [("120", 120), ("soon", None), ("-5", None), ("99999999", None)]
)
def test_when_to_come_again_is_read_in_seconds(said: str, after: int | None) -> None:
    """REL-121."""
    assert posted(503, **{"Retry-After": said})[1] == after
