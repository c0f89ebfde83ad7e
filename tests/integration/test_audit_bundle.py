# SPDX-License-Identifier: Apache-2.0
"""A bundle shows elsewhere what an audit found, and nothing that was forged, left out or cut holds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.audited import (
    OTHER,
    STATEMENT,
    Audited,
    files_of,
    forge,
    put_audit,
    run,
    write_audit,
)

from privity.app.auditing.answering.asking import Inputs, answer
from privity.app.auditing.bundling.bundle_opening import open_bundle
from privity.app.auditing.bundling.verifying import VerifiedAudit, verify_audit
from privity.app.public_tree.opening import open_tree
from privity.app.workspace.recording import PLATFORM
from privity.canonical.encode import encode_canonical
from privity.entries.key_files import public_to_pem
from privity.errors import ConflictError, InputError, PrivityError, VerificationError
from privity.ledger.forms import to_base64

FORMS = ("items.jsonl", "report.html", "report.json", "report.pdf")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return put_audit(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """An audit that rests on what is told of everybody."""
    return put_audit(tmp_path_factory.mktemp("whole"), everybody=True)


@pytest.fixture
def copied(once: Audited, tmp_path: Path) -> Path:
    """The bundle alone, on another machine."""
    return Path(shutil.copytree(once.bundle, tmp_path / "theirs"))


@pytest.fixture
def copied_whole(whole: Audited, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole.bundle, tmp_path / "theirs"))


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(VerificationError) as caught:
        act()
    return caught.value.code


def refused(bundle: Path) -> int | None:
    """Give the exit code with which a bundle is refused, or None."""
    try:
        verify_audit(bundle)
    except PrivityError as error:
        return error.exit_code
    return None


def test_a_bundle_is_verified_without_its_workspace(once: Audited, tmp_path: Path) -> None:
    """[AUD-165] Nothing of the machine that made it is needed."""
    place = Path(shutil.copytree(once.out, tmp_path / "theirs"))
    vkey = (once.made.root / "public" / "vkey").read_text("utf-8").strip()
    away = once.made.root.rename(once.made.root.with_name("away"))
    try:
        found = verify_audit(place, vkeys=(vkey,), auditor=str(once.auditor))
    finally:
        away.rename(once.made.root)
    assert isinstance(found, VerifiedAudit)
    assert (found.signed, found.key_given, found.print_compared) == (True, True, True)
    assert found.report.answer == "fails"


def test_the_same_audit_gives_the_same_bytes(once: Audited, tmp_path: Path) -> None:
    """[AUD-142] In every file, the bundle's and the signature too."""
    write_audit(once.made, tmp_path / "again")
    first, again = (
        {name: (place / name).read_bytes() for name in files_of(place)}
        for place in (once.out, tmp_path / "again")
    )
    assert first == again


def test_an_auditors_key_is_asked_for(once: Audited, copied: Path, tmp_path: Path) -> None:
    """[AUD-148] Another's signature is none, and none is none."""
    other = tmp_path / "other.pub"
    other.write_bytes(public_to_pem(OTHER.public))
    assert code_of(lambda: verify_audit(copied, auditor=str(other))) == "audit/signature"
    assert verify_audit(copied).signed is None
    (copied / "signature.json").unlink()
    assert code_of(lambda: verify_audit(copied, auditor=str(once.auditor))) == "audit/unsigned"
    assert verify_audit(copied).signed is False


def test_a_bundle_has_what_it_says(once: Audited) -> None:
    """[AUD-160] [AUD-161] [AUD-163] Log, payloads, rows and question; no record's text, and no table."""
    names = files_of(once.bundle)
    said = json.loads((once.bundle / "bundle.json").read_bytes())
    assert [one["path"] for one in said["files"]] == [
        one for one in names if one not in {"bundle.json", "signature.json"}
    ]
    assert {*FORMS, "payloads.jsonl", "question/statement.yaml", "public/checkpoint"} <= {
        *names
    }
    assert "vault/releases/first/part-000000.parquet" in names
    assert not [one for one in names if "/table/" in one]
    bodies = b"".join((once.bundle / one).read_bytes() for one in names)
    assert b"body of" not in bodies


