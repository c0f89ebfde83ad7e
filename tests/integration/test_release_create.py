# SPDX-License-Identifier: Apache-2.0
"""A release is made: what lies where, what the log says of it, and what refuses it (specs/release.md, part 1)."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from tests.integration.conftest import Program
from tests.integration.releases import FIRST, folder_of, release
from tests.integration.workspaces import MEMBERS, Made, make, parties

import privity
from privity.app.releases.making.creating import create_release
from privity.app.releases.making.finishing import recover_releases
from privity.app.releases.state.register import releases_of
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import record
from privity.entries.policy import PolicyEntry
from privity.errors import ConflictError, InputError, PrivityError, UnavailableError
from privity.ledger.proof_file import ProofFile, open_proof
from privity.ledger.tree import leaf_hash
from privity.release.aside import keep
from privity.release.described import Described
from privity.release.files import Manifest
from privity.sources.native import open_records
from privity.testing.plain import AT, fact, policy


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def once(stage: str, act: Callable[[], object]) -> Callable[[str, int], None]:
    """Act when a stage has begun, once, from whatever thread tells of it."""
    lock, done = threading.Lock(), list[bool]()

    def tell(seen: str, rows: int) -> None:
        del rows
        with lock:
            if seen == stage and not done:
                done.append(True)
                act()

    return tell


def table_of(made: Made, name: str = "first") -> pa.Table:
    """Read the table of a release, file by file in their order."""
    paths = sorted(folder_of(made, name).table.glob("*.parquet"))
    return pa.concat_tables(pq.read_table(path) for path in paths)


def private_of(made: Made, name: str = "first") -> pa.Table:
    """Read what the rows of a release were decided by."""
    paths = sorted((made.root / "vault" / "releases" / name).glob("*.parquet"))
    return pa.concat_tables(pq.read_table(path) for path in paths)


def left(made: Made) -> list[str]:
    """What lies where releases are made."""
    return [str(path) for path in (made.root / "state" / "releases").rglob("*")]


def test_a_release_has_what_clearing_permits(made: Made) -> None:
    """REL-2: the same records as a clearing of the same instant, in their order."""
    release(made)
    with open_workspace(made.root) as workspace:
        gathered = privity.load_workspace(workspace.places.root)
        source = pa.concat_tables(pq.read_table(path) for path in made.sources)
        decided = privity.decide_batch(
            source, workspace=gathered, purpose="genai-training", recipient="self", at=AT
        )
    permitted = source.filter(decided["permit"])
    assert 0 < permitted.num_rows < source.num_rows
    found = table_of(made)
    assert (
        found.select(["record_id", "body"]).to_pydict()
        == permitted.select(["record_id", "body"]).to_pydict()
    )
    assert not left(made)


def test_one_entry_says_what_is_in_it_before_anybody_can_read_it(made: Made) -> None:
    """REL-6, REL-7, REL-10."""
    found = release(made)
    (entry,) = [one for one in made.entries() if one["s"] == "release"]
    assert entry["index"] == found.state.created.index
    says, content = entry["p"], entry["p"]["content"]
    folder = folder_of(made)
    data = folder.manifest.read_bytes()
    manifest = Manifest.parse(data)
    assert content["manifest"] == sha256(data).hexdigest()
    assert (content["files"], content["size"], content["rows"]) == (
        len(manifest.lines),
        sum(path.stat().st_size for path in folder.table.glob("*.parquet")),
        table_of(made).num_rows,
    )
    (committed,) = [one for one in made.clearings() if one["step"] == "committed"]
    assert says["clearing"] == committed["clearing"]
    assert says["ledger_size"] == committed["ledger_size"] == committed["index"]
    assert content["rows"] == committed["permitted"]
    assert content["members"] == len(parties(private_of(made)))


def test_the_table_is_of_the_manifests_files(made: Made) -> None:
    """REL-3, REL-5."""
    release(made)
    folder = folder_of(made)
    manifest = Manifest.parse(folder.manifest.read_bytes())
    table = DeltaTable(str(folder.table))
    assert sorted(Path(uri).name for uri in table.file_uris()) == [
        line.path for line in manifest.lines
    ]
    assert [line.path for line in manifest.lines][:2] == [
        "part-000000.parquet",
        "part-000001.parquet",
    ]
    assert table.to_pyarrow_table().num_rows == manifest.rows


def test_beside_each_file_lies_what_its_rows_were_decided_by(made: Made) -> None:
    """REL-13: the same name, the same rows in the same order; nobody else may look."""
    release(made)
    folder, private = folder_of(made).table, made.root / "vault" / "releases" / "first"
    names = sorted(path.name for path in folder.glob("*.parquet"))
    assert names == sorted(path.name for path in private.glob("*.parquet"))
    for name in names:
        public, mine = pq.read_table(folder / name), pq.read_table(private / name)
        assert public["record_id"].to_pylist() == mine["record_id"].to_pylist()
        assert public["author"].to_pylist() == mine["author"].to_pylist()
    for path in (made.root / "releases", private, private.parent):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(folder_of(made).salt.stat().st_mode) == 0o600


def test_its_folder_describes_it_and_has_the_proof_of_its_entry(made: Made) -> None:
    """REL-9."""
    found = release(made)
    folder = folder_of(made)
    described = Described.parse(folder.described.read_bytes())
    assert described.created == described.says == found.state.created.says
    assert (described.name, described.revision) == ("first", 1)
    proof = ProofFile.parse(folder.proof.read_bytes())
    with open_workspace(made.root) as workspace:
        vkeys = workspace.log.vkeys
    assert (
        open_proof(proof, leaf_hash(proof.extra), vkeys).size > proof.index == described.index
    )
    assert json.loads(proof.extra)["p"] == described.says.to_payload()


def test_whoever_says_no_while_it_is_made_is_not_in_it(made: Made) -> None:
    """REL-2: nor in what lies beside it."""

    def say() -> None:
        made.record(fact("objection", "2025-06-01", member="m3"))

    found = release(made, progress=once("copy", say))
    assert found.clearing.set.manifest["withdrawn"] > 0
    table, private = table_of(made), private_of(made)
    assert "m3" not in parties(private)
    assert table["record_id"].to_pylist() == private["record_id"].to_pylist()
    assert table.num_rows == found.state.content.rows


def test_where_ids_are_pseudonyms_those_beside_are_not(tmp_path: Path) -> None:
    """REL-13."""
    made = make(tmp_path)
    rule = {"recipients": ["controller"], "categories": ["content"], "do": ["pseudonymise"]}
    put_version(made, obligations=[rule])
    with open_workspace(made.root, now=AT) as workspace:
        create_release(
            workspace, open_records(list(made.sources)), FIRST, pseudonym_key=bytes(range(32))
        )
    table, private = table_of(made), private_of(made)
    assert parties(private) <= set(MEMBERS)
    assert not parties(table) & set(MEMBERS)
    assert table["record_id"].to_pylist() == private["record_id"].to_pylist()


def put_version(made: Made, **keys: Any) -> None:
    """Publish another version of the plain policy."""
    version = policy(
        **{
            "version": "2025-01-01",
            "effective_at": "2025-01-01T00:00:00Z",
            "published_at": "2025-01-01T00:00:00Z",
            **keys,
        }
    )
    text = json.dumps(version).encode()
    entry = PolicyEntry(
        policy=version["policy"],
        version=version["version"],
        effective_at=1735689600,
        sha256=sha256(text).hexdigest(),
        size=len(text),
    )
    with open_workspace(made.root, now=1735689600) as workspace:
        record(workspace, [entry], objects=[text])


@pytest.mark.parametrize("name", ["", "Two", "a/b", "..", "-a", "a" * 41, "ä", "a b", "a_b"])
def test_a_name_that_leaves_the_folder_or_is_none_refuses(made: Made, name: str) -> None:
    """REL-1."""
    with pytest.raises(InputError):
        release(made, name=name)
    assert not made.clearings()
    assert not (made.root / "state" / "releases").exists()


def test_a_name_is_never_used_again(made: Made) -> None:
    """REL-1."""
    release(made)
    with pytest.raises(ConflictError) as caught:
        release(made)
    assert caught.value.code == "release/name-used"
    assert len([one for one in made.entries() if one["s"] == "release"]) == 1
    assert not left(made)


def test_a_name_is_free_again_where_no_release_was_made(made: Made) -> None:
    """REL-11."""

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        release(made, progress=once("members", stop))
    assert not left(made)
    assert not (made.root / "releases").exists()
    assert not list((made.root / "vault" / "releases").glob("*"))
    assert release(made).state.revision == 1


def test_a_disk_that_fails_as_the_set_is_marked_leaves_nothing(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-11: the mark is there, and nobody knows whether durably; the log has no word of the set."""

    def torn(folder: Path) -> None:
        keep(folder)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("privity.app.workspace.clearing.keep", torn)
    with pytest.raises(UnavailableError):
        release(made)
    monkeypatch.undo()
    assert made.clearings()[-1]["step"] == "abandoned"
    assert not [*(made.root / "state" / "releases").iterdir()]
    with open_workspace(made.root, now=AT) as workspace:
        assert recover_releases(workspace) == ()
    assert release(made).state.revision == 1


