# SPDX-License-Identifier: Apache-2.0
"""A member is given what she holds of the ledger: a file that is hers, and that others' programs take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integration.conftest import Program
from tests.integration.releases import release
from tests.integration.workspaces import Made, make

from privity.app.held_by_member import receipt_of
from privity.app.workspace.opening import open_workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A workspace with a release."""
    made = make(tmp_path_factory.mktemp("receipt"))
    release(made)
    return made


def test_her_receipt_is_for_her_alone_and_the_log_has_it(
    made: Made, program: Program, tmp_path: Path
) -> None:
    out, public = tmp_path / "m0.json", made.root / "public"
    asked = ("members", "receipt", "m0", "--workspace", str(made.root), "--out", str(out))
    told = json.loads(program(*asked, "--json").out)
    with open_workspace(made.root) as workspace:
        held = receipt_of(workspace, "m0")
    assert held is not None
    assert out.read_bytes() == held.to_bytes()
    assert told == {"entries": len(held.events), "file": str(out), "member": "m0"}
    assert out.stat().st_mode & 0o777 == 0o600
    verified = program("ledger", "verify", str(public), "--receipt", str(out)).out
    assert f"{len(held.events)} entries of m0" in verified
    assert program(*asked).code == 4  # nothing is written over


def test_with_the_proofs_it_shows_what_releases_have(
    made: Made, program: Program, tmp_path: Path
) -> None:
    out = tmp_path / "check.json"
    asked = ("members", "receipt", "m0", "--workspace", str(made.root), "--out", str(out))
    assert "give it to nobody else" in program(*asked, "--with-proofs").out
    vkey = ("--vkey", str(made.root / "public" / "vkey"))
    assert "first, revision 1" in program("release", "check-proof", str(out), *vkey).out


@pytest.mark.parametrize("more", [[], ["--with-proofs"]])
def test_of_whom_there_is_no_entry_nothing_is_written(
    made: Made, program: Program, tmp_path: Path, more: list[str]
) -> None:
    out = tmp_path / "none.json"
    asked = ("members", "receipt", "nobody", "--workspace", str(made.root), "--out", str(out))
    refused = program(*asked, *more)
    assert refused.code == 2
    assert "no entry of member `nobody` is here" in refused.err
    assert not out.exists()