def test_a_bundle_has_the_payloads_of_those_alone_who_were_asked_about(
    once: Audited, whole: Audited
) -> None:
    """[AUD-163] Of others it has neither words nor keys."""
    counts = []
    for one in (once, whole):
        lines = (one.bundle / "payloads.jsonl").read_bytes().splitlines()
        said = json.loads((one.bundle / "bundle.json").read_bytes())["rests_on"]
        names = {json.loads(line)["stream"] for line in lines}
        members = {name[1:] for name in names if name != PLATFORM}
        assert said["everybody"] or members <= {*said["members"]}
        counts.append(len(lines))
    assert counts[0] < counts[1]


def test_what_is_not_in_a_bundle_is_refused_and_never_answered(copied: Path) -> None:
    """[AUD-166] Another question than the bundle's finds nothing that looks like nothing."""
    evidence = open_bundle(copied)
    assert code_of(lambda: list(evidence.told(None, 10))) == "audit/bundle-lacks"
    assert code_of(lambda: evidence.given(["nobody"], 10)) == "audit/bundle-lacks"
    assert code_of(lambda: evidence.revisions("second")) == "audit/bundle-lacks"
    wider = Inputs(
        kind="statement",
        files={"statement.yaml": STATEMENT.replace(b"message", b"content")},
    )
    assert code_of(lambda: answer(evidence, wider)) == "audit/bundle-lacks"


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_no_file_of_a_bundle_may_be_another(once: Audited, copied: Path, damage: str) -> None:
    """[AUD-161] Every file, one after the other, its manifest and its signature too."""
    for name in files_of(copied):
        path = copied / name
        good = path.read_bytes()
        damaged(path, damage)
        with pytest.raises((VerificationError, InputError)) as caught:
            verify_audit(copied, auditor=str(once.auditor))
        assert caught.value.code.startswith(("audit/", "verify/")), name
        path.write_bytes(good)
    assert verify_audit(copied, auditor=str(once.auditor)).signed


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_a_forger_who_writes_the_manifest_anew_is_found_by_what_it_is_held_to(
    copied_whole: Path, damage: str
) -> None:
    """[AUD-165] Every file that the manifest names is held to something else too: to the log, or to the answer."""
    for name in files_of(copied_whole):
        if name in {"bundle.json", "signature.json"}:
            continue
        path, manifest = copied_whole / name, copied_whole / "bundle.json"
        good, said = path.read_bytes(), manifest.read_bytes()
        # A table has bytes that say nothing, such as names of its writer: what its rows say is asked below.
        if not good or (damage == "flipped" and path.suffix == ".parquet"):
            continue
        damaged(path, damage)
        forge(copied_whole)
        assert refused(copied_whole) in {2, 3}, name
        path.write_bytes(good)
        manifest.write_bytes(said)
    assert refused(copied_whole) is None


def test_a_file_too_many_and_a_link_are_refused(copied: Path) -> None:
    """[AUD-161] Nothing lies in a bundle that its manifest does not name."""
    (copied / "more").write_bytes(b"")
    assert code_of(lambda: verify_audit(copied)) == "audit/bundle-file"
    (copied / "more").unlink()
    pdf = copied / "report.pdf"
    moved = pdf.rename(copied.parent / "report.pdf")
    pdf.symlink_to(moved)
    assert code_of(lambda: verify_audit(copied)) == "audit/bundle-file"


FORGED_ROWS: dict[str, Callable[[pa.Table], pa.Table]] = {
    "another author": lambda rows: put_column(rows, "author", ["m1"] * rows.num_rows),
    "other records": lambda rows: put_column(
        rows, "record_id", [f"x{at}" for at in range(rows.num_rows)]
    ),
    "fewer rows": lambda rows: rows.slice(1),
    "nobody addressed": lambda rows: put_column(rows, "recipients", [[]] * rows.num_rows),
}


def put_column(rows: pa.Table, name: str, values: list[Any]) -> pa.Table:
    place = rows.schema.get_field_index(name)
    field = rows.schema.field(name)
    return rows.set_column(place, field, pa.array(values, field.type))


