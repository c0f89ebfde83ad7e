# SPDX-License-Identifier: Apache-2.0
"""Take members out of the files of facts that baselines commit to (specs/entry.md, [ENT-47], [ENT-63]).

A file cannot be changed under its commitment: one without the members is written beside it, a new entry commits to that
and names the old one, and only then the old file and the secret of its commitment go. The entry names the
members to nobody but whoever has that secret: who puts an old file back, from a backup say, finds by it whom to take
out again, and so does whoever goes on after a crash.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import public_entries
from privity.app.workspace.recording import record
from privity.canonical.encode import digest_file
from privity.entries.baseline import (
    MOST_ERASED,
    BaselineEntry,
    BaselineFile,
    Replaced,
    erased_tag,
    next_opening,
)
from privity.errors import InputError, UnavailableError, VerificationError, Where
from privity.members.facts import MemberId
from privity.store.baselines import (
    KeptFile,
    keeping,
    kept_files,
    read_kept,
    remove_kept,
    remove_left,
)
from privity.store.files import unreachable
from privity.store.private import make_private_folder

_WITHOUT: Final = ".without.parquet"
_MEMBER: Final = "member"
_KEY: Final = b"privity-baseline"
_MARK: Final = b"privity/baseline-file/v1\0"
_ONLY_OWNER: Final = 0o600


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewritten:
    """A baseline without some members.

    Attributes:
        entry: The index of the entry whose file is gone.
        erased: How many facts went with them.
    """

    entry: int
    erased: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """What a file has of some members.

    Attributes:
        facts: How many facts.
        members: Of whom there is one at least.
    """

    facts: int
    members: frozenset[MemberId]


def erase_from_baselines(
    workspace: Workspace, members: Collection[MemberId]
) -> tuple[Rewritten, ...]:
    """Take members out of all files of facts, and say so in the log.

    Raises:
        ConflictError: Another process keeps a file, or writes and does not end.
        InputError: A file cannot be read.
        UnavailableError: The disk is full or fails.
    """
    found = [*settle_baselines(workspace)]
    if workspace.places.baselines.exists():
        remove_left(workspace.places.baselines)
    waiting = iter(dict.fromkeys(members))
    while some := frozenset(islice(waiting, MOST_ERASED)):
        for kept in kept_files(workspace.places.baselines):
            there = present_in(kept.path, some)
            if not there.facts:
                continue
            index = _entry_of(_entries(workspace), kept)
            if index is None:
                _remove_unnamed(workspace, kept)
            else:
                _replace(workspace, kept, index, there)
                found.append(Rewritten(entry=index, erased=there.facts))
    return tuple(found)


def settle_baselines(workspace: Workspace) -> tuple[Rewritten, ...]:
    """Bring files that the log has replaced to what it replaced them by, and remove them.

    They are there because a process was killed, or because somebody put them back.

    Raises:
        ConflictError: Another process keeps a file, or writes and does not end.
        InputError: A file cannot be read.
        UnavailableError: The disk is full or fails.
    """
    found: list[Rewritten] = []
    for kept in kept_files(workspace.places.baselines):
        entries = _entries(workspace)
        index = _entry_of(entries, kept)
        if index is not None and _following(entries, index) is not None:
            erased = _follow(workspace, kept, entries, index)
            found.append(Rewritten(entry=index, erased=erased))
    return tuple(found)


def missing_baselines(workspace: Workspace) -> tuple[int, ...]:
    """Give the entries of the baselines that stand and have no file in the vault."""
    entries = _entries(workspace)
    there = {
        index
        for kept in kept_files(workspace.places.baselines)
        if (index := _entry_of(entries, kept)) is not None
    }
    return tuple(
        index for index in entries if _following(entries, index) is None and index not in there
    )


def take_back_baselines(workspace: Workspace, source: Path) -> int:
    """Put files back from a copy of the vault's, where they, or what was left of them, are missing; gives how many.

    Whoever was erased from them since is in them: they are to be settled before anybody reads.

    Raises:
        ConflictError: Another process keeps a file.
        InputError: A file cannot be read.
        UnavailableError: The disk is full or fails.
    """
    entries, missing = _entries(workspace), {*missing_baselines(workspace)}
    count = 0
    for kept in kept_files(source):
        last = _entry_of(entries, kept)
        while last is not None and (following := _following(entries, last)) is not None:
            last = following
        if last in missing:
            with keeping(workspace.places.baselines, kept.path, opening=kept.opening):
                count += 1
            missing.discard(last)
    return count


def present_in(path: Path, members: Collection[MemberId]) -> Present:
    """Look what a file has of some members.

    Raises:
        InputError: It cannot be read.
    """
    facts, seen = 0, set()
    for column in _members_of(path):
        theirs = column.filter(_theirs(column, members))
        facts += len(theirs)
        seen.update(pc.unique(theirs).to_pylist())
    return Present(facts=facts, members=frozenset(seen))


def _replace(workspace: Workspace, kept: KeptFile, index: int, there: Present) -> None:
    """Put a file without members in the place of one, and say so in the log."""
    says = _entries(workspace)[index]
    tags = sorted(erased_tag(kept.opening, member) for member in there.members)
    replaces = Replaced(entry=index, erased=there.facts, tags=tuple(tags))
    opening = next_opening(kept.opening)
    with _written(workspace, kept.path, there.members, mark=_mark(opening)) as made:
        file = _keep(workspace, made, opening=opening)
    record(workspace, [_entry(says, file, replaces)], late=True)
    remove_kept(workspace.places.baselines, kept.sha256)


def _follow(
    workspace: Workspace, kept: KeptFile, entries: Mapping[int, BaselineEntry], index: int
) -> int:
    """Do with the file of an entry what the log says was done with it; gives how many facts went."""
    gone: set[MemberId] = set()
    opening = kept.opening
    last = index
    while (following := _following(entries, last)) is not None:
        replaces = entries[following].replaces
        tags = frozenset(() if replaces is None else replaces.tags)
        gone |= {
            member
            for column in _members_of(kept.path)
            for member in pc.unique(column).to_pylist()
            if member not in {None, ""} and erased_tag(opening, member) in tags
        }
        opening, last = next_opening(opening), following
    with _written(workspace, kept.path, gone, mark=_mark(opening)) as made:
        rows = _rows_of(made)
        says = entries[last]
        same = commits_to(says, _file_of(made, opening=opening))
        if not same:
            # Another version of the library wrote other bytes for the same facts: they are said anew.
            opening = next_opening(opening)
        file = _keep(workspace, made, opening=opening)
    if not same:
        erased = max(says.rows - rows, 0)
        replaces = Replaced(entry=last, erased=erased)
        record(workspace, [_entry(says, file, replaces)], late=True)
    erased = _rows_of(kept.path) - rows
    remove_kept(workspace.places.baselines, kept.sha256)
    return erased


def _remove_unnamed(workspace: Workspace, kept: KeptFile) -> None:
    """Remove a file that no entry commits to: whoever kept it was killed before it said so."""
    # By the one writer: who is about to say so looks, by such a transaction, whether the file is there.
    with workspace.store.transaction():
        if _entry_of(_entries(workspace), kept) is None:
            remove_kept(workspace.places.baselines, kept.sha256)


def _entries(workspace: Workspace) -> dict[int, BaselineEntry]:
    """Give the baselines of the log, by the index of their entry."""
    return {
        one.index: one.says
        for one in public_entries(workspace, BaselineEntry.STREAM)
        if isinstance(one.says, BaselineEntry)
    }


def _entry_of(entries: Mapping[int, BaselineEntry], kept: KeptFile) -> int | None:
    """Give the entry that commits to a file, or None."""
    return next((index for index, says in entries.items() if commits_to(says, kept)), None)


def _following(entries: Mapping[int, BaselineEntry], index: int) -> int | None:
    """Give the entry that replaces the baseline of another, or None."""
    return next(
        (
            other
            for other, says in entries.items()
            if says.replaces is not None and says.replaces.entry == index
        ),
        None,
    )


def _entry(says: BaselineEntry, kept: KeptFile, replaces: Replaced) -> BaselineEntry:
    return BaselineEntry.of(
        _named(kept), opening=kept.opening, claimed_by=says.claimed_by, replaces=replaces
    )


def commits_to(says: BaselineEntry, kept: KeptFile) -> bool:
    """Tell whether an entry commits to a file, whose bytes are not hashed again.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        says.check_file(_named(kept), opening=kept.opening)
    except VerificationError:
        return False
    return True