def test_two_processes_do_not_make_one_name(made: Made) -> None:
    """REL-11."""
    seen: list[PrivityError] = []

    def other() -> None:
        with pytest.raises(ConflictError) as caught:
            release(made, publish=False)
        seen.append(caught.value)

    release(made, progress=once("copy", other))
    assert [one.code for one in seen] == ["release/held"]
    assert len([one for one in made.entries() if one["s"] == "release"]) == 1


def test_a_release_of_nothing_is_none(made: Made) -> None:
    for member in MEMBERS:
        made.record(fact("objection", "2025-05-01", member=member))
    with pytest.raises(ConflictError) as caught:
        release(made)
    assert caught.value.code == "release/empty"
    assert not left(made)


def test_whom_the_register_does_not_know_is_named(made: Made, program: Program) -> None:
    done = program(
        *("release", "create", "words", "--workspace", made.root),
        *(word for path in made.sources for word in ("--source", path)),
        *(
            "--purpose",
            "genai-training",
            "--recipient",
            "slef",
            "--now",
            "2025-06-01T00:00:00Z",
        ),
    )
    assert done.code == 4
    assert "warning: unknown recipient `slef`" in done.err
    assert "nothing to release" in done.err


def test_an_end_that_is_past_refuses(made: Made) -> None:
    with pytest.raises(InputError) as caught:
        release(made, expires_at=AT)
    assert caught.value.code == "release/ends-before"
    assert release(made, expires_at=AT + 1).state.expires_at == AT + 1


