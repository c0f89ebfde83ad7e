# SPDX-License-Identifier: Apache-2.0
"""What a vault has is held to the log: what was hidden, changed or lost is found, and stands for a no."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from tests.integration.releases import release
from tests.integration.test_audit_evidence import baseline, opened, publish
from tests.integration.workspaces import Made, make

from privity.app.auditing.opening.opening import OpenedEvidence, open_evidence
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import Private, record
from privity.audit.known import is_unreadable
from privity.entries.fact import FactEntry
from privity.errors import PrivityError
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


def kinds(evidence: OpenedEvidence) -> tuple[list[str], list[str]]:
    return [one.kind for one in evidence.gaps], [one.kind for one in evidence.mismatches]


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


def test_of_who_was_erased_it_is_said_that_nothing_is_told(tmp_path: Path) -> None:  # AUD-5
    made = make(tmp_path, count=60)
    with open_workspace(made.root, now=AT) as workspace:
        erase_members(workspace, ["m1"])
    evidence = opened(made)
    assert [(one.kind, one.members) for one in evidence.gaps] == [("erased", 1)]
    assert list(evidence.told(["m1"], EVER)) == []
    assert list(evidence.told(["m2"], EVER))


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


def test_what_a_later_version_wrote_of_her_counts_as_a_no(tmp_path: Path) -> None:  # AUD-4
    made = make(tmp_path, count=10)
    with open_workspace(made.root, now=AT) as workspace:
        later = Private(member="m1", says=FactEntry(member="m1", fact="haiku", at=AT))
        entry = record(workspace, [later]).first
    evidence = opened(made)
    assert [(one.kind, one.entries, one.members) for one in evidence.gaps] == [
        ("unread", (entry,), 1)
    ]
    *_, last = evidence.told(["m1"], EVER)
    assert is_unreadable(last)
    (table,) = evidence.told_in_columns((), EVER)
    assert table.select(["member", "fact"]).to_pylist() == [{"member": "m1", "fact": "unread"}]


def test_who_was_erased_stays_so_though_her_key_was_put_back(
    tmp_path: Path,
) -> None:  # AUD-4, AUD-5
    made = make(tmp_path, count=10)
    keys = made.root / "vault" / "keys.db"
    shutil.copy(keys, tmp_path / "kept.db")
    with open_workspace(made.root, now=AT) as workspace:
        erase_members(workspace, ["m1"])
    publish(made)
    shutil.copy(tmp_path / "kept.db", keys)
    evidence = open_evidence(made.root)
    assert list(evidence.told(["m1"], EVER)) == []
    assert [(one.kind, one.entries) for one in evidence.gaps] == [("erased", ())]
    assert list(evidence.told(["m2"], EVER))


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
