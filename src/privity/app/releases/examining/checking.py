# SPDX-License-Identifier: Apache-2.0
"""Check the releases of a workspace: whether log, files, index and key speak of the same (docs/keeping.md).

Every file of every release that has not ended is hashed again, its members' tags are put together again, its papers are
verified, and what is private of it is held to all that. So is what entries name by its hash, of ended releases too. What
no entry commits to is said to be unread. Nothing is changed, and all is told that is found. Where something is said of
releases meanwhile, or begins to be done with one, what looks wrong is looked at once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from privity.app.releases.examining.kept import Kept, put_back
from privity.app.releases.examining.rows import RowsChecker, log_of
from privity.app.releases.examining.verifying import held_files
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import STREAMS, read_register
from privity.app.releases.state.signing import read_signer
from privity.app.releases.state.states import Register, ReleaseState
from privity.app.releases.state.steady import ATTEMPTS, at_work, how_far
from privity.app.workspace.parts import Workspace, opened_parts, reread
from privity.audit.evidence import Said
from privity.entries.clearing import CommittedClearing
from privity.entries.decode import PublicEntry, decode
from privity.entries.dsse import key_id_of
from privity.errors import InputError, PrivityError, VerificationError
from privity.ledger.recover import opened, read_served
from privity.release.members_again import check_members
from privity.release.opened import ReadRelease, check_release, read_release
from privity.release.papers.writing import check_papers
from privity.store.files import unreachable
from privity.store.releases import IndexedRelease, open_releases

_NOTHING = Register(size=0, releases={}, runs={}, models={})
_PUBLIC = b'{"i":'
_COPY: Final = "put it back from a copy of the release, or end it"


_THREADS: Final = 2
"""How many files are read at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedReleases:
    """What a check of releases found.

    Attributes:
        releases: How many the log has.
        looked: How many of them were looked at: all but the busy ones.
        busy: Those that something is made or taken back from, and that were not looked at.
        lacking: What is not there and may never have been, in sentences.
        unread: The files of releases and runs that were not looked at, since no entry commits to them, by their paths in
            the workspace.
        problems: What is wrong, in the order in which it was found.
    """

    releases: int
    looked: int
    busy: tuple[str, ...]
    lacking: tuple[str, ...]
    unread: tuple[str, ...]
    problems: tuple[PrivityError, ...]


def check_releases(root: Path) -> CheckedReleases:
    """Check all releases of a workspace.

    Args:
        root: The workspace.

    Raises:
        InputError: It is no workspace, or its settings cannot be read.
        UnavailableError: A part is missing or cannot be opened.
    """
    with opened_parts(root, look=True) as workspace:
        for _attempt in range(ATTEMPTS - 1):
            before = how_far(workspace)
            found = _Check(workspace=reread(workspace)).run()
            if not found.problems or how_far(workspace) == before:
                return found
        return _Check(workspace=reread(workspace)).run()