def test_a_column_that_a_table_does_not_know_refuses_before_anything_is_decided(
    made: Made,
) -> None:
    """REL-8."""
    for path in made.sources:
        table = pq.read_table(path)
        spans = pa.array([1] * table.num_rows, pa.duration("s"))
        pq.write_table(table.append_column("read_for", spans), path)
    with pytest.raises(InputError) as caught:
        release(made)
    assert caught.value.code == "release/type"
    assert not made.clearings()


def test_columns_that_a_table_has_no_type_for_are_written_wider(made: Made) -> None:
    """REL-8."""
    for path in made.sources:
        table = pq.read_table(path)
        likes = pa.array([2**32 - 1] * table.num_rows, pa.uint32())
        seen = pa.array([1_700_000_000] * table.num_rows, pa.timestamp("s", "Europe/Rome"))
        pq.write_table(table.append_column("likes", likes).append_column("seen", seen), path)
    release(made)
    read = DeltaTable(str(folder_of(made).table)).to_pyarrow_table()
    assert set(read["likes"].to_pylist()) == {2**32 - 1}
    assert read.schema.field("likes").type == pa.int64()
    assert read.schema.field("seen").type == pa.timestamp("us", "UTC")


def test_the_table_says_nothing_of_texts_ids_and_paths(made: Made) -> None:
    """REL-3: neither its log nor the footers of its files."""
    release(made)
    folder = folder_of(made).table
    log = b"".join(path.read_bytes() for path in (folder / "_delta_log").iterdir())
    table = table_of(made)
    for column in ("record_id", "author", "body"):
        assert not [one for one in set(table[column].to_pylist()) if one.encode() in log]
    assert str(made.root).encode() not in log
    for path in folder.glob("*.parquet"):
        group = pq.read_metadata(path).row_group(0)
        told = {
            group.column(at).path_in_schema
            for at in range(group.num_columns)
            if group.column(at).is_stats_set
        }
        assert told <= {"created_at"}


