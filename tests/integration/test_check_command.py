# SPDX-License-Identifier: Apache-2.0
"""`privity release check-proof` checks what the pages give to members, as the pages do ([REL-37])."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Program

from privity.canonical.encode import encode_canonical

CHECKS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "check.json").read_text("utf-8")
)
CASES: dict[str, dict[str, Any]] = {one["id"]: one for one in CHECKS["cases"]}


def put(tmp_path: Path, case: str) -> str:
    path = tmp_path / "check.json"
    path.write_text(CASES[case]["text"], "utf-8")
    return str(path)


def test_what_a_member_holds_is_checked_by_the_command(
    program: Program, tmp_path: Path
) -> None:
    whole = put(tmp_path, "whole")
    shown = program("release", "check-proof", whole, "--vkey", CHECKS["vkey"])
    assert "it holds: m0 has records in 2 of 2 releases" in shown.out
    assert "6 entries of hers, all in the log" in shown.out
    told = json.loads(
        program("release", "check-proof", whole, "--vkey", CHECKS["vkey"], "--json").out
    )
    assert (told["entries"], told["entries_in_log"]) == (6, 6)
    assert {one["release"]: one["records"] for one in told["releases"]} == CASES["whole"][
        "releases"
    ]


def test_what_waits_to_be_published_is_said(program: Program, tmp_path: Path) -> None:
    late = put(tmp_path, "late")
    shown = program("release", "check-proof", late, "--vkey", CHECKS["vkey"])
    assert "7 entries of hers, 1 not shown to be in the log yet" in shown.out


def test_payloads_that_are_not_there_are_said(program: Program, tmp_path: Path) -> None:
    path = put(tmp_path, "payloads-gone")
    shown = program("release", "check-proof", path, "--vkey", CHECKS["vkey"])
    assert "5 payloads are not there: what is said in them is not shown" in shown.out
    told = program("release", "check-proof", path, "--vkey", CHECKS["vkey"], "--json").out
    assert json.loads(told)["payloads_lost"] == CASES["payloads-gone"]["lost"] == 5


def test_what_nobody_signed_shows_nothing(program: Program, tmp_path: Path) -> None:
    done = program(
        "release", "check-proof", put(tmp_path, "unsigned"), "--vkey", CHECKS["vkey"]
    )
    assert done.code == 3
    assert "nothing in this file is signed by the log’s key" in done.err


def test_a_proof_of_no_release_shows_nothing(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    empty = {**json.loads(CASES["proof"]["text"]), "releases": []}
    path.write_bytes(encode_canonical(empty))
    done = program("release", "check-proof", path, "--vkey", CHECKS["vkey"])
    assert done.code == 3
    assert "nothing in this file is signed by the log’s key" in done.err


@pytest.mark.parametrize(
    "case",
    [
        "record-gone", "proofs-swapped", "payload", "releases-other", "proof-gone", "proofs-gone",
        "event-made-up",
    ],
)  # fmt: skip
def test_what_was_changed_is_an_error(program: Program, tmp_path: Path, case: str) -> None:
    done = program("release", "check-proof", put(tmp_path, case), "--vkey", CHECKS["vkey"])
    assert done.code == 3
    assert "it holds" not in done.out
