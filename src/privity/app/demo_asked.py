# SPDX-License-Identifier: Apache-2.0
"""The second half of the demo: a ledger, members who are asked, and what becomes of their yes and their no.

Every step is a command that anybody can type, and its own words are shown (docs/demo.md). What members are told and
what they say is made here; everything else is the program itself, started anew for each step.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from privity.errors import UnavailableError
from privity.sources.synthetic.network import Network

LEDGER: Final = "ledger"
VERSION: Final = Path("as-asked") / "2026-03-01.yaml"
RELEASE: Final = "lab-2026-04"
MODEL: Final = "small"
_STEPS: Final = "12"
_BATCH: Final = "16"
"""Enough to see the loss fall: somebody waits for the demo."""
SHOWN_FIRST: Final = "shown-before-the-release"
"""A copy of the workspace of March: members were asked, and nothing was released."""
SHOWN: Final = "shown-to-the-auditor"
"""A copy of the workspace of the middle of April, after the hand-over and before anything was taken back."""
WHO_SAID_NO: Final = "who-said-no"
_KEYS: Final = ("keys",)
_MOST_TOLD: Final = 2_000
_YES_OF_TEN: Final = 8
_NOTICE: Final = "partners-2026"
_SETTING: Final = '{"setting":"research-partners","scope":"all"}'
_EFFECTIVE: Final = "2026-03-01T12:00:00Z"
_SAID: Final = "2026-03-05T00:00:00Z"
_COLUMNS: Final = ("member", "fact", "value", "at", "detail")

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One command, and what it said.

    Attributes:
        says: What it is for, in words.
        words: The command, without `privity`.
        ends: The exit codes that are expected of it.
        lines: What it printed.
        seconds: How long it took.
    """

    says: str
    words: tuple[str, ...]
    ends: tuple[int, ...] = (0,)
    lines: tuple[str, ...] = ()
    seconds: float = 0.0

    def to_json(self) -> Mapping[str, object]:
        """Give it as plain values."""
        return {
            "says": self.says,
            "command": ["privity", *self.words],
            "printed": list(self.lines),
            "seconds": self.seconds,
        }


def ask(
    out: Path,
    *,
    network: Network,
    example: Path,
    progress: Progress,
    shown: Callable[[str], None],
) -> list[Step]:
    """Ask members, release what they agreed to, train on it, and take back what one of them takes back.

    Args:
        out: The folder of the demo.
        network: The made network.
        example: The folder of the dispute.
        progress: Told of each step.
        shown: Told of each copy that an auditor is shown, once it lies there.

    Raises:
        UnavailableError: A command refused (`demo/step`).
    """
    told = []
    for step in _steps(out, network, example, shown):
        progress(step.says)
        told.append(run_step(step))
    return told


