# SPDX-License-Identifier: Apache-2.0
"""A release is verified by its log alone: whatever is changed in its folder is found (specs/release.md, [REL-12])."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.releases import folder_of, release
from tests.integration.revoked import no, run
from tests.integration.workspaces import make

from privity.app.releases.examining.verifying import verify_release
from privity.errors import InputError, PrivityError, UnavailableError, VerificationError
from privity.release.folder import ReleaseFolder
from privity.release.opened import read_release
from privity.release.rewriting import revised_name


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release in a folder of its own, and the public tree of its log."""
    made = make(tmp_path_factory.mktemp("verified"), count=120)
    release(made)
    return folder_of(made).root, made.root / "public"


@pytest.fixture
def copy(whole: tuple[Path, Path], tmp_path: Path) -> ReleaseFolder:
    shutil.copytree(whole[0], tmp_path / "copy")
    return ReleaseFolder(tmp_path / "copy")


def refused(folder: ReleaseFolder, log: Path) -> PrivityError:
    with pytest.raises((VerificationError, InputError, UnavailableError)) as caught:
        verify_release(folder.root, str(log))
    return caught.value


def test_a_whole_release_holds_wherever_it_lies(
    whole: tuple[Path, Path], copy: ReleaseFolder
) -> None:
    """REL-12: no workspace is needed."""
    found = verify_release(copy.root, str(whole[1]), (str(whole[1] / "vkey"),))
    assert found.described.name == "first"
    assert found.tree.given
    assert found.others == ()


def test_a_bit_of_any_file_is_found(whole: tuple[Path, Path], copy: ReleaseFolder) -> None:
    """REL-12: but for the proof, which is another way to show the same."""
    files = [path for path in copy.root.rglob("*") if path.is_file() and path != copy.proof]
    assert len(files) > 10
    passed = []
    for path in files:
        data = path.read_bytes()
        for place in (len(data) // 3, len(data) // 2):
            path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
            try:
                verify_release(copy.root, str(whole[1]))
            except (VerificationError, InputError, UnavailableError):
                continue
            passed.append(path.relative_to(copy.root).as_posix())
        path.write_bytes(data)
    # What the table's log says of who made it and when, nothing rests on.
    assert {Path(one).suffix for one in passed} <= {".json"}
    assert {Path(one).parent.name for one in passed} <= {"_delta_log"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda folder: folder.described.unlink(), "release/missing"),
        (lambda folder: folder.manifest.unlink(), "release/manifest"),
        (lambda folder: folder.salt.write_bytes(bytes(32)), "release/members"),
        (lambda folder: shutil.rmtree(folder.table / "_delta_log"), "release/table-damaged"),
        (lambda folder: (folder.root / "card.md").write_text("All agreed."), "release/papers"),
        (lambda folder: (folder.root / "card.html").unlink(), "release/papers"),
    ],
    ids=["description", "manifest", "secret", "log-of-table", "card", "page"],
)
def test_what_is_missing_or_another_is_said(
    whole: tuple[Path, Path],
    copy: ReleaseFolder,
    change: Callable[[ReleaseFolder], object],
    code: str,
) -> None:
    """REL-12."""
    change(copy)
    assert refused(copy, whole[1]).code == code


def test_rows_in_another_order_are_another_file(
    whole: tuple[Path, Path], copy: ReleaseFolder
) -> None:
    """REL-5, REL-12."""
    path = min(copy.table.glob("*.parquet"))
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(table.num_rows))[::-1]), path)
    error = refused(copy, whole[1])
    assert error.code == "release/file"
    assert path.name in str(error)


def test_a_description_of_something_else_is_not_in_the_log(
    whole: tuple[Path, Path], copy: ReleaseFolder
) -> None:
    """REL-12: whoever changes what the entry says, and all that follows from it, meets the log."""
    said = json.loads(copy.described.read_bytes())
    for one in (said["created"]["entry"], said["entry"]):
        one["purpose"] = "search"
    copy.described.write_text(json.dumps(said, indent=2, sort_keys=True) + "\n")
    assert refused(copy, whole[1]).code in {"release/not-in-log", "release/papers"}


def test_the_log_of_somebody_else_is_not_its_log(
    copy: ReleaseFolder, whole: tuple[Path, Path]
) -> None:
    """REL-12."""
    del whole
    ledger = Path(__file__).resolve().parents[2] / "examples" / "ledger" / "public"
    assert refused(copy, ledger).code == "release/other-log"


def test_a_log_that_has_not_published_the_entry_does_not_have_it(tmp_path: Path) -> None:
    """REL-12."""
    made = make(tmp_path, count=120)
    release(made, name="first")
    shutil.copytree(made.root / "public", tmp_path / "before")
    release(made, name="second")
    assert not refused(folder_of(made, "second"), tmp_path / "before").message.endswith("\n")
    assert refused(folder_of(made, "second"), tmp_path / "before").code == "release/not-in-log"


