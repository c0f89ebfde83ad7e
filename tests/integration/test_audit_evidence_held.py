# SPDX-License-Identifier: Apache-2.0
"""What lies in a workspace is held to its log: what was changed, hidden or lost is found, or said to be missing."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.releases import folder_of, release
from tests.integration.revoked import LATER, no, run
from tests.integration.test_audit_evidence import baseline, opened, publish
from tests.integration.workspaces import (
    MEMBERS,
    Made,
    make,
    put_policy,
    put_sources,
    put_workspace,
    records,
)

from privity.app.auditing.opening import OpenedEvidence, open_evidence
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.opening import open_workspace
from privity.audit.known import is_unreadable
from privity.errors import PrivityError, VerificationError
from privity.ledger.note import Signer
from privity.members.facts import Fact
from privity.store.sqlite import open_log
from privity.testing.plain import AT, said

EVER = 10**9


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A workspace with a release, to copy: nothing changes it."""
    made = make(tmp_path_factory.mktemp("kept"), count=120)
    release(made)
    publish(made)
    return made


@pytest.fixture
def made(kept: Made, tmp_path: Path) -> Made:
    shutil.copytree(kept.root, tmp_path / "workspace")
    return Made(root=tmp_path / "workspace", sources=kept.sources)


def rows_of(made: Made) -> Path:
    return made.root / "vault" / "releases" / "first" / "part-000000.parquet"


def rewritten(path: Path, change: Callable[[list[dict[str, object]]], None]) -> None:
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def ids(evidence: OpenedEvidence) -> set[str]:
    return {
        one
        for rows in evidence.rows("first", 1)
        for one in rows.table.column("record_id").to_pylist()
    }


def kinds(evidence: OpenedEvidence) -> tuple[list[str], list[str]]:
    return [one.kind for one in evidence.gaps], [one.kind for one in evidence.mismatches]


def test_what_agrees_leaves_no_gap_and_no_mismatch(made: Made) -> None:  # AUD-10, AUD-11
    evidence = open_evidence(made.root)
    assert kinds(evidence) == ([], [])
    assert ids(evidence)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("record_id", "r9999"),
        ("category", "article"),
        ("created_at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("author", "somebody"),
    ],
)
def test_rows_that_say_something_else_are_left_out(
    made: Made, column: str, value: object
) -> None:  # AUD-11, AUD-13
    before = ids(open_evidence(made.root))
    rewritten(rows_of(made), lambda rows: rows[0].update({column: value}))
    evidence = open_evidence(made.root)
    assert kinds(evidence) == (["not-bound"], ["bytes-without-entry"])
    assert ids(evidence) < before
    (gap,) = evidence.gaps
    assert gap.records == len(before) - len(ids(evidence))


def test_rows_with_another_capacity_are_held_to_nothing(made: Made) -> None:  # AUD-13
    rewritten(rows_of(made), lambda rows: rows[0].update(capacity="seat:acme"))
    assert kinds(open_evidence(made.root)) == (["not-bound"], [])


@pytest.mark.parametrize("column", ["record_id", "category", "author", "recipients", None])
def test_rows_of_other_columns_are_left_out(made: Made, column: str | None) -> None:
    path = rows_of(made)
    if column is None:
        path.write_bytes(b"no Parquet")
    else:
        pq.write_table(pq.read_table(path).drop_columns([column]), path)
    evidence = open_evidence(made.root)
    assert kinds(evidence) == (["not-bound"], ["bytes-without-entry"])
    # Nothing says where on a machine the workspace lies.
    (mismatch,) = evidence.mismatches
    assert str(made.root) not in mismatch.what


@pytest.mark.parametrize("what", ["no column", "no Parquet", "no number", "no tag"])
def test_tags_that_nobody_wrote_show_nothing(made: Made, what: str) -> None:  # AUD-13
    path = made.root / "releases" / "first" / "members" / "tags.parquet"
    table = pq.read_table(path)
    match what:
        case "no column":
            pq.write_table(table.drop_columns(["tag"]), path)
        case "no Parquet":
            path.write_bytes(b"")
        case "no number":
            rows = [{**one, "number": None} for one in table.to_pylist()]
            pq.write_table(pa.Table.from_pylist(rows), path)
        case _:
            rows = [{**one, "tag": None} for one in table.to_pylist()]
            pq.write_table(pa.Table.from_pylist(rows), path)
    evidence = open_evidence(made.root)
    assert kinds(evidence)[0] == ["not-bound"]
    assert ids(evidence)


