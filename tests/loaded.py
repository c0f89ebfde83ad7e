# SPDX-License-Identifier: Apache-2.0
"""The program, loaded once: what a test runs of it is a child of the process that loaded it.

A start takes a second of a core, nearly all of it for imports, and a run of the tests needs hundreds. Only the imports are shared:
a child has the words, folder, environment and streams of whoever asked, runs what the program runs, and ends as an interpreter ends.
With `PRIVITY_STARTS=each`, as in `make test-all`, the program itself is started each time.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

import numpy as np

ROOT: Final = Path(__file__).resolve().parents[1]
INSTALLED: Final = Path(sys.executable).with_name("privity")

CLIENT: Final = """\
#!{python} -IS
import json, os, socket, sys
if sys.argv[1:2] == ["serve"]:
    os.execv({installed!r}, [{installed!r}, *sys.argv[1:]])
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [len(asked).to_bytes(8, "big")], [0, 1, 2])
    server.sendall(asked)
    (ended,) = server.recv(1)
sys.exit(ended)
"""
"""What stands for the program: it imports nothing of it, and fails where nobody answers.

A site that is served has imports of its own, so it is started.
"""

LOADED: Final = (
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "privity.app.api",
    "privity.app.auditing.opening.opening",
    "privity.app.workspace.clearing",
    "privity.release.papers.writing",
    "rich.progress",
)


@cache
def program() -> Path:
    """Give what runs the program, which is loaded for the first who asks, and until `end`."""
    if os.environ.get("PRIVITY_STARTS") == "each":
        return INSTALLED
    # It ends, and takes its folder away, where its standard input does.
    server = _to_end.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line, "the program could not be loaded"
    return Path(line.rstrip("\n"))


_to_end = ExitStack()
end = _to_end.close


def load() -> None:
    """Import what commands import, but for deltalake, which starts a thread."""
    for name in LOADED:
        import_module(name)
    # The first loop that is made ready imports the rest of numba.
    loops = import_module("privity.decide.kernel.ids")
    loops.mix_numbers(np.zeros(1, np.int64), np.zeros(1, np.uint64))


def next_asked(listener: socket.socket) -> socket.socket | None:
    """Wait for who asks; come back in a child for each, and with None where standard input ends."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return None
        connection, _ = listener.accept()
        if os.fork() == 0:
            return connection
        connection.close()


def be(connection: socket.socket) -> None:
    """Come back, in a child, as who asked; say how that child ended."""
    size, streams, _, _ = socket.recv_fds(connection, 8, 3)
    with connection.makefile("rb") as asked:
        words, folder, environment = json.loads(asked.read(int.from_bytes(size, "big")))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        # A shell says of who was killed 128 and the signal's number.
        code = os.waitstatus_to_exitcode(status)
        connection.sendall(bytes([code if code >= 0 else 128 - code]))
        os._exit(0)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [str(INSTALLED), *words]


def main() -> None:
    """Load the program, and run it for whoever asks."""
    from privity.cli import run  # noqa: PLC0415 - not for who only asks
    from privity.cli.lean import leave_out  # noqa: PLC0415 - as above

    leave_out()
    load()
    folder = Path(tempfile.mkdtemp())
    client, address = folder / "privity", str(folder / "asked")
    text = CLIENT.format(python=sys.executable, installed=str(INSTALLED), address=address)
    client.write_text(text, "utf-8")
    client.chmod(0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        # Nobody waits for the children that wait for the program.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        gc.freeze()
        print(client, flush=True)  # noqa: T201 - read by who asked for it
        connection = next_asked(listener)
    if connection is None:
        shutil.rmtree(folder)
    else:
        be(connection)
        run()


if __name__ == "__main__":
    main()
