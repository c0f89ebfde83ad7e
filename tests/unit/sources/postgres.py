# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of the tests' own, on a socket in a folder, where Debian's package is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

OWNER = "postgres"


def binaries() -> Path | None:
    """Give the folder of the newest server's programs, or None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Start a server, and give the address of its database."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        _run([programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8"])
        settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        _run(
            [
                programs / "pg_ctl",
                "-D",
                data,
                "-w",
                "-l",
                folder / "log",
                "-o",
                settings,
                "start",
            ]
        )
        try:
            yield f"postgresql:///postgres?user={OWNER}&host={quote(str(folder), safe='')}"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(words: Sequence[str | Path]) -> None:
    """Run a program as the server's owner: it refuses to be run by root."""
    subprocess.run(
        [str(one) for one in words],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        user=OWNER if os.geteuid() == 0 else None,
    )
