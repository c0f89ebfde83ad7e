# SPDX-License-Identifier: Apache-2.0
"""The projection: the log and its vault, opened and laid out in rows (docs/workspace.md).

Whoever decides reads rows that were opened and verified once: the tag, the commitment and the seal of every
entry, and by the same pass (`laying_out.py`) the tree: what does not end at the log's own head is not this log. The
projection is never a source. It is kept up from the entry where it stands; where that does not come out it is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, TypeVar

from privity.app.workspace.laying_out import OtherTreeError, Pass
from privity.app.workspace.parts import Workspace
from privity.errors import ConflictError, UnavailableError, VerificationError
from privity.release.working import working_folder
from privity.store.projection import (
    Projection,
    look_at_projection,
    open_projection,
    remove_projection,
)
from privity.store.projection_rows import Extent, FactRow, PublicRow, UnreadRow
from privity.store.projection_writing import ProjectionWriting

Found = TypeVar("Found")

_ATTEMPTS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class CaughtUp:
    """What a catching up did.

    Attributes:
        size: The number of entries that are in the projection now.
        added: How many of them are new in it.
        anew: Whether it was made anew.
    """

    size: int
    added: int
    anew: bool


def catch_up(workspace: Workspace) -> CaughtUp:
    """Bring the projection to the size of the log, in one transaction; if nothing is new, hardly anything.

    Raises:
        ConflictError: Another process writes it and does not end.
        VerificationError: An entry of the log cannot be read, or its entries do not make its head.
        UnavailableError: The disk is full or fails.
    """
    return _opened(workspace, lambda projection: _caught_up(workspace, projection))


def rebuild(workspace: Workspace) -> CaughtUp:
    """Make the projection anew from the log; raises as `catch_up` does."""
    return _opened(workspace, lambda projection: _made_anew(workspace, projection))


def projected(workspace: Workspace, read: Callable[[Projection], Found]) -> Found:
    """Bring the projection to the size of the log, and read one state of it.

    Nobody is kept from writing meanwhile, unless rows are removed again and again while this reads.

    Args:
        workspace: Whose.
        read: Reads, and does nothing else; it may be called several times.

    Raises:
        ConflictError: As `catch_up`.
        VerificationError: As `catch_up`.
        UnavailableError: As `catch_up`.
    """

    def look(projection: Projection) -> Found:
        for _attempt in range(_ATTEMPTS):
            removals = projection.removals()
            _caught_up(workspace, projection)
            # INVARIANT: of the entries up to a size, rows are never changed, and never come later. So what is read
            # piece by piece is one state, if none was removed in between.
            found = read(projection)
            if projection.removals() == removals:
                return found
        with projection.reading():
            return read(projection)

    return _opened(workspace, look)


def forget(workspace: Workspace, streams: Iterable[int]) -> int:
    """Remove from the projection what it knows of streams, and from its journal what was there.

    Their last event is in the log already: else they would be missing, and not erased.

    Returns:
        How many facts there were.

    Raises:
        ConflictError: Another process reads or writes it and does not end.
        UnavailableError: The disk is full or fails.
    """

    def remove(projection: Projection) -> int:
        with projection.writing() as writing:
            removed = sum(writing.forget(stream) for stream in streams)
        projection.forget_journal()
        return removed

    return _opened(workspace, remove)


def differing(workspace: Workspace) -> str | None:
    """Make the projection anew aside, and compare its rows with those that a command would go on with.

    Returns:
        Of what the first row is that differs; None where none does, or where the projection would be made anew
        anyhow. Nothing of the workspace is changed.

    Raises:
        ConflictError: Another process writes and does not end.
        VerificationError: As `catch_up`.
        UnavailableError: As `catch_up`, of the working folder.
    """
    for _attempt in range(_ATTEMPTS):
        before = _state(workspace)
        with working_folder() as aside:
            found = _difference(workspace, aside)
        # Else what was read later may be of another state of the log.
        if found is None or _state(workspace) == before:
            return found
    raise ConflictError(
        "the log goes on again and again while its projection is looked at",
        code="store/busy",
        hint="try again when nobody writes",
    )


def _state(workspace: Workspace) -> tuple[Any, ...]:
    store = workspace.store
    vault = store.vault
    return store.head(), tuple(store.lost()), tuple(vault.ending()), vault.erasures


def _difference(workspace: Workspace, aside: Path) -> str | None:
    path, origin = workspace.places.projection, workspace.settings.origin
    there = look_at_projection(path, origin=origin)
    if there is None:
        return None
    try:
        with closing(there):
            kept = there.copy(aside / "kept.db", origin=origin)
        with closing(kept), closing(open_projection(aside / "anew.db", origin=origin)) as anew:
            if _caught_up(workspace, kept).anew:
                return None
            _made_anew(workspace, anew)
            for _attempt in range(_ATTEMPTS):
                if kept.extent().size == anew.extent().size:
                    break
                # Others record meanwhile.
                _caught_up(workspace, kept)
                _caught_up(workspace, anew)
            return _first_other(kept, anew)
    except UnavailableError as error:
        if error.code != "store/damaged":
            raise
        return None  # whoever reads it makes it anew


def _first_other(kept: Projection, anew: Projection) -> str | None:
    for row, right in zip_longest(kept.content(), anew.content()):
        if row != right:
            one = right or row
            if isinstance(one, FactRow | PublicRow | UnreadRow):
                return f"entry {one.entry}"
            return f"{one[0]} {one[1]}"
    return None


def _opened(workspace: Workspace, use: Callable[[Projection], Found]) -> Found:
    """Use the projection; where it is damaged remove it and use a new one."""
    path, origin = workspace.places.projection, workspace.settings.origin
    try:
        return _used(open_projection(path, origin=origin), use)
    except UnavailableError as error:
        if error.code != "store/damaged":
            raise
    # If it was the ledger that is damaged, the second attempt says so again.
    remove_projection(path)
    return _used(open_projection(path, origin=origin), use)


def _used(projection: Projection, use: Callable[[Projection], Found]) -> Found:
    try:
        return use(projection)
    finally:
        projection.close()


def _caught_up(workspace: Workspace, projection: Projection) -> CaughtUp:
    extent, store = projection.extent(), workspace.store
    at_end = (extent.peaks, extent.lost) == (store.head().peaks, tuple(store.lost()))
    if at_end and not store.vault.ending():
        return CaughtUp(size=extent.size, added=0, anew=False)
    try:
        with projection.writing() as writing:
            added, gone = _gone_on(workspace, writing)
            size = writing.extent().size
    except OtherTreeError:
        return _made_anew(workspace, projection)
    if gone:
        projection.forget_journal()
    return CaughtUp(size=size, added=added, anew=False)


def _gone_on(workspace: Workspace, writing: ProjectionWriting) -> tuple[int, bool]:
    """Go on from where the projection ends; gives how many entries that was, and whether members are gone."""
    # INVARIANT: the log is looked at after the projection: whoever else goes on with it was no further.
    extent, head = writing.extent(), workspace.store.head()
    lost = tuple(workspace.store.lost())
    if extent.size > head.size or (extent.size and extent.lost != lost):
        raise OtherTreeError
    gone = Pass(workspace, writing, extent, head, lost).run()
    gone += [one for one in workspace.store.vault.ending() if writing.forget(one)]
    return head.size - extent.size, bool(gone)


def _made_anew(workspace: Workspace, projection: Projection) -> CaughtUp:
    with projection.writing() as writing:
        head, lost = workspace.store.head(), tuple(workspace.store.lost())
        writing.clear()
        try:
            Pass(workspace, writing, Extent(), head, lost).run()
        except OtherTreeError as error:
            raise VerificationError(
                f"the {head.size} entries of the log do not make its head",
                code="workspace/other-tree",
                hint="run `privity ledger check DIR`",
            ) from error
    projection.forget_journal()
    return CaughtUp(size=head.size, added=head.size, anew=True)
