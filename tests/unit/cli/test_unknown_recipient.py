# SPDX-License-Identifier: Apache-2.0
"""A recipient that is not on the register is refused everything, and who typed it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.conftest import ASKED, SMALL, Run

RECORDS = SMALL / "records.jsonl"
REGISTER = "the register of 2025-06-01T00:00:00Z has `lab`, `parent`, `self`"
EMPTY = "warning: no record is permitted: the set is empty; `privity doctor` says why\n"


@pytest.mark.parametrize(
    ("recipient", "said"),
    [
        ("slef", f"unknown recipient `slef`, expected `self`; {REGISTER}"),
        ("zzz", "unknown recipient `zzz`, expected one of `lab`, `parent`, `self`"),
        ("gone", f"recipient `gone` left the register at 2025-01-01T00:00:00Z; {REGISTER}"),
        ("two", f"recipient `two` has two roles at 2025-01-01T00:00:00Z; {REGISTER}"),
    ],
)
def test_clear_decide_and_doctor_say_that_nobody_knows_a_recipient(
    run: Run, tmp_path: Path, recipient: str, said: str
) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text(
        (SMALL / "facts.csv").read_text()
        + ',recipient,gone,2024-12-01T00:00:00Z,2024-12-01T00:00:00Z,"{""role"":""affiliate""}"\n'
        + ",recipient-ended,gone,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,\n"
        + ',recipient,two,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,"{""role"":""affiliate""}"\n'
        + ',recipient,two,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,"{""role"":""controller""}"\n'
    )
    asked = [*ASKED, "--recipient", recipient]
    asked[asked.index(str(SMALL / "facts.csv"))] = str(facts)
    warning = f"warning: {said}; everything is refused\n"
    done = run("clear", RECORDS, *asked, "--out", tmp_path / "set")
    assert (done.code, done.err) == (0, warning + EMPTY)
    assert "0 of 8 records permitted" in done.out
    for engine in ("arrow", "one"):
        told = run("decide", "--records", RECORDS, "--engine", engine, *asked)
        assert (told.code, told.err) == (0, warning)
        assert '"permit":true' not in told.out
    found = run("doctor", "--records", RECORDS, *asked)
    assert (found.code, found.err) == (0, warning)
    assert f"recipient `{recipient}`" in found.out or f"fact for `{recipient}`" in found.out


def test_a_set_on_a_ledger_warns_before_anything_is_entered(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "network"
    clock = ("--clock", "simulated", "--now", "2024-09-01T00:00:00Z")
    run("init", root, "--origin", "network.example/simulated", *clock)
    for there, said in (
        ("none, there are none", "self"),
        ("`self`; the register of 2024-09-01T00:00:00Z has `self`", "slef"),
    ):
        done = run(
            "clear", RECORDS, "--workspace", root, "--purpose", "genai-training",
            "--recipient", said, "--out", tmp_path / said,
        )  # fmt: skip
        assert done.code == 0
        assert done.err == (
            f"warning: unknown recipient `{said}`, expected {there}; everything is refused\n{EMPTY}"
        )
        run("recipient", "add", "self", "--role", "controller", "--workspace", root)


def test_nobody_gets_messages_who_was_never_on_the_register(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "network"
    clock = ("--clock", "simulated", "--now", "2024-09-01T00:00:00Z")
    run("init", root, "--origin", "network.example/simulated", *clock)

    def webhook(recipient: str, *said: str) -> tuple[int, str]:
        done = run("recipient", "webhook", recipient, *said, "--workspace", root)
        return done.code, done.err.splitlines()[0] if done.err else ""

    address = "https://lab.example.com/"
    nobody = "privity: unknown recipient `labb`, expected none, there are none"
    assert webhook("labb", address) == (4, nobody)
    run("recipient", "add", "lab", "--role", "third-party", "--workspace", root)
    wrong = (4, "privity: unknown recipient `labb`, expected `lab`")
    assert (webhook("labb", address), webhook("labb", "--none")) == (wrong, wrong)
    assert webhook("lab", address) == (0, "")
    # Who has left the register may have a copy still.
    later = ("--now", "2024-10-01T00:00:00Z")
    run("recipient", "end", "lab", "--workspace", root, *later)
    assert (webhook("lab", address), webhook("lab", "--none")) == ((0, ""), (0, ""))


def test_a_member_is_not_told_of_two_roles_of_somebody_unknown(run: Run) -> None:
    records = ("--records", RECORDS, "--member", "ana")
    done = run("explain", *records, *ASKED, "--recipient", "slef")
    assert "slef (no role on the register)" in done.out


def test_who_is_on_the_register_is_not_warned_of(run: Run, tmp_path: Path) -> None:
    done = run("clear", RECORDS, *ASKED, "--recipient", "self", "--out", tmp_path / "set")
    assert (done.code, done.err) == (0, "")
    for command in ("doctor", "decide"):
        assert run(command, "--records", RECORDS, *ASKED, "--recipient", "self").err == ""
