# SPDX-License-Identifier: Apache-2.0
"""Check the releases of a workspace: whether log, files, index and key speak of the same (docs/keeping.md).

Every file of every release that has not ended is hashed again, its members' tags are put together again, its papers are
verified, and what is private of it has a row for each of its rows. Nothing is changed, and all is told that is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from privity.app.releases.state.places import ReleasePlaces, making
from privity.app.releases.state.register import STREAMS, read_register
from privity.app.releases.state.signing import read_signer
from privity.app.releases.state.states import Register, ReleaseState
from privity.app.workspace.parts import Workspace, opened_parts
from privity.entries.dsse import key_id_of
from privity.errors import PrivityError, VerificationError
from privity.ledger.ports import Stored
from privity.release.members_again import check_members
from privity.release.opened import ReadRelease, check_release, read_release
from privity.release.papers.writing import check_papers
from privity.release.parties import check_parties
from privity.store.files import unreachable
from privity.store.releases import IndexedRelease, open_releases

_NOTHING = Register(size=0, releases={}, runs={}, models={})
_PUBLIC = b'{"i":'
_NAMED = tuple(f'"s":"{name}","t":'.encode() for name in STREAMS)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedReleases:
    """What a check of releases found.

    Attributes:
        releases: How many the log has.
        busy: Those that something is made or taken back from, and that were not looked at.
        problems: What is wrong, in the order in which it was found.
    """

    releases: int
    busy: tuple[str, ...]
    problems: tuple[PrivityError, ...]


def check_releases(root: Path, *, threads: int = 2) -> CheckedReleases:
    """Check all releases of a workspace.

    Args:
        root: The workspace.
        threads: How many files are read at once.

    Raises:
        InputError: It is no workspace, or its settings cannot be read.
        UnavailableError: A part is missing or cannot be opened.
    """
    with opened_parts(root, look=True) as workspace:
        return _Check(workspace=workspace, threads=threads).run()


@dataclass(kw_only=True, slots=True)
class _Check:
    """A check, and what it found."""

    workspace: Workspace
    threads: int
    problems: list[PrivityError] = field(default_factory=list)

    def run(self) -> CheckedReleases:
        register = _NOTHING
        with self._told("the register"):
            register = self._register()
        releases = register.releases
        busy = tuple(
            sorted(path.stem for path in making(self.workspace.places.root).glob("*.lock"))
        )
        indexed = self._indexed()
        for state in releases.values():
            if state.name not in busy and state.ended is None:
                self._release(state, indexed.pop(state.name, None))
            else:
                indexed.pop(state.name, None)
        if register is not _NOTHING:
            self._strangers(register, {*indexed} - {*busy}, busy)
        return CheckedReleases(releases=len(releases), busy=busy, problems=tuple(self.problems))

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Take down what is wrong, and go on with the next."""
        try:
            yield
        except PrivityError as error:
            if str(error) not in {str(one) for one in self.problems}:
                self.problems.append(error)
        except OSError as error:
            self.problems.append(unreachable(Path(error.filename or what), error))
        except ValueError as error:
            self._wrong(f"{what}: {error}")

    def _wrong(self, why: str, hint: str | None = None) -> None:
        self.problems.append(VerificationError(why, code="workspace/release", hint=hint))

    def _register(self) -> Register:
        # Not by the projection: whoever checks changes nothing.
        store = self.workspace.store
        size = store.head().size
        said = ((one.place, one.data) for one in store.entries(0, size) if _is_of_releases(one))
        return read_register(said, origin=self.workspace.settings.origin, size=size)

    def _indexed(self) -> dict[str, IndexedRelease]:
        """Give what the index has; nothing where it cannot be read, which is told."""
        path, found = self.workspace.places.release_index, dict[str, IndexedRelease]()
        # One that is empty would be made anew.
        if not path.exists() or not path.stat().st_size:
            return found
        with self._told("the index"):
            index = open_releases(path, origin=self.workspace.settings.origin, look=True)
            try:
                with self._told("the index"):
                    index.check_home()
                for name in index.names():
                    if (one := index.get(name)) is not None:
                        found[name] = one
            finally:
                index.close()
        return found

    def _release(self, state: ReleaseState, indexed: IndexedRelease | None) -> None:
        places = ReleasePlaces.of(self.workspace.places, state.name)
        if not places.folder.root.exists():
            self._wrong(
                f"release `{state.name}` is in the log, and its folder is not there",
                "put it back from where it was copied to, or end it",
            )
            return
        what = f"release `{state.name}`"
        with self._told(what):
            self._key(state)
        with self._told(what):
            read = read_release(places.folder.root)
            self._agrees(state, read)
            check_release(read, threads=self.threads)
            self._members(read)
            check_papers(places.folder.root, read.described)
            self._private(state, read, places, indexed)

    def _key(self, state: ReleaseState) -> None:
        path, key = self.workspace.places.release_signer, state.created.says.key
        former = self.workspace.places.former_release_signer(key_id_of(key))
        if read_signer(path).public != key and not (
            former.exists() and read_signer(former).public == key
        ):
            self._wrong(
                f"`{path}` is not the key that the entry of release `{state.name}` names, and no former one is",
                "put that key back from a backup",
            )

    def _agrees(self, state: ReleaseState, read: ReadRelease) -> None:
        described = read.described
        theirs = (described.origin, described.created, described.says, described.index)
        ours = (
            self.workspace.settings.origin,
            state.created.says,
            state.newest.says,
            state.newest.index,
        )
        if theirs != ours:
            self._wrong(
                f"`{read.folder.root}` is revision {described.revision} of release `{described.name}`, and the log has "
                f"revision {state.revision} of release `{state.name}` in its place",
                "do not use it; put the newest revision back",
            )

    def _members(self, read: ReadRelease) -> None:
        folder, content = read.folder, read.described.content
        check_members(
            folder.members,
            folder.salt.read_bytes(),
            count=content.members,
            root=content.members_root,
            files=[line.path for line in read.manifest.lines],
            table=folder.table,
        )

    def _private(
        self,
        state: ReleaseState,
        read: ReadRelease,
        places: ReleasePlaces,
        indexed: IndexedRelease | None,
    ) -> None:
        """What is private of it has a row for each row, and the index knows its files."""
        for line in read.manifest.lines:
            check_parties(places.private, places.folder.table, line.path)
        if indexed is None:
            self._wrong(
                f"the index `{self.workspace.places.release_index}` lacks release `{state.name}`",
                "put the newest index back from a backup",
            )
            return
        named = sorted(one.name for one in indexed.files if one.name is not None)
        if indexed.revision != state.revision or named != [
            line.path for line in read.manifest.lines
        ]:
            self._wrong(
                f"the index is of revision {indexed.revision} of release `{state.name}`, and the log of "
                f"{state.revision}, or it has other files",
                "put the newest index back from a backup",
            )

    def _strangers(self, register: Register, indexed: set[str], busy: tuple[str, ...]) -> None:
        """What lies there and is in no log."""
        places = self.workspace.places
        for folder in (places.root / "releases", places.release_vault):
            for path in sorted(folder.glob("[!.]*")):
                if path.name not in register.releases and path.name not in busy:
                    self._wrong(f"`{path}` is there, and no entry of the log speaks of it")
        for name in sorted(indexed):
            self._wrong(f"the index has release `{name}`, and no entry of the log speaks of it")


def _is_of_releases(one: Stored) -> bool:
    """Tell from its bytes whether an entry may be of one of the streams; what it says is read after."""
    return one.data.startswith(_PUBLIC) and any(name in one.data for name in _NAMED)