@dataclass(kw_only=True, slots=True)
class _Check:
    """A check, and what it found."""

    workspace: Workspace
    problems: list[PrivityError] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    manifests: dict[str, str] = field(default_factory=dict)
    kept: Kept = field(init=False)
    rows: RowsChecker = field(init=False)

    def __post_init__(self) -> None:
        self.kept = Kept(workspace=self.workspace, tell=self._tell)

    def run(self) -> CheckedReleases:
        register = _NOTHING
        with self._told("the register"):
            register = self._register()
        self.rows = RowsChecker(workspace=self.workspace, log=log_of(self.workspace, self.said))
        releases = register.releases
        busy = at_work(self.workspace)
        indexed = self._indexed()
        for state in releases.values():
            known = indexed.pop(state.name, None)
            if state.name not in busy:
                self._evidence(state)
                if state.ended is None:
                    self._release(state, known)
        for run in register.runs.values():
            self.kept.journal(run)
        if register is not _NOTHING:
            self._strangers(register, {*indexed} - {*busy}, busy)
        return CheckedReleases(
            releases=len(releases),
            looked=len(releases.keys() - {*busy}),
            busy=busy,
            lacking=tuple(self.kept.lacking),
            unread=tuple(self._unread(busy)),
            problems=tuple(self.problems),
        )

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Take down what is wrong, and go on with the next."""
        try:
            yield
        except InputError as error:
            # Nobody gave it: what lies there is not as it must be.
            self._tell(
                VerificationError(error.message, code=error.code, hint=_COPY, where=error.where)
            )
        except PrivityError as error:
            self._tell(error)
        except FileNotFoundError as error:
            self._wrong(f"`{error.filename or what}` is not there", _COPY)
        except OSError as error:
            self._tell(unreachable(Path(error.filename or what), error))
        except ValueError as error:
            self._wrong(f"{what}: {error}")

    def _tell(self, error: PrivityError) -> None:
        if str(error) not in {str(one) for one in self.problems}:
            self.problems.append(error)

    def _wrong(self, why: str, hint: str | None = None) -> None:
        self.problems.append(VerificationError(why, code="workspace/release", hint=hint))

    def _register(self) -> Register:
        # Not by the projection: whoever checks changes nothing.
        store = self.workspace.store
        size = store.head().size
        origin, of_releases = self.workspace.settings.origin, list[tuple[int, bytes]]()
        for one in store.entries(0, size):
            if not one.data.startswith(_PUBLIC):
                continue
            entry = decode(one.data, origin=origin)
            if isinstance(entry, PublicEntry):
                self.said.append(Said(entry=one.place, time=entry.event.time, says=entry.says))
                if isinstance(entry.says, CommittedClearing):
                    self.manifests[entry.says.clearing] = entry.says.manifest
                if entry.event.stream in STREAMS:
                    of_releases.append((one.place, one.data))
        return read_register(of_releases, origin=origin, size=size)

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

    def _evidence(self, state: ReleaseState) -> None:
        """What was said of a release, which is kept after its end too."""
        places = ReleasePlaces.of(self.workspace.places, state.name)
        if state.ended is None or places.cleared.exists():
            self.kept.cleared(state, places, self.manifests)
        self.kept.attested(state, places)
        self.kept.taken_back(state, places)

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
            check_release(read, threads=_THREADS)
            self._members(read)
            check_papers(places.folder.root, read.described)
            self.kept.looked |= held_files(read)
            self.kept.proved(state, read, self._published())
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
        """What is private of it is what its table and its members say, and the index knows its files."""
        self.kept.leaves(state, places)
        tags = self.rows.tags(read)
        for line in read.manifest.lines:
            self.kept.hold(
                places.private / line.path,
                put_back(places),
                partial(self.rows.check, read, places, line, tags),
            )
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

    def _published(self) -> int:
        """Give how many entries the public tree serves."""
        served = read_served(self.workspace.log.tree)
        found = opened(self.workspace.log, served, what="checkpoint")
        return 0 if found is None else found.size

    def _unread(self, busy: tuple[str, ...]) -> Iterator[str]:
        """What lies there and was not looked at; what is being changed is none."""
        places = self.workspace.places
        for folder in (places.root / "releases", places.release_vault, places.run_journals):
            for path in sorted(folder.rglob("*")):
                parts = path.relative_to(folder).parts
                hidden = any(part.startswith(".") for part in parts)
                if (
                    path.is_file()
                    and not hidden
                    and parts[0] not in busy
                    and path not in self.kept.looked
                ):
                    yield path.relative_to(places.root).as_posix()

    def _strangers(self, register: Register, indexed: set[str], busy: tuple[str, ...]) -> None:
        """What lies there and is in no log."""
        places = self.workspace.places
        for folder in (places.root / "releases", places.release_vault):
            for path in sorted(folder.glob("[!.]*")):
                if path.name not in register.releases and path.name not in busy:
                    self._wrong(f"`{path}` is there, and no entry of the log speaks of it")
        for name in sorted(indexed):
            self._wrong(f"the index has release `{name}`, and no entry of the log speaks of it")