def test_files_that_are_no_longer_of_the_table_are_told_of(
    tmp_path: Path, program: Program
) -> None:
    """REL-12, REL-107: what a taking back replaced waits where the release was made, and in no copy."""
    made = make(tmp_path, count=120)
    release(made)
    no(made, "m1")
    run(made)
    folder, log = folder_of(made), made.root / "public"
    live = [one.path for one in read_release(folder.root).manifest.lines]
    old = sorted({path.name for path in folder.table.glob("*.parquet")} - {*live})
    found = verify_release(folder.root, str(log))
    assert old
    assert (found.described.revision, found.others) == (2, tuple(old))
    assert found.unread == tuple(f"members/{one}" for one in old)
    shown = program("release", "verify", folder.root, "--log", log)
    assert f"{len(old)} file{'s lie' if old[1:] else ' lies'} beside the table" in shown.out
    # What the next taking back has written, and not put in yet.
    new = revised_name(live[0], 3)
    shutil.copy(folder.table / live[0], folder.table / new)
    assert verify_release(folder.root, str(log)).others == tuple(sorted([*old, new]))


STRAY = [
    "part-000099.parquet", "part-000000.PARQUET", "more/part-000000.parquet", ".part.parquet",
    "_more.parquet", "part-000000.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", STRAY)
def test_what_a_reader_of_the_folder_may_take_is_no_file_of_a_release(
    whole: tuple[Path, Path], copy: ReleaseFolder, name: str, program: Program
) -> None:
    """REL-70."""
    path = copy.table / name
    path.parent.mkdir(exist_ok=True)
    shutil.copy(min(copy.table.glob("part-*.parquet")), path)
    done = program("release", "verify", copy.root, "--log", whole[1])
    assert done.code == 3
    assert (
        f"{path}: the file lies among the table’s, and the manifest does not name it"
        in done.err
    )
    done = program("release", "check", copy.root, "--log", whole[1])
    assert done.code == 3


def test_what_nobody_takes_for_the_tables_is_named(
    whole: tuple[Path, Path], copy: ReleaseFolder, program: Program
) -> None:
    """REL-12: nothing that was not held to something goes unsaid."""
    strays = {"notes.txt", "table/.part-000000-r2.parquet.new", "members/part-000099.parquet"}
    for name in strays:
        (copy.root / name).write_text("by somebody")
    done = program("release", "verify", copy.root, "--log", whole[1], "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["other_files"], set(found["unread"])) == ([], strays)
    shown = program("release", "verify", copy.root, "--log", whole[1])
    assert "unread   3 files, held to nothing: " in shown.out


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda folder: folder.salt.write_bytes(folder.salt.read_bytes() + b"\0"),
            "release/members",
        ),
        (
            lambda folder: (folder.root / "disclosure.json").write_text("{}"),
            "release/disclosure",
        ),
        (lambda folder: folder.proof.write_text("garbage"), "ledger/proof-file"),
    ],
    ids=["salt", "disclosure", "proof"],
)
def test_what_goes_with_a_release_is_read_too(
    whole: tuple[Path, Path],
    copy: ReleaseFolder,
    change: Callable[[ReleaseFolder], object],
    code: str,
) -> None:
    """REL-12, REL-65: zeros after the secret would give the same tags."""
    change(copy)
    assert refused(copy, whole[1]).code == code


def test_a_proof_by_a_key_that_is_not_known_is_said_to_be_unread(
    whole: tuple[Path, Path], copy: ReleaseFolder
) -> None:
    """REL-12: a log may have exchanged its key since."""
    text = copy.proof.read_text()
    name = text.rsplit("— ", 1)[1].split(" ")[0]
    copy.proof.write_text(text.replace(f"— {name} ", "— another.example "))
    assert verify_release(copy.root, str(whole[1])).unread == ("entry.tlog-proof",)


def test_a_log_that_says_more_than_which_files_there_are_is_damaged(
    whole: tuple[Path, Path], copy: ReleaseFolder, program: Program
) -> None:
    """REL-70: every record would be read as a post."""
    path = copy.table / "_delta_log" / "00000000000000000000.json"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if "metaData" in line:
            line["metaData"]["partitionColumns"] = ["category"]
        if "add" in line:
            line["add"]["partitionValues"] = {"category": "post"}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for command in ("verify", "check"):
        done = program("release", command, copy.root, "--log", whole[1])
        assert done.code == 3
        assert "`metaData` has another `partitionColumns` than is written" in done.err


def test_the_command_ends_with_three_where_something_does_not_hold(
    whole: tuple[Path, Path], copy: ReleaseFolder, program: Program
) -> None:
    path = min(copy.table.glob("*.parquet"))
    path.write_bytes(path.read_bytes() + b"x")
    done = program("release", "verify", copy.root, "--log", whole[1])
    assert done.code == 3
    assert "is not the one that the manifest names" in done.err
