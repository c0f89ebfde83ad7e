# SPDX-License-Identifier: Apache-2.0
"""The commands that keep a workspace: what they print, ask and exit with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import BEGAN, NOW, SETTINGS
from tests.unit.app.workspace.worlds import DATABASES, keep, put, put_back, put_baseline, says
from tests.unit.cli.conftest import Run

from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import record
from privity.canonical.instants import format_instant

LATE = NOW + 120
NOT_WITNESSED = "not independently witnessed: "
SIMULATED = "SIMULATED CLOCK: "


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with two members."""
    root = tmp_path / "network"
    found_workspace(root, SETTINGS, now=BEGAN)
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada", "bob")
    return root


def warned(lines: list[str]) -> bool:
    """Whether nobody can overlook what nobody may overlook."""
    return any(line.startswith(SIMULATED) for line in lines) and any(
        line.startswith(NOT_WITNESSED) for line in lines
    )


# publish


def test_publishing_says_what_is_public_now(run: Run, root: Path) -> None:
    with open_workspace(root, now=NOW) as workspace:
        record(workspace, [says("ada")])
    done = run("ledger", "publish", root)
    assert done.code == 0
    assert done.lines[0] == f"{root}: 6 entries published, 1 of them now"
    assert warned(done.lines)
    data = json.loads(run("ledger", "publish", root, "--json").out)
    assert (data["size"], data["added"], data["independently_witnessed"]) == (6, 0, False)


# status


def test_a_status_is_a_few_lines(run: Run, root: Path) -> None:
    done = run("ledger", "status", root)
    assert done.code == 0
    assert done.lines[0] == f"{root}: well"
    said = {line[2:12].strip(): line[13:] for line in done.lines if line.startswith("  ")}
    assert said["log"] == SETTINGS.origin
    assert said["recorded"].startswith(
        f"5 entries, the newest of {format_instant(NOW)}, 0 seconds"
    )
    assert said["published"] == said["recorded"]
    assert said["anchor"].startswith(f"{root / 'anchor' / 'checkpoint'}: 5 entries")
    assert warned(done.lines)


def test_a_monitor_is_told_by_the_exit_code(run: Run, root: Path) -> None:
    with open_workspace(root, now=NOW) as workspace:
        record(workspace, [says("ada")])
    with open_workspace(root, now=LATE) as workspace:
        record(workspace, [says("ada")])
    done = run("ledger", "status", root)
    assert done.code == 4
    assert done.lines[0] == f"{root}: not well"
    assert (
        "  waiting    2 entries, the oldest for 2 minutes, longer than 60 seconds" in done.lines
    )
    data = json.loads(run("ledger", "status", root, "--json").out)
    assert (data["late"], data["backlog"], data["backlog_seconds"]) == (True, 2, 120)
    assert data["workspace"] == str(root)
    assert run("ledger", "publish", root).code == 0
    assert run("ledger", "status", root).code == 0


def test_an_older_copy_is_told_with_what_helps(run: Run, root: Path) -> None:
    kept = keep(root)
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada")
    put_back(root, kept, "state/ledger.db")
    done = run("ledger", "status", root)
    assert done.code == 4
    assert done.lines[1].startswith(
        "  trouble    the database has 5 entries, and 6 were published"
    )
    assert "repair" in done.lines[2]
    data = json.loads(run("ledger", "status", root, "--json").out)
    assert (data["rolled_back"], data["trouble"]["code"]) == (True, "ledger/rolled-back")


def test_what_is_no_workspace_has_no_status(run: Run, tmp_path: Path) -> None:
    assert run("ledger", "status", tmp_path).code == 2


# check


def test_a_check_says_that_everything_holds(run: Run, root: Path) -> None:
    done = run("ledger", "check", root)
    assert done.code == 0
    assert done.lines[0] == f"{root}: 5 entries, and everything holds"
    assert "  private    4; 4 payloads are there and are what was committed to" in done.lines
    assert warned(done.lines)
    data = json.loads(run("ledger", "check", root, "--json").out)
    assert (data["problems"], data["payloads"], data["public"]) == ([], 4, {"genesis": 1})


def test_a_check_names_all_that_is_wrong(run: Run, root: Path) -> None:
    (root / "public" / "vkey").write_bytes(b"")
    with open_workspace(root, now=NOW) as workspace:
        database = workspace.store._database
        with database.transaction():
            database.run("UPDATE sealed SET payload = zeroblob(50) WHERE entry = 2")
    done = run("ledger", "check", root)
    assert done.code == 3
    assert done.lines[0].endswith("problems")
    assert any(line.startswith("  workspace/vault: ") for line in done.lines)
    assert any(line.startswith("  workspace/public: ") for line in done.lines)
    data = json.loads(run("ledger", "check", root, "--json").out)
    assert {one["code"] for one in data["problems"]} == {"workspace/vault", "workspace/public"}


# repair


def test_a_repair_of_nothing_does_nothing(run: Run, root: Path) -> None:
    done = run("ledger", "repair", root)
    assert (done.code, done.lines) == (0, [f"{root}: nothing to repair"])


