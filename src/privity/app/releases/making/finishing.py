# SPDX-License-Identifier: Apache-2.0
"""Give a release its name, once the log speaks of it, and finish or remove what was cut short ([REL-10], [REL-11]).

Every step may be done again after it was stopped. What only the operator has comes first, then what says whose records
are in it, and at last the folder that readers open: whoever sees a release sees all of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from privity.app.releases.members.membership import forget_release
from privity.app.releases.state.marks import any_left, forget, left
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import releases_of
from privity.app.releases.state.signing import signer_of
from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.by_itself import Failed, by_itself
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import record
from privity.app.workspace.unfinished import recover
from privity.entries.incident import IncidentEntry
from privity.release.aside import is_kept, settle
from privity.release.described import Described
from privity.release.folder import ReleaseFolder
from privity.release.laid_out import put
from privity.release.papers.writing import write_papers
from privity.store.files import unreachable
from privity.store.private import make_private_folder

FOLDER = "release"
PRIVATE = "private"
SET = "set"


def finish_release(workspace: Workspace, state: ReleaseState) -> None:
    """Bring a release of which the log speaks from where it was made to where it lies; its name is held.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    places = ReleasePlaces.of(workspace.places, state.name)
    made, private = ReleaseFolder(places.work / FOLDER), places.work / PRIVATE
    try:
        if made.root.exists():
            _describe(workspace, state, made)
            _move(private, places.private)
            _move(made.root, places.folder.root)
        elif not places.folder.root.exists():
            text = f"release {state.name} was made and is not there"
            record(workspace, [IncidentEntry(incident="release-lost", text=text)])
        shutil.rmtree(places.work, ignore_errors=True)
    except OSError as error:
        raise unreachable(places.work, error) from error
    forget(workspace.places.root, state.name)


def abandon_release(workspace: Workspace, name: str) -> bool:
    """Remove what was made for a release of which the log does not speak; its name is held.

    Returns:
        Whether nothing of it is left.

    A set of which the log speaks already, and that is not whole yet, stays for `recover`; so does the name's mark.

    Raises:
        UnavailableError: The disk fails.
    """
    work = ReleasePlaces.of(workspace.places, name).work
    if any(is_kept(one) for one in work.glob(f".{SET}.clearing-*")):
        return False
    try:
        if work.exists():
            shutil.rmtree(work)
            settle(work.parent)
        forget_release(workspace, name)
    except OSError as error:
        raise unreachable(work, error) from error
    forget(workspace.places.root, name)
    return True


def recover_releases(
    workspace: Workspace, *, threads: int = 2, failed: Failed | None = None
) -> tuple[str, ...]:
    """Finish or remove the releases that killed processes left, and the clearings before them.

    Args:
        workspace: Where.
        threads: How many files are rewritten at once.
        failed: Where is put down why one cannot be finished or removed, whose mark stays; None: it is raised.

    Returns:
        The names of those that were finished or removed.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    if not any_left(workspace.places.root):
        return ()
    cut: Failed | None = None if failed is None else {}
    recover(workspace, threads=threads, failed=cut)
    done = []
    for name in left(workspace.places.root):
        with by_itself(failed, name):
            known = {one.name: one for one in releases_of(workspace)}
            if name in known:
                finish_release(workspace, known[name])
            elif not abandon_release(workspace, name):
                if cut:
                    # Its set is one of those that could not be finished.
                    raise next(iter(cut.values()))
                continue
            done.append(name)
    return tuple(done)


def _describe(workspace: Workspace, state: ReleaseState, made: ReleaseFolder) -> None:
    """Write what the log says of a release into its folder, and the papers that go with it."""
    described = Described(
        origin=workspace.settings.origin,
        created=state.created.says,
        created_at=state.created.index,
        says=state.newest.says,
        index=state.newest.index,
    )
    put(made.described, described.to_bytes())
    write_papers(
        made.root, described, signer=signer_of(workspace, state), now=state.newest.time
    )


def _move(made: Path, place: Path) -> None:
    """Give a folder its name; whoever was stopped in between did it already."""
    if not made.exists():
        return
    make_private_folder(place.parent)
    made.rename(place)
    settle(place.parent)
    settle(made.parent)