def _named(kept: KeptFile) -> BaselineFile:
    return BaselineFile(sha256=kept.sha256, size=kept.size, rows=_rows_of(kept.path))


def _keep(workspace: Workspace, made: Path, *, opening: bytes) -> KeptFile:
    """Keep a file in the vault for good."""
    folder = workspace.places.baselines
    with keeping(folder, made, opening=opening) as kept:
        name = kept.sha256
    found = read_kept(folder, name)
    if found is None:
        raise UnavailableError(
            f"`{name}` was kept in `{folder}`, and is not there",
            code="store/missing",
            hint="end whatever else changes the vault",
        )
    return found


def _file_of(path: Path, *, opening: bytes) -> KeptFile:
    return KeptFile(
        path=path, sha256=digest_file(path), size=path.stat().st_size, opening=opening
    )


@contextmanager
def _written(
    workspace: Workspace, source: Path, members: Collection[MemberId], *, mark: bytes
) -> Iterator[Path]:
    """Write a file without some members aside, for as long as the block lasts."""
    folder = workspace.places.baselines
    make_private_folder(folder)
    aside = folder / _WITHOUT
    try:
        try:
            aside.unlink(missing_ok=True)
            os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _ONLY_OWNER))
            _write_without(aside, source, members, mark)
            yield aside
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise unreachable(aside, error) from error


