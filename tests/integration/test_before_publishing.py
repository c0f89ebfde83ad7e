# SPDX-License-Identifier: Apache-2.0
"""What goes into a ledger for good can be looked over first (docs/workspace.md, specs/policy.md POL-35)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.integration.conftest import Program

SMALL = Path(__file__).resolve().parents[2] / "examples" / "small" / "policy.yaml"
START = "2024-09-01T00:00:00Z"
TAKEN = (
    "note: the text does not say when it was published: it is taken as published when it takes effect, at "
    "2024-09-18T00:00:00Z [policy-check/unpublished]"
)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The text as a ledger takes it: it says nothing of when it is published."""
    path = tmp_path / "next.yaml"
    path.write_text(re.sub("published_at: .*\n", "", SMALL.read_text()))
    return path


@pytest.fixture
def root(tmp_path: Path, program: Program) -> Path:
    made = tmp_path / "network"
    clock = ("--clock", "simulated", "--now", START)
    assert program("init", made, "--origin", "network.example/simulated", *clock).code == 0
    return made


def everything(root: Path) -> dict[Path, bytes]:
    """What a workspace says to others, and has entered."""
    places = [root / "state" / "ledger.db", root / "privity.toml", *root.glob("keys/*")]
    places += [one for one in (root / "public").rglob("*") if one.is_file()]
    return {one: one.read_bytes() for one in places}


def test_a_text_that_no_ledger_has_yet_is_checked_shown_compared_and_tried(
    draft: Path, tmp_path: Path, program: Program
) -> None:
    """POL-35: it is taken as published when it takes effect, and that is said."""
    checked = program("policy", "check", draft)
    assert checked.code == 0
    assert f"{draft}:5:1: {TAKEN}" in checked.out
    assert "genai-training 2024-09-18: in force from 2024-09-18T00:00:00Z on" in checked.out
    assert "back-dated" not in checked.out
    shown = program("policy", "show", draft)
    assert (shown.code, shown.err) == (0, f"{draft}:5:1: {TAKEN}\n")
    assert shown.out == program("policy", "show", SMALL).out
    later = tmp_path / "later.yaml"
    later.write_text(draft.read_text().replace("2024-09-18", "2024-10-18"))
    compared = program("policy", "diff", SMALL, later, "--json")
    assert (compared.code, json.loads(compared.out)["follows"]) == (0, True)
    assert "taken as published when it takes effect, at 2024-10-18T00:00:00Z" in compared.err
    tried = program(
        "policy", "test", SMALL.parents[1] / "inmail-dispute/cases.yaml", "--policy", draft
    )
    assert tried.code in {0, 1}
    assert tried.err == f"{draft}:5:1: {TAKEN}\n"


def test_nothing_is_decided_by_a_text_that_is_not_published(
    draft: Path, program: Program
) -> None:
    """POL-6: without a ledger the text says when it was published."""
    small = SMALL.parent
    done = program(
        "decide", "--policy", draft, "--facts", small / "facts.csv", "--records", small / "records.jsonl",
        "--purpose", "genai-training", "--recipient", "self", "--at", "2025-06-01T00:00:00Z",
    )  # fmt: skip
    assert (done.code, done.out) == (2, "")
    assert "has no key `published_at`" in done.err


def test_a_dry_run_says_all_and_records_nothing(
    draft: Path, root: Path, program: Program
) -> None:
    command = ("policy", "publish", draft, "--workspace", root)
    before = everything(root)
    dry = program(*command, "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    told, _, last = dry.out.rstrip("\n").rpartition("\n")
    assert last == f"{draft}: nothing recorded; it would be 1 entry"
    as_json = json.loads(program(*command, "--dry-run", "--json").out)
    assert (as_json["dry_run"], as_json["again"], as_json["count"]) == (True, False, 1)
    assert everything(root) == before
    done = program(*command, "--yes")
    assert done.code == 0
    assert done.out.startswith(f"{told}\n")
    published = everything(root)
    again = program(*command, "--dry-run")
    assert again.out == f"{draft}: nothing recorded; it was recorded before\n"
    assert everything(root) == published != before


def test_a_dry_run_refuses_what_publishing_refuses(
    draft: Path, root: Path, tmp_path: Path, program: Program
) -> None:
    command = ("policy", "publish", draft, "--workspace", root, "--now", "2024-10-01T00:00:00Z")
    assert program(*command, "--dry-run") == program(*command, "--yes")
    key = tmp_path / "new.pem"
    attested = ("--attested-by", "Somebody", "--key", key, "--evidence", draft, "--new-key")
    done = program(*command, *attested, "--dry-run")
    assert (done.code, key.exists()) == (2, False)
    assert "--new-key makes a key, and --dry-run makes nothing" in done.err


@pytest.mark.parametrize("line", ["effective_at: 2024-09-18T00:00:00Z\n", ""])
@pytest.mark.parametrize("clock", ["system", "simulated"])
def test_the_hint_for_a_version_of_the_past_works(
    draft: Path, tmp_path: Path, program: Program, line: str, clock: str
) -> None:
    """Without `effective_at` too: the text must say the same to everybody who reads it later."""
    root = tmp_path / "own"
    origin = "network.example" if clock == "system" else "network.example/simulated"
    now = () if clock == "system" else ("--clock", "simulated", "--now", "2024-10-01T00:00:00Z")
    program("init", root, "--origin", origin, *now)
    old = "effective_at: 2024-09-18T00:00:00Z\n"
    draft.write_text(draft.read_text().replace(old, line, 1))
    command = ("policy", "publish", draft, "--workspace", root, "--yes")
    refused = program(*command)
    assert refused.code == 2
    hint = re.search(
        r"hint: write an instant .* such as `(effective_at: .*Z)`$", refused.err, re.MULTILINE
    )
    assert hint is not None
    written = draft.read_text().replace(line, "", 1)
    draft.write_text(written.replace("controller:", f"{hint[1]}\ncontroller:", 1))
    done = program(*command)
    assert (done.code, "recorded as entry 1" in done.out) == (0, True), done.err
