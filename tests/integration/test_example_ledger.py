# SPDX-License-Identifier: Apache-2.0
"""The example of a log is what its program makes, to the last byte: what was published once stays readable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ledger"
MADE = ("earlier-checkpoint", "public", "vkey")


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] in MADE
    }


def test_the_example_is_made_again_to_the_last_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLE / "make.py", tmp_path], check=True)
    assert files(tmp_path) == files(EXAMPLE)
    assert len(files(EXAMPLE)) == 9
