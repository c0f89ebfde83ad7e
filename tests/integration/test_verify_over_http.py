# SPDX-License-Identifier: Apache-2.0
"""A log that any web server serves as files is verified, and proved from, by its address."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.app.public_logs import OBJECT, ledger_entries, ledger_tree, write_tree
from tests.unit.ledger.logs import SIGNER

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SIZE = 3_000
KEY = SIGNER.vkey.to_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(ledger_tree(ledger_entries(SIZE)), tmp_path / "public")


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """Serve a folder by a process of its own: this one has no sockets."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        found = re.search(r"\(http://\S+\)", server.stdout.readline())
        assert found is not None
        yield found[0].strip("()")
        server.terminate()


@pytest.fixture
def run() -> Run:
    program = [sys.executable, "-c", "from privity.cli import main; main()", "ledger"]
    return lambda *arguments: subprocess.run(
        [*program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_log_is_verified_by_its_address(run: Run, address: str) -> None:
    done = run("verify", address, "--vkey", KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{address}: {SIZE:,} entries, and everything holds\n")
    assert "unread   tiles of when the log was smaller" in done.stdout


def test_an_object_of_a_server_is_read(run: Run, address: str, folder: Path) -> None:
    (folder / OBJECT).write_bytes(b"policy: some\n")
    done = run("verify", address)
    assert (done.returncode, done.stdout) == (3, "")
    assert "is not the text that entry 1 names" in done.stderr


def test_an_entry_is_proved_by_the_address(run: Run, address: str, tmp_path: Path) -> None:
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    made = run("prove", "2999", "--from", address, "--out", proof, "--entry", entry)
    assert made.returncode == 0
    checked = run("check-proof", proof, entry, "--vkey", KEY)
    assert checked.returncode == 0


def test_what_a_server_lacks_does_not_hold(run: Run, address: str, folder: Path) -> None:
    (folder / "tile" / "entries" / "007").unlink()
    done = run("verify", address)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"privity: the checkpoint is of {SIZE} entries, and there is no "
        f"`{address}tile/entries/007`\n"
    )


def test_a_server_that_is_not_there_is_unavailable(run: Run) -> None:
    done = run("verify", "http://127.0.0.1:1/")
    assert done.returncode == 5
    assert done.stderr.startswith("privity: `http://127.0.0.1:1/checkpoint` cannot be read: ")
