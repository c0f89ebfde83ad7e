# SPDX-License-Identifier: Apache-2.0
"""Check a whole workspace: database, public tree, anchor, vault and baselines, to the last byte (docs/workspace.md).

Every entry is hashed again, every signed root compared, every tile made anew; every private payload is opened and
compared with its entry, every stream counted, and the projection made anew aside and compared. Nothing is changed, and all is told that is found. What the
tree shows to somebody outside is said by `ledger verify`, which is a part of this.

Others go on meanwhile. What they record is left to the next check: every stage begins with what it looks for, and
looks at what it is looked for in afterwards. Where somebody was erased, or a key was exchanged, what looks wrong may have been
both before and after it, and is looked at once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace.baseline_erasing import commits_to
from privity.app.workspace.mending import Range, less, ranges
from privity.app.workspace.opening import check_agreement
from privity.app.workspace.parts import Workspace, opened_parts, reread
from privity.app.workspace.projecting import differing
from privity.app.workspace.vault_comparing import VaultState, compare_vault
from privity.app.workspace.vault_reading import VaultReader
from privity.canonical.encode import digest, digest_file
from privity.entries.baseline import BaselineEntry
from privity.entries.envelope import parse_event
from privity.entries.whole import WholeLog
from privity.errors import ConflictError, PrivityError, VerificationError
from privity.ledger.note import Note, verify
from privity.ledger.ports import CHECKPOINT, VKEY, NotFoundError
from privity.ledger.recover import last_signed, opened, read_served, walk
from privity.ledger.tiles import NO_EDGE, Tile
from privity.store.baselines import read_kept
from privity.store.files import unreachable
from privity.store.lock import PATIENCE, locked

Advance = Callable[[str, int], None]
"""Told of a stage, and of how many more entries were checked in it."""

DATABASE: Final = "database"
TREE: Final = "tree"
STAGES: Final[Mapping[str, str]] = {DATABASE: "database and vault", TREE: "public tree"}
"""The stages, each with what it is called to people."""

_ATTEMPTS: Final = 3
_MOST_NAMED: Final = 5
_VAULT: Final = "put back the vault's backup"
_GONE: Final = (
    "keep all files as they are, and look for them in the backups of database and vault"
)
_REPAIR: Final = "run `privity ledger repair DIR`"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        origin: The name of the log.
        size: How many entries the database has.
        published: How many of them the served checkpoint speaks for.
        notes: How many signed notes it has, each compared with the entries.
        private: How many entries are of private streams.
        payloads: How many of their payloads are there, open, and are what was committed to.
        lost: How many entries have lost theirs, as is marked.
        public: How many entries each public stream has.
        keys: How many streams have a key: the members', and the platform's own.
        baselines: How many baselines stand, with their files.
        problems: What is wrong, in the order in which it was found; nothing where everything holds.
    """

    origin: str
    size: int
    published: int
    notes: int
    private: int
    payloads: int
    lost: int
    public: Mapping[str, int]
    keys: int
    baselines: int
    problems: tuple[PrivityError, ...]


def check_workspace(root: Path, *, advance: Advance | None = None) -> Checked:
    """Check everything.

    Args:
        root: The workspace.
        advance: Told of how far it came.

    Raises:
        InputError: It is no workspace, or its settings cannot be read.
        UnavailableError: A part is missing or cannot be opened.
    """
    advance = advance or (lambda _stage, _count: None)
    with opened_parts(root, look=True) as workspace:
        for _attempt in range(_ATTEMPTS - 1):
            check = _Check(workspace=reread(workspace), advance=advance)
            before = _changing(check.workspace)
            found = check.run()
            if not found.problems or _changing(reread(workspace)) == before:
                return found
            check.take_back()
        return _Check(workspace=reread(workspace), advance=advance).run()


def _changing(workspace: Workspace) -> tuple[object, ...]:
    """What makes of something that held something that does not look so: keys that were exchanged, and what went."""
    store = workspace.store
    vault = store.vault
    vkeys = tuple(signer.vkey for signer in workspace.signers)
    return vkeys, workspace.log.vkeys, store.lost(), vault.ending(), vault.erasures


