# SPDX-License-Identifier: Apache-2.0
"""Every question is answered again from its bundle, whatever of a workspace there was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.integration.audited import STATEMENT, Audited, files_of, put_audit, run
from tests.integration.planter import plant
from tests.integration.releases import release
from tests.integration.revoked import no, opened, run as take_back
from tests.integration.workspaces import make

from privity.app.auditing.bundling.verifying import verify_audit
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.recording import publish_now
from privity.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
STATEMENTS = ROOT / "examples" / "inmail-dispute" / "statements"
CLASS = ROOT / "examples" / "inmail-dispute" / "claim.yaml"
US = Path("statement.yaml")
CLAIM = b"""\
class: messages
title: Everybody who sent or received a message
members: {sides: [sender, receiver]}
records: {categories: [message]}
use: {purposes: [genai-training], recipients: [controller], acts: [released]}
"""
ASKED: dict[str, list[object]] = {
    "class": ["class", CLASS],
    "replay": ["replay"],
    "replay of some": ["replay", "--sample", 5, "--seed", 7, "--release", "first"],
    "statement": ["statement", STATEMENTS / "private-messages.yaml"],
    "whatif": ["whatif", "--exempt", "US"],
    "whatif of a class": ["whatif", CLASS, "--notice", "genai-2024-09=2019-01-01T00:00:00Z"],
}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return put_audit(tmp_path_factory.mktemp("audit"))


def test_a_file_that_came_to_light_is_given_beside_the_bundle(
    once: Audited, tmp_path: Path
) -> None:
    """[AUD-167] By what is in it, under whatever name; without it nothing is answered."""
    dump = tmp_path / "dump.jsonl"
    dump.write_bytes(b'{"id": "r1"}\n{"id": "nobody\'s"}\n')
    question = tmp_path / "claim.yaml"
    question.write_bytes(CLAIM)
    out = tmp_path / "out"
    arguments = ["--workspace", once.made.root, "--out", out, "--disclosed", dump]
    records = [one for path in once.made.sources for one in ("--records", path)]
    assert run("audit", "class", question, *arguments, *records) in {0, 20, 21}
    bundle = out / "bundle"
    assert b"nobody's" not in b"".join(
        (bundle / name).read_bytes() for name in files_of(bundle)
    )
    with pytest.raises(InputError) as caught:
        verify_audit(out)
    assert caught.value.code == "audit/outside"
    given = tmp_path / "given"
    given.mkdir()
    dump.rename(given / "as-it-was-found.txt")
    found = verify_audit(out, outside=(given, *once.made.sources))
    assert [one.name for one in found.manifest.outside][:1] == ["dump.jsonl"]


def test_a_public_log_alone_makes_a_bundle_too(once: Audited, tmp_path: Path) -> None:
    """[AUD-168] It says that it cannot be told, and anybody can verify that."""
    statement = tmp_path / "statement.yaml"
    statement.write_bytes(STATEMENT)
    out = tmp_path / "out"
    place = once.made.root / "public"
    assert run("audit", "statement", statement, "--workspace", place, "--out", out) == 21
    found = verify_audit(out)
    assert (found.report.answer, found.signed) == ("cannot-be-told", False)
    assert (out / "bundle" / "payloads.jsonl").read_bytes() == b""
    assert not (out / "bundle" / "vault").exists()
    assert run("audit", "verify", out) == 0


def test_a_key_signs_what_is_written_and_nothing_else(once: Audited, tmp_path: Path) -> None:
    statement = tmp_path / "statement.yaml"
    statement.write_bytes(STATEMENT)
    arguments = ["audit", "statement", statement, "--workspace", once.made.root]
    assert run(*arguments, "--key", tmp_path / "none.key") == 2
    assert run(*arguments, "--out", tmp_path / "out", "--key", tmp_path / "none.key") == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_every_question_is_answered_again_from_its_bundle(
    once: Audited, tmp_path: Path, asked: list[object]
) -> None:
    """[AUD-165] [AUD-142] Of a workspace and of a public log, to the byte."""
    for name, place in (("all", once.made.root), ("public", once.made.root / "public")):
        out = tmp_path / name
        code = run("audit", *asked, "--workspace", place, "--out", out)
        assert code in {0, 20, 21}
        assert run("audit", "verify", out) == 0


@pytest.mark.slow
def test_all_that_was_planted_is_found_again_from_a_bundle(tmp_path: Path) -> None:
    """[AUD-165] What does not agree, what is missing and what was used: the maker's findings, elsewhere."""
    planted = plant(tmp_path / "workspace")
    out = tmp_path / "out"
    assert run("audit", "replay", "--workspace", planted.root, "--out", out) == 20
    shutil.rmtree(planted.root)
    found = verify_audit(out)
    assert len(found.report.findings) >= planted.violations


@pytest.mark.parametrize("missing", ["vault", "vault/keys.db", "state/ledger.db", "releases"])
@pytest.mark.parametrize("asked", [ASKED["replay"], ASKED["class"], ["statement", US]], ids=str)
def test_what_its_maker_lacked_is_lacked_elsewhere_too(
    once: Audited, tmp_path: Path, asked: list[object], missing: str
) -> None:
    """[AUD-164] A bundle of part of a workspace says what was not there, and has the same answer."""
    place = Path(shutil.copytree(once.made.root, tmp_path / "workspace"))
    if (place / missing).is_dir():
        shutil.rmtree(place / missing)
    else:
        (place / missing).unlink()
    question = tmp_path / US.name
    question.write_bytes(STATEMENT)
    words = [question if one is US else one for one in asked]
    out = tmp_path / "out"
    assert run("audit", *words, "--workspace", place, "--out", out) in {0, 20, 21}
    found = verify_audit(out)
    assert found.report.answer in {"cannot-be-told", "not-used", "clean", "findings"}
    assert found.manifest.gaps


def test_what_was_erased_and_taken_back_stays_so(tmp_path: Path) -> None:
    """[AUD-164] Of revisions that are gone and of members who were erased a bundle says that, and is verified."""
    made = make(tmp_path, count=60)
    release(made)
    no(made, "m1", "m2")
    take_back(made)
    with opened(made) as workspace:
        erase_members(workspace, ["m2", "m5"])
        publish_now(workspace)
    for number, asked in enumerate(ASKED.values()):
        out = tmp_path / str(number)
        assert run("audit", *asked, "--workspace", made.root, "--out", out) in {0, 20, 21}
        kinds = {one.kind for one in verify_audit(out).manifest.gaps}
        assert {"erased", "rows-gone"} <= kinds
