# SPDX-License-Identifier: Apache-2.0
"""Who reads while something is taken back, and who takes back at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.beside import at_every_moment
from tests.integration.releases import folder_of, release
from tests.integration.revoked import LATER, ids_in, no, opened, run, state_of
from tests.integration.workspaces import Made, make

from privity.app.auditing.opening.opening import open_evidence
from privity.app.held_by_member import check_file_of
from privity.app.releases.examining.checking import check_releases
from privity.app.releases.examining.verifying import verify_release
from privity.app.releases.state import marks
from privity.app.releases.state.marks import any_left, forget, held
from privity.app.releases.taking_back.planning import plan_revocations
from privity.app.releases.taking_back.revoking import revoke, still
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.recording import publish_now
from privity.errors import ConflictError, PrivityError
from privity.ledger.proof_file import ProofFile
from privity.release.opened import check_release, read_release
from privity.store.lock import locked


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = make(tmp_path)
    release(made)
    no(made, "m3")
    return made


def reading(read: Callable[[], object], seen: list[object]) -> Callable[[], None]:
    """Give a thread's work: read again and again until told to stop."""

    def work() -> None:
        while not stop.is_set():
            seen.append(read())

    stop = threading.Event()
    thread = threading.Thread(target=work)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join()

    return end


def test_a_reader_of_the_table_finds_the_old_or_the_new(made: Made) -> None:
    """REL-108: never a mix, and never a file that is not there."""
    root = folder_of(made).root
    old = ids_in(root)
    seen: list[object] = []
    end = reading(lambda: tuple(ids_in(root)), seen)
    try:
        run(made)
    finally:
        end()
    assert set(seen) <= {tuple(old), tuple(ids_in(root))}
    assert tuple(old) in seen


def test_who_opens_it_finds_one_revision(made: Made) -> None:
    """REL-108: what describes it is of one revision; whoever is overtaken is told so."""
    root = folder_of(made).root

    def read() -> object:
        found = read_release(root)
        try:
            check_release(found, threads=1)
        except ConflictError as error:
            return error.code
        return found.described.revision

    seen: list[object] = []
    end = reading(read, seen)
    try:
        run(made)
    finally:
        seen.append(read())
        end()
    assert set(seen) <= {1, 2, "release/moved"}
    assert {1, 2} <= set(seen)


def test_who_read_it_before_goes_on_reading_the_old_files(made: Made) -> None:
    """REL-107: they stay for the retention."""
    root = folder_of(made).root
    before = read_release(root)
    run(made)
    for line in before.manifest.lines:
        assert (root / "table" / line.path).stat().st_size == line.size


def test_a_release_that_somebody_changes_is_left_alone(made: Made) -> None:
    """REL-109: and whoever is asked says so."""
    with held(made.root, "first"), opened(made) as workspace:
        found = revoke(workspace)
    assert (found.releases, found.busy) == ((), ("first",))
    assert state_of(made).revision == 1


@pytest.mark.parametrize("other", ["ends", "was killed"])
def test_only_a_mark_that_was_left_stays(
    made: Made, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    """One whose process ends in the very moment is no sign of work that was cut short."""
    real = marks.held

    def ended(root: Path, name: str) -> AbstractContextManager[None]:
        if other == "ends":
            forget(root, name)
        return real(root, name)

    with opened(made) as workspace:
        with held(made.root, "first"):
            pass
        monkeypatch.setattr("privity.app.releases.taking_back.revoking.held", ended)
        with still(workspace, "first"):
            pass
    assert any_left(made.root) is (other == "was killed")


def test_two_runs_at_once_take_back_once(made: Made) -> None:
    """REL-109: by one of them, or by the other."""
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "privity", "revoke", "run", "--workspace", made.root,
             "--now", "2025-06-02T00:00:00Z"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [one.communicate() for one in both]
    assert {one.returncode for one in both} <= {0, 4}, said
    assert 0 in {one.returncode for one in both}, said
    run(made)
    state = state_of(made)
    assert state.revision == 2
    assert len(state.revocations) == 1
    assert LATER == 1748822400


def test_who_publishes_keeps_no_proof_back(made: Made) -> None:
    """A backup may hold the lock for longer than a taking back waits for it; the next run puts the proof there."""
    folder = folder_of(made)
    with locked(made.root / "state" / "ledger.lock"):
        run(made)
    assert not folder.proof.exists()
    with opened(made) as workspace:
        publish_now(workspace)
    run(made)
    proof = ProofFile.parse(folder.proof.read_bytes())
    assert proof.index == state_of(made).newest.index
    verify_release(folder.root, str(made.root / "public"))


def wrong_in_check(made: Made) -> list[str]:
    return [str(one) for one in check_releases(made.root).problems]


def wrong_in_verify(made: Made) -> list[str]:
    try:
        verify_release(folder_of(made).root, str(made.root / "public"))
    except PrivityError as error:
        return [str(error)]
    return []


def wrong_in_audit(made: Made) -> list[str]:
    return [one.what for one in open_evidence(str(made.root)).mismatches]


def wrong_in_plan(made: Made) -> list[str]:
    """And in the file by which a member checks what releases have of hers."""
    with opened(made) as workspace:
        failed = plan_revocations(workspace).failed
        try:
            check_file_of(workspace, "m1")
        except ConflictError as error:
            assert error.code in {"release/moved", "release/not-published"}  # noqa: PT017 - or none
    return [str(one) for one in failed.values()]


LOOKS = {
    "check": wrong_in_check, "verify": wrong_in_verify, "audit": wrong_in_audit,
    "plan": wrong_in_plan,
}  # fmt: skip


def erase(made: Made) -> None:
    with opened(made) as workspace:
        erase_members(workspace, ["m2"])


ACTS: dict[str, Callable[[Made], object]] = {"takes back": run, "erases": erase}


@pytest.mark.parametrize("what", LOOKS)
def test_whoever_looks_meanwhile_finds_nothing_wrong(made: Made, what: str) -> None:
    """Some moments; `-m slow` tries each of them."""
    assert (
        at_every_moment(made.root, lambda: run(made), lambda: LOOKS[what](made), step=9) == []
    )


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("what", LOOKS)
def test_whoever_looks_at_any_moment_finds_nothing_wrong(
    made: Made, what: str, act: str
) -> None:
    found = at_every_moment(made.root, lambda: ACTS[act](made), lambda: LOOKS[what](made))
    assert found == []
