# SPDX-License-Identifier: Apache-2.0
"""What `privity ledger` prints, and which exit code says what did not hold."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.unit.app.public_logs import ledger_entries, ledger_tree, write_tree
from tests.unit.cli.conftest import Run
from tests.unit.ledger.logs import ORIGIN, OTHER, SIGNER

from privity.canonical.encode import digest
from privity.entries.envelope import PublicEvent
from privity.entries.streams import public_tag
from privity.ledger.forms import from_base64

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "ledger"
PUBLIC, VKEY = EXAMPLE / "public", EXAMPLE / "vkey"
NOT_WITNESSED = "not independently witnessed: "
# Claims that nobody can make good.
FORBIDDEN = re.compile(r"immutable|unalterable|cannot be changed|proves? (?:that )?we did not")


def test_what_a_log_shows_is_said_in_a_few_lines(run: Run) -> None:
    done = run(
        "ledger", "verify", PUBLIC, "--vkey", VKEY, "--saved", EXAMPLE / "earlier-checkpoint"
    )
    assert done.code == 0
    assert done.lines[0] == f"{PUBLIC}: 20 entries, and everything holds"
    said = {line[2:11].strip(): line[11:] for line in done.lines if line.startswith("  ")}
    assert said["log"] == "example.com/small/simulated"
    assert said["signed"] == VKEY.read_text("utf-8").strip()
    assert said["extends"] == "the saved checkpoint of 12 entries"
    assert said["private"].startswith("10,")
    assert said["public"].startswith("10, no number left out: agreement 1, clearing 2,")
    assert all(len(line) <= 96 for line in done.lines[1:])


def test_what_nobody_may_overlook_is_said(run: Run) -> None:
    done = run("ledger", "verify", PUBLIC)
    assert any(line.startswith("SIMULATED CLOCK: ") for line in done.lines)
    assert any(line.startswith("key believed on first use: ") for line in done.lines)
    assert any(line.startswith(NOT_WITNESSED) for line in done.lines)
    assert not FORBIDDEN.search(done.out)


def test_a_log_by_the_systems_clock_and_a_given_key_is_not_warned_of(
    run: Run, tmp_path: Path
) -> None:
    folder = write_tree(ledger_tree(ledger_entries(3)), tmp_path)
    done = run("ledger", "verify", folder, "--vkey", SIGNER.vkey.to_text())
    assert "SIMULATED" not in done.out
    assert "first use" not in done.out
    assert NOT_WITNESSED in done.out


def test_the_same_is_said_as_json(run: Run) -> None:
    found = json.loads(run("ledger", "verify", PUBLIC, "--json").out)
    assert found["size"] == 20
    assert (found["private"], sum(found["public"].values())) == (10, 10)
    assert found["independently_witnessed"] is False
    assert found["key_trusted_on_first_use"] is True
    assert found["simulated_clock"] is True
    assert found["extends_saved_size"] is None


def test_kinds_and_signatures_that_are_not_known_are_counted(run: Run, tmp_path: Path) -> None:
    entries = ledger_entries(3)
    tree = ledger_tree([*entries, _unknown_entry()])
    lines = run("ledger", "verify", write_tree(tree, tmp_path)).lines
    assert "  unknown  1, kept and not understood: later 1" in lines


def _unknown_entry() -> bytes:
    tag = public_tag(ORIGIN, "later", 1)
    event = PublicEvent(stream="later", number=1, tag=tag, time=2_000_000_000, payload={})
    return event.to_bytes()


def test_a_checkpoint_is_saved_only_of_what_holds(run: Run, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    assert run("ledger", "verify", PUBLIC, "--save", saved).code == 0
    assert saved.read_bytes() == (PUBLIC / "checkpoint").read_bytes()
    assert run("ledger", "verify", PUBLIC, "--saved", saved, "--save", saved).code == 0
    other = shutil.copytree(PUBLIC, tmp_path / "public")
    (other / "tile" / "0" / "000.p" / "20").unlink()
    done = run("ledger", "verify", other, "--save", tmp_path / "never")
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"privity: the checkpoint is of 20 entries, and there is no `tile/0/000` in `{other}`\n"
    )
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize(
    "path",
    sorted(path.relative_to(PUBLIC).as_posix() for path in PUBLIC.rglob("*") if path.is_file()),
)
def test_a_bit_of_a_log_that_was_changed_is_found(run: Run, tmp_path: Path, path: str) -> None:
    folder = shutil.copytree(PUBLIC, tmp_path / "public")
    place = folder / path
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 4
    place.write_bytes(data)
    done = run("ledger", "verify", folder)
    # What an older checkpoint asked for, and the newest does not, never changes either.
    assert done.code == 3
    assert 1 <= len(done.err.splitlines()) <= 2


def test_a_log_that_another_key_signed_is_refused(run: Run) -> None:
    done = run("ledger", "verify", PUBLIC, "--vkey", OTHER.vkey.to_text())
    assert done.code == 3
    assert done.err.startswith("privity: the key that is given has not signed the checkpoint\n")


def test_a_proof_is_made_and_checked(run: Run, tmp_path: Path) -> None:
    proof, entry = tmp_path / "7.tlog-proof", tmp_path / "7.json"
    done = run("ledger", "prove", "7", "--from", PUBLIC, "--out", proof, "--entry", entry)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"{proof}: entry 7 of 20\n"
    assert proof.read_text("utf-8").startswith("c2sp.org/tlog-proof@v1\nindex 7\n")
    checked = run("ledger", "check-proof", proof, entry, "--vkey", VKEY)
    assert checked.code == 0
    assert checked.lines[0] == f"{entry}: entry 7 of a log of 20 entries"
    assert NOT_WITNESSED in checked.out
    assert "SIMULATED CLOCK" in checked.out


def test_a_proof_goes_to_standard_output_unless_a_file_is_named(
    run: Run, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"
    run("ledger", "prove", "0", "--from", PUBLIC, "--out", proof)
    assert run("ledger", "prove", "0", "--from", PUBLIC).out == proof.read_text("utf-8")


def test_proofs_are_said_as_json(run: Run, tmp_path: Path) -> None:
    made = json.loads(run("ledger", "prove", "3", "--from", PUBLIC, "--json").out)
    assert (made["index"], made["size"]) == (3, 20)
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    proof.write_text(made["proof"], encoding="utf-8")
    data = from_base64(made["entry_base64"])
    assert data is not None
    assert digest(data) == digest(data.strip())
    entry.write_bytes(data)
    found = json.loads(run("ledger", "check-proof", proof, entry, "--vkey", VKEY, "--json").out)
    assert (found["index"], found["size"]) == (3, 20)
    assert found["signed_by"] == [VKEY.read_text("utf-8").strip()]


def test_a_proof_that_does_not_hold_ends_with_3(run: Run, tmp_path: Path) -> None:
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    run("ledger", "prove", "3", "--from", PUBLIC, "--out", proof, "--entry", entry)
    entry.write_bytes(entry.read_bytes() + b"\n")
    done = run("ledger", "check-proof", proof, entry, "--vkey", VKEY)
    assert (done.code, done.out) == (3, "")
    assert "  hint: take the newline off the end of" in done.err


def test_a_proof_is_checked_with_a_key_or_not_at_all(run: Run, tmp_path: Path) -> None:
    done = run("ledger", "check-proof", tmp_path / "proof", tmp_path / "entry")
    assert done.code == 2
    assert "missing option `--vkey`" in done.err