@dataclass(kw_only=True, slots=True)
class _Check:
    """A check, and what it found."""

    workspace: Workspace
    advance: Advance
    problems: list[PrivityError] = field(default_factory=list)
    size: int = 0
    published: int = 0
    notes: int = 0
    baselines: int = 0
    state: VaultState | None = None
    opens: bool = False
    # By stage, how many it told of.
    told: Counter[str] = field(default_factory=Counter)

    def run(self) -> Checked:
        workspace, store = self.workspace, self.workspace.store
        self.size = store.head().size
        for look in (
            store.check_home,
            workspace.keys.check_home,
            self._agreement,
            self._database,
            self._projection,
            self._served,
            self._tree,
            self._objects,
        ):
            with self._told():
                look()
        state = self.state
        return Checked(
            origin=workspace.settings.origin,
            size=self.size,
            published=self.published,
            notes=self.notes,
            private=0 if state is None else state.entries,
            payloads=0 if state is None else state.payloads,
            lost=sum(end - first for first, end in store.lost()),
            public={} if state is None else dict(sorted(state.public.items())),
            keys=sum(len(some) for some in workspace.keys.members()),
            baselines=self.baselines,
            problems=tuple(self.problems),
        )

    def take_back(self) -> None:
        """Let all be to do again."""
        for stage, count in self.told.items():
            self.advance(stage, -count)

    def _advance(self, stage: str, count: int) -> None:
        self.told[stage] += count
        self.advance(stage, count)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Take down what is wrong, and go on with the next."""
        try:
            yield
        except PrivityError as error:
            self._tell(error)
        except OSError as error:
            self._tell(unreachable(Path(error.filename or self.workspace.places.root), error))

    def _tell(self, error: PrivityError) -> None:
        seen = {(one.code, one.message) for one in self.problems}
        if (error.code, error.message) not in seen:
            self.problems.append(error)

    def _wrong(self, message: str, code: str = "workspace/vault", hint: str = _REPAIR) -> None:
        self._tell(VerificationError(message, code=code, hint=hint))

    def _agreement(self) -> None:
        check_agreement(self.workspace)

    def _database(self) -> None:
        """Every entry, every signed root, every private payload."""
        workspace, store = self.workspace, self.workspace.store
        whole = WholeLog(workspace.settings.origin)
        # In this order: no note speaks for more than the head that is read after it has.
        newest = last_signed(workspace.log)
        roots = self._roots()
        head = store.head()
        self.size = head.size
        reader = VaultReader(workspace)

        def visit(
            first: int, entries: Sequence[bytes], full: Sequence[tuple[Tile, bytes]]
        ) -> None:
            del full
            whole.add(first, entries)
            reader.add(first, entries)
            self._advance(DATABASE, len(entries))

        if any(size > head.size for size in roots):
            self._wrong(
                f"it has {head.size} entries, and a note that was signed for {max(roots)}",
                "ledger/damaged",
            )
        made = walk(store, NO_EDGE, head.size, roots=roots, visit=visit)
        if made.peaks() != head.peaks:
            self._wrong("the entries of the database do not make its head", "ledger/damaged")
        for entry in store.entries(head.size - 1, head.size):
            if parse_event(entry.data).time != head.time:
                self._wrong("the head has another time than the newest entry", "ledger/damaged")
        if newest is not None and newest.size:
            whole.finish(verify(Note.parse(newest.note), workspace.log.vkeys))
        self.state = compare_vault(workspace, reader.tally)
        self._vault(self.state)
        for name, one in sorted(reader.tally.objects.items()):
            if store.object(name) is None:
                self._wrong(
                    f"the {one.noun} `{name}` that entry {one.index} names is not in the database"
                )
        self._baselines(reader.tally.baselines)

    def _roots(self) -> dict[int, bytes]:
        """Open every signed note; gives the roots that the entries have to make on their way."""
        roots: dict[int, bytes] = {}
        for at, note in self.workspace.store.vault.notes():
            with self._told():
                signed = opened(
                    self.workspace.log, note, what=f"note that was signed for {at} entries"
                )
                if signed is None or signed.size != at:
                    self._wrong(
                        f"the note that was signed for {at} entries is of others",
                        "ledger/damaged",
                    )
                elif at:
                    roots[at] = signed.root
            self.notes += 1
        return roots

    def _vault(self, state: VaultState) -> None:
        vault, problems = self.workspace.store.vault, len(self.problems)
        known = self.workspace.store.lost()
        missing = less(ranges(state.lost), known)
        ending = {*vault.ending()}
        not_erased = {*state.erased} - ending
        for one in state.unopened[:_MOST_NAMED]:
            self._wrong(f"the private payload of entry {one.index} is worth nothing: {one.why}")
        if len(state.unopened) > _MOST_NAMED:
            self._wrong(f"{len(state.unopened)} private payloads are worth nothing")
        if lost := sum(end - first for first, end in missing):
            self._wrong(
                f"{lost} private payloads are missing and not marked as lost, the first of entry "
                f"{missing[0][0]}"
            )
        self._unexplained(state, known)
        for stream, number in state.gaps[:_MOST_NAMED]:
            self._wrong(
                f"no entry is number {number} of stream {stream}, and later ones are there",
                hint="keep all files as they are",
            )
        if state.streams:
            self._wrong(
                f"{len(state.streams)} streams are not where the log says that they are"
            )
        if state.links:
            self._wrong(
                f"{len(state.links)} private payloads do not lead to the one before them"
            )
        if not_erased:
            self._wrong(f"{len(not_erased)} members who were erased are there again")
        if ending and not self._being_erased():
            self._wrong(
                f"the erasure of {len(ending)} members was cut short",
                hint="run `privity ledger publish DIR`: every command finishes it first",
            )
        self.opens = len(self.problems) == problems

    def _being_erased(self) -> bool:
        """Whether a process is at it; the lock of one that was killed is free."""
        try:
            with locked(self.workspace.places.erasing):
                return False
        except ConflictError:
            return True

    def _unexplained(self, state: VaultState, known: Sequence[Range]) -> None:
        """Whoever said what is not there any more was erased, as the log says, or it is marked as lost."""
        bare = less(less(ranges(state.bare), known), ranges(state.lost))
        count = sum(end - first for first, end in bare)
        # A key that was lost goes with payloads that are marked; whose they were nobody can tell any more.
        lost = sum(end - first for first, end in known)
        if count and not state.erasures:
            self._wrong(
                f"{count} private entries have no payload, the first entry {bare[0][0]}: the log says of nobody "
                "who was erased, and nothing marks them as lost",
                hint=_GONE,
            )
        elif count and state.keyless > state.erasures + lost:
            self._wrong(
                f"{state.keyless} streams have no key, and the log says of {state.erasures} that they were erased: "
                f"among the {count} private entries without a payload are those of others",
                hint=_GONE,
            )

    def _projection(self) -> None:
        """The rows that decisions are made from are what the log comes to; of a vault that does not hold they cannot be."""
        if not self.opens:
            return
        other = differing(self.workspace)
        if other is not None:
            path = self.workspace.places.projection
            self._wrong(
                f"`{path}` has other rows than the log comes to, the first of {other}: decisions since "
                "may have been made from them",
                "workspace/projection",
                f"remove `{path}`, or run `privity ledger repair DIR`: it is made anew",
            )

    def _served(self) -> None:
        """What is served is what was published last, which the anchor has."""
        log, places = self.workspace.log, self.workspace.places
        anchor = opened(log, log.anchor.read(), what="anchor")
        self.published = self._published()
        if anchor is not None and self.published < anchor.size:
            # Whoever publishes writes the anchor first.
            with locked(places.lock, seconds=PATIENCE):
                self.published = self._published()
        if anchor is not None and self.published < anchor.size:
            self._wrong(
                f"`{places.public / CHECKPOINT}` is of {self.published} entries, and {anchor.size} were published",
                "workspace/public",
                "run `privity ledger publish DIR`",
            )

    def _published(self) -> int:
        log = self.workspace.log
        served = opened(log, read_served(log.tree), what="checkpoint of the public tree")
        return 0 if served is None else served.size

    def _tree(self) -> None:
        """What anybody could verify, and that the keys are those that sign."""
        log, places = self.workspace.log, self.workspace.places
        if read_served(log.tree) is None:
            return
        tree = open_tree(str(places.public), tuple(vkey.to_text() for vkey in log.vkeys))
        done = 0

        def told(now: int, total: int) -> None:
            nonlocal done
            del total
            self._advance(TREE, now - done)
            done = now

        verify_tree(tree, progress=told)
        vkeys = "".join(f"{signer.vkey.to_text()}\n" for signer in self.workspace.signers)
        if log.tree.read(VKEY) != vkeys.encode():
            self._wrong(
                f"`{places.public / VKEY}` does not list the keys that sign",
                "workspace/public",
                "run `privity ledger publish DIR`",
            )

    def _objects(self) -> None:
        """Every public object has its hash, and the tree has those that are published."""
        store, missing = self.workspace.store, []
        for name, data in store.objects(0):
            if digest(data) != name:
                self._wrong(f"the object `{name}` has another hash", "workspace/public")
            if (there := self._object(name)) is None:
                missing.append(name)
            elif there != data:
                self._not_there(name)
        # In this order: once all is published that the head has, all of these are.
        size = store.head().size
        if missing and self._published() >= size:
            for name in missing:
                if self._object(name) is None:
                    self._not_there(name)

    def _object(self, name: str) -> bytes | None:
        try:
            return self.workspace.log.tree.read(f"object/sha256/{name}")
        except NotFoundError:
            return None

    def _not_there(self, name: str) -> None:
        self._wrong(f"`object/sha256/{name}` is not in the public tree", "workspace/public")

    def _baselines(self, entries: Mapping[int, BaselineEntry]) -> None:
        """Every baseline that stands has its file, as it was; those that were replaced have none."""
        replaced = {
            says.replaces.entry for says in entries.values() if says.replaces is not None
        }
        standing = {index: says for index, says in entries.items() if index not in replaced}
        folder = self.workspace.places.baselines
        for path in sorted(folder.glob("[!.]*.parquet")):
            with self._told():
                secret = path.with_suffix(".opening")
                if not secret.exists():
                    # Then its entry, which it opens, is named as one without a file.
                    self._wrong(f"`{secret}` is not there", "workspace/baseline", _VAULT)
                    continue
                kept = read_kept(folder, path.stem)
                if kept is None:
                    continue
                index = next(
                    (at for at, says in entries.items() if commits_to(says, kept)), None
                )
                if index is None:
                    continue
                if index in replaced:
                    self._wrong(
                        f"`{kept.path}` is there, and members were erased from it by a later entry",
                        "workspace/baseline",
                    )
                elif digest_file(kept.path) != kept.sha256:
                    self._wrong(
                        f"`{kept.path}` was changed",
                        "workspace/baseline",
                        _VAULT,
                    )
                else:
                    standing.pop(index)
                    self.baselines += 1
        for index in standing:
            self._wrong(
                f"the file of the baseline of entry {index} is not in the vault, as it was",
                "workspace/baseline",
                _VAULT,
            )