def _steps(
    out: Path, network: Network, example: Path, shown: Callable[[str], None]
) -> Iterator[Step]:
    """Give the commands in order; what a later one names an earlier one made."""
    root, there, key = out / LEDGER, out / "at-the-lab", out / "lab.pem"
    notices, yeses = _write_said(out / "asked", network.members)
    known = ("--workspace", str(root))

    def step(says: str, *words: str, now: str | None = None) -> Step:
        return Step(says=says, words=(*words, *known, *(("--now", now) if now else ())))

    yield Step(
        says="a ledger begins",
        words=(
            "init", str(root), "--origin", "network.example/simulated", "--clock", "simulated",
            "--attested", "accept", "--now", "2026-02-01T00:00:00Z",
        ),
    )  # fmt: skip
    yield step(
        "what was known before it goes in as one entry, claimed and not witnessed",
        "members", "baseline", str(network.facts_path), "--claimed-by", "network",
    )  # fmt: skip
    yield Step(says="the lab makes a key", words=("recipient", "keygen", str(key)))
    yield step(
        "the lab comes onto the register, with the key that it signs by",
        "recipient", "add", "lab", "--role", "third-party", "--key", f"{key}.pub",
    )  # fmt: skip
    yield step(
        "a version that asks: nothing is on by default",
        "policy", "publish", str(example / VERSION), "--yes", now="2026-02-20T00:00:00Z",
    )  # fmt: skip
    yield step("members are told", "members", "import", str(notices), "--yes", now=_EFFECTIVE)
    yield step("most of them say yes", "members", "import", str(yeses), "--yes", now=_SAID)
    _show(root, out, SHOWN_FIRST, shown)
    yield step(
        "what they agreed to becomes a release",
        "release", "create", RELEASE, "--source", str(network.path / "records"),
        "--purpose", "genai-training", "--recipient", "lab",
        "--pseudonym-key", str(out / "ledger.pseudonym.key"), now="2026-04-01T00:00:00Z",
    )  # fmt: skip
    member = _somebody(root / "vault" / "releases" / RELEASE)
    if member is None:
        return  # a network so small that nobody agreed
    (out / "asked" / WHO_SAID_NO).write_text(member, "ascii")
    yield step(
        "it is handed to the lab, which verifies it and signs for it",
        "release", "hand-over", RELEASE, "lab", "--to", str(there), "--recipient-key", str(key),
    )  # fmt: skip
    if find_spec("torch") is not None:
        yield step(
            "the lab trains a small model on its copy",
            "train", "demo", str(there), "--model", MODEL, "--out", str(out / MODEL),
            "--steps", _STEPS, "--batch-size", _BATCH,
            now="2026-04-02T00:00:00Z",
        )  # fmt: skip
    _show(root, out, SHOWN, shown)
    yield step(
        "one of those whose posts are in it says no",
        "members", "set", member, "setting", "off", "--detail", "setting=research-partners",
        now="2026-05-01T00:00:00Z",
    )  # fmt: skip
    yield step("what follows from it is planned", "revoke", "plan", now="2026-05-02T00:00:00Z")
    yield step("what is due is taken back", "revoke", "run")
    name, sent = _sent(root / "vault" / "releases" / RELEASE, out / "sent-to-the-lab")
    yield Step(
        says="the lab gets the list, deletes too, and signs that it did",
        words=(
            "recipient", "apply", str(sent), str(there), "--key", str(key),
            "--now", "2026-05-03T00:00:00Z",
        ),
    )  # fmt: skip
    yield step(
        "which is verified and entered",
        "revoke", "attest", name, str(sent / "attestation.json"), now="2026-05-03T00:00:00Z",
    )  # fmt: skip
    yield step("what is not undone is said", "release", "status", RELEASE)
    if find_spec("torch") is not None:
        yield step("of the model too", "model", "status", MODEL)


def _show(root: Path, out: Path, name: str, shown: Callable[[str], None]) -> None:
    """Copy everything as it is now, but for the keys that sign."""
    shutil.copytree(
        root, out / name, ignore=lambda folder, _: _KEYS if folder == str(root) else ()
    )
    shown(name)


def _somebody(parties: Path) -> str | None:
    """Give the author of the first record of a release; None where there is no record."""
    for file in sorted(parties.rglob("*.parquet")):
        authors = pq.read_table(file, columns=["author"]).column(0)
        if len(authors):
            return str(authors[0].as_py())
    return None


def _sent(release: Path, folder: Path) -> tuple[str, Path]:
    """Send the recipient what it is to delete, as somebody without a web address gets it: as a folder."""
    (revocation,) = (release / "revocations").iterdir()
    return revocation.name, shutil.copytree(revocation / "bundle", folder)


def _write_said(folder: Path, members: int) -> tuple[Path, Path]:
    """Write the facts of who was told, and of who then said yes; give both files."""
    folder.mkdir(parents=True, exist_ok=True)
    told = range(1, min(members, _MOST_TOLD) + 1)
    notices = [(one, "notice", _NOTICE, _EFFECTIVE, "{}") for one in told]
    yeses = [(one, "setting", "on", _SAID, _SETTING) for one in told if one % 10 < _YES_OF_TEN]
    return _write(folder / "told.csv", notices), _write(folder / "yes.csv", yeses)


def _write(path: Path, rows: Sequence[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
    return path


def run_step(step: Step) -> Step:
    """Run a command as a program of its own, and give it with what it printed.

    Raises:
        UnavailableError: It ended otherwise than was expected of it (`demo/step`).
    """
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own program, by this interpreter
        [sys.executable, "-m", "privity", *step.words],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in step.ends:
        raise UnavailableError(
            f"`privity {' '.join(step.words[:2])}` ended with {done.returncode}, it said: "
            f"{done.stderr.strip()}",
            code="demo/step",
        )
    return replace(
        step, lines=tuple(done.stdout.splitlines()), seconds=time.perf_counter() - began
    )