def test_the_command_makes_one(made: Made, program: Program) -> None:
    arguments = [
        *("release", "create", "words", "--workspace", made.root),
        *(word for path in made.sources for word in ("--source", path)),
        *("--purpose", "genai-training", "--recipient", "self"),
        *("--expires", "2027-01-01T00:00:00Z", "--now", "2025-06-01T00:00:00Z"),
    ]
    done = program(*arguments)
    assert done.code == 0, done.err
    assert "until    2027-01-01T00:00:00Z" in done.out
    again = program(*arguments)
    assert again.code == 4
    assert "`words`" in again.err
    listed = program("release", "list", "--workspace", made.root, "--json")
    (found,) = json.loads(listed.out)["releases"]
    assert (found["name"], found["live"], found["revision"]) == ("words", True, 1)
    shown = program("release", "show", "words", "--workspace", made.root)
    assert shown.out.startswith("words: live until 2027-01-01T00:00:00Z, revision 1\n")
    later = program("release", "list", "--workspace", made.root, "--at", "2028-01-01T00:00:00Z")
    assert "expired since 2027-01-01T00:00:00Z" in later.out


def test_a_column_that_one_file_lacks_refuses_before_anything_is_decided(
    made: Made, program: Program
) -> None:
    lacks, has = made.sources[:2]
    assert "capacity" in pq.read_schema(has).names
    pq.write_table(pq.read_table(lacks).drop_columns("capacity"), lacks)
    asked = [
        *("--workspace", made.root, "--purpose", "genai-training", "--recipient", "self"),
        *("--now", "2025-06-01T00:00:00Z"),
    ]
    for command in (
        ("release", "create", "words", "--source", lacks, "--source", has),
        ("clear", lacks, has, "--out", made.root.parent / "set"),
    ):
        done = program(*command, *asked)
        assert done.code == 2
        assert f"{lacks}: column `capacity` is missing here and stands in `{has}`" in done.err
    assert not made.clearings()


def test_two_releases_are_compared(made: Made, program: Program) -> None:
    release(made, name="all")
    made.record(fact("objection", "2025-06-01", member="m3"))
    release(made, name="less")
    done = program("release", "diff", "all", "less", "--workspace", made.root, "--json")
    found = json.loads(done.out)
    gone = [
        one
        for one in private_of(made, "all")["record_id"].to_pylist()
        if one not in set(private_of(made, "less")["record_id"].to_pylist())
    ]
    assert sum(one["only_one"] for one in found["records"].values()) == len(gone) > 0
    assert sum(one["only_other"] for one in found["records"].values()) == 0
    assert found["said"]["members"] != found["said"].get("recipient")
    assert "purpose" not in found["said"]
    wrong = program("release", "diff", "all@2", "less", "--workspace", made.root)
    assert wrong.code == 2


def test_the_register_has_it(made: Made) -> None:
    release(made)
    with open_workspace(made.root) as workspace:
        (found,) = releases_of(workspace)
    assert found.name == "first"
    assert found.decided_at == AT