def _write_without(
    target: Path, source: Path, members: Collection[MemberId], mark: bytes
) -> None:
    """Write a file without some members; the same file without the same members has the same bytes."""
    try:
        with pq.ParquetFile(source) as file:
            groups = file.num_row_groups
            kind = file.metadata.row_group(0).column(0).compression if groups else "SNAPPY"
            kind = "NONE" if kind == "UNCOMPRESSED" else kind
            schema = file.schema_arrow
            schema = schema.with_metadata({**(schema.metadata or {}), _KEY: mark})
            with pq.ParquetWriter(target, schema, compression=kind) as writer:
                for group in range(groups):
                    table = file.read_row_group(group)
                    rest = table.filter(pc.invert(_theirs(table.column(_MEMBER), members)))
                    rest = rest.replace_schema_metadata(schema.metadata)
                    writer.write_table(rest, row_group_size=max(rest.num_rows, 1))
    except pa.ArrowException as error:
        raise _unreadable(source) from error


def _mark(opening: bytes) -> bytes:
    """Give what stands in a file so that no two are alike: what is left of two may be the same facts, or none."""
    return hmac.digest(opening, _MARK, "sha256").hex().encode()


def _members_of(path: Path) -> Iterator[pa.Array]:
    """Give the members of a file's facts, some at a time, whether they are written in words or in numbers."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=[_MEMBER]):
                column = batch.column(0)
                if pa.types.is_dictionary(column.type):
                    column = column.cast(column.type.value_type)
                yield column
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path) from error


def _theirs(
    column: pa.Array | pa.ChunkedArray, members: Collection[MemberId]
) -> pa.Array | pa.ChunkedArray:
    """Tell of each row whether it is of one of the members; a fact of the platform is nobody's."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    text = not pa.types.is_integer(kind)
    wanted = [one for one in members if isinstance(one, str) is text]
    return pc.is_in(column.cast(kind), value_set=pa.array(wanted, kind), skip_nulls=True)


def _rows_of(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> InputError:
    return InputError(
        "the facts of a baseline cannot be read",
        code="facts/unreadable",
        hint="put the vault back from its backup",
        where=Where(file=str(path)),
    )