@pytest.mark.parametrize(
    ("path", "mismatch"),
    [
        ("vault/releases/first/part-000000.parquet", "entry-without-bytes"),
        ("releases/first/table/part-000000.parquet", "entry-without-bytes"),
        ("releases/first/files.jsonl", "entry-without-bytes"),
        ("releases/first/salt.key", None),
        ("releases/first/members/tags.parquet", None),
    ],
)
def test_what_is_not_there_is_said(made: Made, path: str, mismatch: str | None) -> None:
    (made.root / path).unlink()
    evidence = open_evidence(made.root)
    assert kinds(evidence)[1] == ([] if mismatch is None else [mismatch])
    assert kinds(evidence)[0] == ["not-shown" if path.endswith("jsonl") else "not-bound"]


@pytest.mark.parametrize(
    "path",
    [
        "releases/first/table/part-000000.parquet",
        "releases/first/files.jsonl",
        "releases/first/members/part-000000.parquet",
        "releases/first/salt.key",
    ],
)
def test_bytes_that_were_changed_are_no_entrys(made: Made, path: str) -> None:
    place = made.root / path
    data = bytearray(place.read_bytes())
    data[len(data) // 3] ^= 1
    place.write_bytes(data)
    gaps, mismatches = kinds(open_evidence(made.root))
    assert gaps
    # What cannot be read at all, shows nothing of anybody's.
    assert mismatches in (["bytes-without-entry"], ["entry-without-bytes"])


def test_what_no_entry_speaks_of_is_found(made: Made) -> None:  # AUD-13
    shutil.copytree(made.root / "releases" / "first", made.root / "releases" / "more")
    (made.root / "vault" / "releases" / "other").mkdir()
    log = folder_of(made).table / "_delta_log" / "00000000000000000001.json"
    log.write_text('{"add":{"path":"part-more.parquet"}}\n', encoding="utf-8")
    found = open_evidence(made.root).mismatches
    assert [(one.kind, one.release, one.entry is None) for one in found] == [
        ("bytes-without-entry", "first", False),
        ("bytes-without-entry", "more", True),
        ("bytes-without-entry", "other", True),
    ]


def test_rows_that_change_while_they_are_audited_are_refused(made: Made) -> None:  # AUD-17
    evidence = open_evidence(made.root)
    rewritten(rows_of(made), lambda rows: rows[0].update(capacity="seat:acme"))
    with pytest.raises(VerificationError, match="changed meanwhile"):
        list(evidence.rows("first", 1))


def sealed(made: Made, statement: str, *values: object) -> None:
    """Change the vault behind everybody's back."""
    with sqlite3.connect(made.root / "state" / "ledger.db") as database:
        assert database.execute(statement, values).rowcount == 1
    database.close()


def last_of(made: Made, member: str) -> tuple[int, str]:
    """The entry of the last that is told of a member, and its value."""
    *_, last = open_evidence(made.root).told([member], EVER)
    return last.entry, last.fact.value


def test_a_payload_that_is_hidden_is_found_by_its_tag(made: Made) -> None:  # AUD-4
    entry, value = last_of(made, "m8")
    assert value == "off"
    sealed(made, "DELETE FROM sealed WHERE entry = ?", entry)
    evidence = open_evidence(made.root)
    assert kinds(evidence)[0] == ["unread"]
    assert evidence.gaps[0].entries == (entry,)
    assert evidence.gaps[0].members == 1
    *_, last = evidence.told(["m8"], EVER)
    assert is_unreadable(last)
    assert last.entry == entry


def test_a_payload_that_was_changed_counts_as_a_no(made: Made) -> None:  # AUD-3, AUD-4
    entry, value = last_of(made, "m1")
    assert value == "on"
    sealed(made, "UPDATE sealed SET payload = zeroblob(200) WHERE entry = ?", entry)
    evidence = open_evidence(made.root)
    assert kinds(evidence)[0] == ["unread"]
    assert any(is_unreadable(one) for one in evidence.told(["m1"], EVER))
    assert not any(is_unreadable(one) for one in evidence.told(["m2"], EVER))


def test_a_payload_of_another_stream_is_not_taken_for_hers(made: Made) -> None:  # AUD-3
    entry, _ = last_of(made, "m1")
    sealed(made, "UPDATE sealed SET stream = stream + 1 WHERE entry = ?", entry)
    evidence = open_evidence(made.root)
    assert evidence.gaps[0].entries == (entry,)
    assert any(is_unreadable(one) for one in evidence.told(["m1"], EVER))


def test_names_of_keys_that_were_exchanged_are_found(made: Made) -> None:  # AUD-3
    with sqlite3.connect(made.root / "vault" / "keys.db") as database:
        database.execute("UPDATE key SET member = 'tx' WHERE member = 'tm1'")
        database.execute("UPDATE key SET member = 'tm1' WHERE member = 'tm2'")
    database.close()
    evidence = open_evidence(made.root)
    assert kinds(evidence)[0][0] == "unread"
    # Nothing of m2 is told as m1's: what names another is none of hers.
    assert all(is_unreadable(one) for one in evidence.told(["m1"], EVER))


def test_a_workspace_without_its_vault_shows_what_anybody_may_see(made: Made) -> None:  # AUD-15
    shutil.rmtree(made.root / "vault")
    evidence = open_evidence(made.root)
    assert list(evidence.told(None, EVER)) == []
    gaps, mismatches = kinds(evidence)
    assert gaps[0] == "private-facts"
    assert "not-bound" in gaps
    assert set(mismatches) == {"entry-without-bytes"}


def test_nothing_is_written_and_no_projection_is_needed(made: Made) -> None:  # AUD-16
    shutil.rmtree(made.root / "state" / "releases", ignore_errors=True)
    (made.root / "state" / "projection.db").unlink(missing_ok=True)
    (made.root / "vault" / "releases.db").unlink(missing_ok=True)
    (made.root / "keys" / "log.key").unlink()

    def everything() -> dict[Path, tuple[int, int]]:
        return {
            one: (one.stat().st_size, one.stat().st_mtime_ns)
            for one in made.root.rglob("*")
            if one.is_file()
        }

    before = everything()
    assert ids(open_evidence(made.root))
    assert everything() == before


def test_of_who_was_erased_it_is_said_that_nothing_is_told(tmp_path: Path) -> None:  # AUD-5
    made = make(tmp_path, count=60)
    with open_workspace(made.root, now=AT) as workspace:
        erase_members(workspace, ["m1"])
    evidence = opened(made)
    assert [(one.kind, one.members) for one in evidence.gaps] == [("erased", 1)]
    assert list(evidence.told(["m1"], EVER)) == []
    assert list(evidence.told(["m2"], EVER))


def test_of_a_later_revision_what_is_left_is_here(tmp_path: Path) -> None:  # AUD-14
    made = make(tmp_path, count=120)
    release(made)
    no(made, *MEMBERS[:3])
    run(made)
    publish(made, LATER)
    evidence = open_evidence(made.root)
    assert evidence.revisions("first") == (2,)
    assert kinds(evidence) == (["rows-gone"], [])
    assert not {
        one
        for rows in evidence.rows("first", 2)
        for one in rows.table.column("author").to_pylist()
    } & {*MEMBERS[:3]}


def test_a_revision_that_is_not_published_is_no_mismatch(tmp_path: Path) -> None:  # AUD-14
    made = make(tmp_path, count=120)
    release(made)
    publish(made)
    no(made, *MEMBERS[:3])
    shutil.copytree(made.root / "public", tmp_path / "before")
    run(made)
    shutil.rmtree(made.root / "public")
    (tmp_path / "before").rename(made.root / "public")
    evidence = open_evidence(made.root)
    assert not evidence.mismatches
    assert {"not-shown", "not-bound"} <= set(kinds(evidence)[0])
    assert evidence.revisions("first") == ()


def test_columns_tell_what_facts_do(tmp_path: Path) -> None:
    made = make(tmp_path, count=10)
    made.record(said("2025-02-01", "off", member="m1"))
    evidence = opened(made)
    size = evidence.log.checkpoint.size
    for upto in (5, size // 2, size):
        told = [
            one for one in evidence.told(None, upto) if one.fact.fact in {"setting", "joined"}
        ]
        (table,) = evidence.told_in_columns({"setting", "joined"}, upto)
        assert table.to_pylist() == [
            {
                "member": one.fact.member,
                "fact": one.fact.fact,
                "value": one.fact.value,
                "at": one.fact.at,
                "recorded_at": one.fact.recorded_at,
                "entry": one.entry,
                "by": one.by,
            }
            for one in told
        ]


def test_a_baseline_is_the_one_that_was_committed_to(tmp_path: Path) -> None:  # AUD-6
    made = make(tmp_path, count=10)
    before = AT - 999
    facts = [
        Fact(member=one, fact="joined", at=before, recorded_at=before)
        for one in ("old", "older")
    ]
    baseline(made, tmp_path / "one.parquet", facts)
    baseline(made, tmp_path / "two.parquet", facts[:1])
    evidence = opened(made)
    assert evidence.gaps == ()
    assert [one.by for one in evidence.told(["old"], EVER)] == ["platform", "platform"]
    with open_workspace(made.root, now=AT) as workspace:
        erase_members(workspace, ["old"])
    evidence = opened(made)
    assert list(evidence.told(["old"], EVER)) == []
    (left,) = evidence.told(["older"], EVER)
    # It counts since the first entry of it, whatever replaced the file later.
    assert left.entry == evidence.rules.baselines[0].entry
    assert len(evidence.rules.baselines[0].entries) == 2

    (path, _) = sorted((made.root / "vault" / "baseline").glob("*.parquet"))
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    (gap,) = (one for one in open_evidence(made.root).gaps if one.kind == "private-facts")
    assert gap.entries in [one.entries for one in evidence.rules.baselines]
    path.unlink()
    assert gap in open_evidence(made.root).gaps


def test_of_parties_whose_keys_are_gone_nothing_shows_who_they_are(
    tmp_path: Path,
) -> None:  # AUD-12
    made = make(tmp_path, count=120)
    release(made)
    plain = opened(made)
    hers = {
        row["record_id"]
        for rows in plain.rows("first", 1)
        for row in rows.table.to_pylist()
        if "m1" in {row["author"], *(row["recipients"] if row["category"] == "inmail" else ())}
    }
    with open_workspace(made.root, now=AT) as workspace:
        erase_members(workspace, ["m1"])
    evidence = opened(made)
    assert evidence.mismatches == ()
    assert [one.kind for one in evidence.gaps] == ["erased", "not-bound"]
    assert evidence.gaps[1].records == len(hers)
    # Somebody else in her place is not found, but where more or fewer have a say.
    rewritten(rows_of(made), lambda rows: rows[0].update(recipients=["x", "y", "z"]))
    rewritten(rows_of(made), lambda rows: rows[0].update(category="inmail"))
    assert "bytes-without-entry" in kinds(open_evidence(made.root))[1]


def test_who_reads_group_messages_has_a_say_where_the_version_says_so(
    tmp_path: Path,
) -> None:  # AUD-11
    for asked in (False, True):
        put_workspace(tmp_path / str(asked) / "workspace")
        root = tmp_path / str(asked) / "workspace"
        group = [
            replace(one, category="group-message", recipients=(MEMBERS[2], MEMBERS[3]))
            for one in records(Random(3), 20)
        ]
        made = Made(root=root, sources=put_sources(tmp_path / str(asked), group))
        with open_workspace(root, now=AT) as workspace:
            put_policy(
                workspace,
                version="asking",
                effective_at="2025-05-01T00:00:00Z",
                published_at=None,
                **({"parties": {"group-message": "all"}} if asked else {}),
            )
        release(made)
        evidence = opened(made)
        assert kinds(evidence) == ([], [])
        (entry,) = (one for one in evidence.log.public if one.says.STREAM == "release")  # type: ignore[union-attr]  # all are known
        people = {MEMBERS[2], MEMBERS[3]}
        found = {
            one
            for rows in evidence.rows("first", 1)
            for one in rows.table.column("author").to_pylist()
        }
        assert entry.says.content.members == len(found | (people if asked else set()))  # type: ignore[union-attr]  # as said


def test_a_log_is_audited_by_its_address(kept: Made) -> None:  # AUD-15
    """By a process of its own: this one has no sockets."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    code = (
        "import sys; from privity.app.auditing.opening import open_evidence;"
        "found = open_evidence(sys.argv[1]);"
        "print(found.log.checkpoint.size, *(one.kind for one in found.gaps))"
    )
    with subprocess.Popen(
        command,
        cwd=kept.root / "public",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        found = re.search(r"\(http://\S+\)", server.stdout.readline())
        assert found is not None
        done = subprocess.run(
            [sys.executable, "-c", code, found[0].strip("()")],
            capture_output=True,
            text=True,
            check=False,
        )
        server.terminate()
    assert done.stderr == ""
    size = open_evidence(kept.root).log.checkpoint.size
    assert done.stdout == f"{size} private-facts not-shown\n"


def test_a_log_is_believed_by_the_key_that_is_given(made: Made) -> None:  # AUD-2
    own = (made.root / "public" / "vkey").read_text(encoding="ascii").strip()
    assert open_evidence(made.root, (own,)).log.given
    assert not open_evidence(made.root).log.given
    other = Signer(name="example.com/log/simulated", seed=bytes(range(32))).vkey.to_text()
    with pytest.raises(VerificationError, match="has not signed"):
        open_evidence(made.root, (other,))


def as_another(path: Path) -> str:
    """Open a database as a user who is not root, in a process of its own; gives its size, or the error's code."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            store = open_log(path, origin="example.com/log/simulated", look=True)
            said = str(store.head().size)
        except PrivityError as error:
            said = error.code
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        found = stream.read().decode()
    os.waitpid(child, 0)
    return found


def test_what_nobody_can_write_to_is_read_as_it_is(kept: Made) -> None:  # AUD-16
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        state = Path(name) / "state"
        shutil.copytree(kept.root / "state", state)
        for path in state.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        state.chmod(0o555)
        size = open_evidence(kept.root).log.checkpoint.size
        assert as_another(state / "ledger.db") == str(size)
        state.chmod(0o755)
        (state / "ledger.db-journal").write_bytes(b"half written")
        state.chmod(0o555)
        assert as_another(state / "ledger.db") == "store/unsettled"