def test_a_repair_says_what_it_would_do_and_asks(run: Run, root: Path) -> None:
    kept = keep(root)
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada", "cleo")
    put_back(root, kept, *DATABASES)
    told = [
        "  entries taken back from the public tree, without private payloads: 3",
        "  heads mended: 1",
        "  notes put back, of anchor, checkpoint and database: 1",
        "  streams counted again: 1",
        "  entries that say in the log, for good, what was lost: 1",
    ]
    done = run("ledger", "repair", root, "--dry-run")
    assert (done.code, done.lines) == (0, [f"{root}: would be done", *told])
    # Nobody can be asked here, so nothing is done.
    done = run("ledger", "repair", root)
    assert (done.code, done.lines) == (2, [f"{root}: to be done", *told])
    assert "`--yes`" in done.err
    assert run("ledger", "status", root).code == 4
    done = run("ledger", "repair", root, "--yes")
    assert (done.code, done.lines[-1]) == (0, "done; published: 9 entries")
    assert run("ledger", "check", root).code == 0
    assert json.loads(run("ledger", "repair", root, "--json").out)["nothing"] is True


# keys rotate


def test_a_rotation_names_both_keys_and_shows_none(run: Run, root: Path) -> None:
    assert run("ledger", "keys", "rotate", root).code == 2
    done = run("ledger", "keys", "rotate", root, "--yes")
    assert done.code == 0
    assert done.lines[0].startswith(
        f"{root}: the key is exchanged, and both sign until 2024-10-31"
    )
    for path in (root / "keys").glob("*.key"):
        assert path.read_text("ascii").strip()[-40:] not in done.out
    assert run("ledger", "keys", "rotate", root, "--yes").code == 4
    assert any(
        line.startswith("  rotation   both keys sign until 2024-10-31")
        for line in run("ledger", "status", root).lines
    )


# backup and restore


def test_a_backup_says_what_may_be_kept_and_what_not(
    run: Run, root: Path, tmp_path: Path
) -> None:
    done = run("ledger", "backup", root, tmp_path / "backups")
    assert done.code == 0
    assert done.lines[0] == f"{tmp_path / 'backups' / '20241001T000000Z'}: 5 entries"
    assert done.lines[2] == "  vault  2 keys, 0 baselines: to be removed within 30 days"
    later = ("--now", "2024-11-15T00:00:00Z")
    done = run("ledger", "backup", root, tmp_path / "backups", *later)
    assert done.lines[-1].startswith("overdue: ")
    data = json.loads(
        run("ledger", "backup", root, tmp_path / "backups", *later, "--expire", "--json").out
    )
    assert (len(data["expired"]), data["overdue"]) == (1, [])


def test_a_restore_names_what_it_puts_back_and_asks(
    run: Run, root: Path, tmp_path: Path
) -> None:
    run("ledger", "backup", root, tmp_path / "backups")
    backup = tmp_path / "backups" / "20241001T000000Z"
    assert run("ledger", "restore", root, backup).code == 4
    shutil.rmtree(root / "state")
    done = run("ledger", "restore", root, backup)
    assert done.code == 2
    assert done.lines[1:] == [f"  {root / 'state' / 'ledger.db'}"]
    assert not (root / "state").exists()
    done = run("ledger", "restore", root, backup, "--yes")
    assert (done.code, done.lines[-1]) == (0, "published: 5 entries")
    assert run("ledger", "check", root).code == 0


# members erase


def test_erasing_says_what_goes_and_asks(run: Run, root: Path, tmp_path: Path) -> None:
    with open_workspace(root, now=NOW) as workspace:
        put_baseline(workspace, tmp_path, ["ada", "cleo", "ada"])
    erase = ("members", "erase", "--workspace", root)
    done = run(*erase, "ada")
    assert (done.code, done.lines) == (
        2,
        ["1 member: 2 private entries; 2 facts in 1 baseline"],
    )
    done = run(*erase, "ada", "--yes")
    assert done.code == 0
    assert done.lines[1:4] == [
        "erased: 1 member, with 3 private payloads",
        "  the baseline of entry 5 was made anew, without 2 facts",
        "published: 9 entries",
    ]
    assert run(*erase, "ada", "--yes").code == 2
    data = json.loads(run(*erase, "bob", "cleo", "--yes", "--json").out)
    assert (data["members"], len(data["baselines"])) == (2, 1)
    assert run("ledger", "check", root).code == 0


def test_no_command_shows_a_key(run: Run, root: Path, tmp_path: Path) -> None:
    with open_workspace(root, now=NOW) as workspace:
        secrets = [key.secret for key in workspace.keys.all()]
    secrets.append((root / "keys" / "log.key").read_bytes()[-40:-1])
    shown = "".join(
        done.out + done.err
        for done in (
            run("ledger", "status", root, "--json"),
            run("ledger", "check", root, "--json"),
            run("ledger", "backup", root, tmp_path / "backups", "--json"),
            run("ledger", "repair", root, "--json"),
            run("members", "erase", "ada", "--workspace", root, "--yes", "--json"),
        )
    )
    assert not any(secret.hex() in shown or repr(secret) in shown for secret in secrets)