@pytest.mark.parametrize("change", FORGED_ROWS.values(), ids=FORGED_ROWS.keys())
def test_rows_that_say_something_else_are_refused(
    copied_whole: Path, change: Callable[[pa.Table], pa.Table]
) -> None:
    """[AUD-165] Whose the rows are is held to the release's entry."""
    for path in sorted((copied_whole / "vault" / "releases").rglob("*.parquet")):
        pq.write_table(change(pq.read_table(path)), path)
    forge(copied_whole)
    assert code_of(lambda: verify_audit(copied_whole)).startswith("audit/")


def damaged(path: Path, how: str) -> None:
    good = path.read_bytes()
    match how:
        case "flipped":
            at = len(good) // 2
            path.write_bytes(
                good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] if good else b"x"
            )
        case "cut":
            path.write_bytes(good[: len(good) // 2] if good else b"x")
        case _:
            path.unlink()


FORGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "fewer entries": lambda said: said["log"].update(size=said["log"]["size"] - 1),
    "another root": lambda said: said["log"].update(root="A" * 43 + "="),
    "a key that was given": lambda said: said["log"].update(key_given=True),
    "a gap more": lambda said: said["gaps"].append(
        {"kind": "sampled", "what": "all", "entries": [], "records": 1, "members": None}
    ),
    "fewer members": lambda said: said["rests_on"]["members"].pop(),
    "no release": lambda said: said["rests_on"].update(releases=[]),
    "another question": lambda said: said["asked"].update(kind="class"),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
def test_a_manifest_that_says_something_else_is_refused(
    copied: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    """[AUD-164] [AUD-165] What a manifest says is compared with the log, or shows in the answer."""
    forge(copied, lambda said: (change(said), None)[1])
    with pytest.raises(PrivityError):
        verify_audit(copied)


def test_a_proof_that_is_missing_must_be_said_to_be(copied_whole: Path) -> None:
    """[AUD-164] Payloads, a baseline and rows that were taken out of a bundle are missed by the log."""
    payloads = copied_whole / "payloads.jsonl"
    good = payloads.read_bytes()
    payloads.write_bytes(b"".join(good.splitlines(keepends=True)[1:]))
    forge(copied_whole)
    assert code_of(lambda: verify_audit(copied_whole)) == "audit/bundle-lacks"
    payloads.write_bytes(good)
    kept = next((copied_whole / "vault" / "baseline").glob("*.parquet"))
    kept.unlink()
    kept.with_suffix(".opening").unlink()
    forge(copied_whole)
    assert code_of(lambda: verify_audit(copied_whole)) == "audit/bundle-lacks"


def test_what_a_member_said_is_not_left_out(copied: Path) -> None:
    """[AUD-170] Whose stream is gone has a tag in the release that nothing in the bundle makes."""
    payloads = copied / "payloads.jsonl"
    lines = payloads.read_bytes().splitlines(keepends=True)
    assert len(lines) > 10
    for left_out in range(len(lines)):
        if json.loads(lines[left_out])["stream"] == PLATFORM:
            continue
        payloads.write_bytes(b"".join(lines[:left_out] + lines[left_out + 1 :]))
        forge(copied)
        assert code_of(lambda: verify_audit(copied)) == "audit/bundle-lacks"


def test_an_event_of_a_stream_is_not_left_out(copied: Path) -> None:
    """[AUD-165] Whose key is here has every entry found, and one that says nothing counts as a no."""
    payloads = copied / "payloads.jsonl"
    lines = [json.loads(line) for line in payloads.read_bytes().splitlines()]
    longest = max(lines, key=lambda line: len(line["events"]))
    longest["events"].pop()
    payloads.write_bytes(b"".join(encode_canonical(line) + b"\n" for line in lines))
    forge(copied)
    assert code_of(lambda: verify_audit(copied)).startswith("audit/")


def test_rows_that_were_left_out_are_missed(copied: Path) -> None:
    """[AUD-164] A release that the answer rests on is there, or said not to be."""
    for place in ("releases/first/members", "vault/releases", "releases"):
        shutil.rmtree(copied / place)
        forge(copied)
        assert code_of(lambda: verify_audit(copied)) == "audit/bundle-lacks", place


def test_a_log_cut_short_is_refused(once: Audited, copied: Path) -> None:
    """[AUD-165] An earlier checkpoint is the log's own, and not that of this report."""
    shutil.rmtree(copied / "public")
    shutil.copytree(once.earlier, copied / "public")
    forge(copied)
    assert code_of(lambda: verify_audit(copied)) == "audit/bundle-log"
    checkpoint = open_tree(str(once.earlier)).checkpoint
    root = to_base64(checkpoint.root)
    forge(copied, lambda said: said["log"].update(size=checkpoint.size, root=root))
    assert code_of(lambda: verify_audit(copied)) == "audit/answer"


def test_what_lies_beside_a_bundle_is_what_it_has(once: Audited, tmp_path: Path) -> None:
    """[AUD-160] Who reads the report beside the bundle reads the one that was verified."""
    place = Path(shutil.copytree(once.out, tmp_path / "theirs"))
    (place / "report.html").write_bytes(b"<p>nothing was used</p>")
    assert code_of(lambda: verify_audit(place)) == "audit/copy"


def test_the_bundle_that_is_named_has_its_report_beside_it_compared(
    once: Audited, copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[AUD-160] Whichever of the two folders is named, and from wherever."""
    place = Path(shutil.copytree(once.out, tmp_path / "report"))
    forms = {*FORMS, "signature.json"}
    assert {*verify_audit(place / "bundle").beside} == forms
    monkeypatch.chdir(place / "bundle")
    assert {*verify_audit(Path()).beside} == forms
    (place / "report.pdf").write_bytes(b"nothing was used")
    for named in (place, place / "bundle", Path()):
        assert code_of(partial(verify_audit, named)) == "audit/copy"
    # A bundle that was moved, under another name, has no report beside it.
    (copied.parent / "report.html").write_bytes(b"of something else")
    assert verify_audit(copied).beside == ()


def test_a_folder_that_is_taken_stays_as_it_is(once: Audited, tmp_path: Path) -> None:
    """[AUD-169] Nothing is written over."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_bytes(b"mine")
    with pytest.raises(ConflictError) as caught:
        write_audit(once.made, out)
    assert caught.value.code == "audit/exists"
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert files_of(out) == ["mine"]


def test_nobody_else_reads_a_report(once: Audited) -> None:
    """[AUD-169] A bundle has what members said."""
    modes = {one.stat().st_mode & 0o077 for one in once.out.rglob("*") if one.is_file()}
    assert (modes, once.out.stat().st_mode & 0o077) == ({0}, 0)


def test_there_must_be_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        verify_audit(tmp_path)
    assert caught.value.code == "audit/no-bundle"


def test_what_was_verified_is_told_as_data(
    once: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    """[AUD-165] What holds, whose word it was, and what could not be compared."""
    assert run("audit", "verify", once.out, "--auditor", once.auditor, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    said = json.loads((once.bundle / "bundle.json").read_bytes())
    assert told["root"] == said["log"]["root"]
    assert (told["answer"], told["kind"], told["signed"]) == ("fails", "statement", True)
    assert told["said_by_its_maker"] == {"gaps": len(said["gaps"]), "mismatches": 0}
    assert (told["key_given"], told["print_compared"]) == (False, True)


def test_a_print_of_another_printer_is_not_compared_and_says_so(copied: Path) -> None:
    """[AUD-145] Nobody can print the same bytes with other programs."""
    forge(copied, lambda said: said.update(printed_by="reportlab 1"))
    assert not verify_audit(copied).print_compared


def test_another_version_may_say_the_same_in_other_words(copied: Path) -> None:
    """[AUD-142] Which version answered is what the error says."""
    report = copied / "report.html"
    report.write_bytes(report.read_bytes().replace(b"What was asked", b"What they asked"))
    forge(copied, lambda said: said.update(made_by="privity 9"))
    with pytest.raises(VerificationError) as caught:
        verify_audit(copied)
    assert caught.value.code == "audit/answer"
    assert "privity 9" in str(caught.value.hint)
