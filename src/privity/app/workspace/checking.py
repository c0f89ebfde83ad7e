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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace.checking_vault import look_at_baselines, look_at_vault
from privity.app.workspace.findings import Findings
from privity.app.workspace.opening import check_agreement
from privity.app.workspace.parts import Workspace, opened_parts, reread
from privity.app.workspace.projecting import differing
from privity.app.workspace.vault_comparing import VaultState, compare_vault
from privity.app.workspace.vault_reading import VaultReader
from privity.canonical.encode import digest
from privity.entries.envelope import parse_event
from privity.entries.whole import WholeLog
from privity.errors import PrivityError
from privity.ledger.note import Note, verify
from privity.ledger.ports import CHECKPOINT, VKEY, NotFoundError
from privity.ledger.recover import last_signed, opened, read_served, walk
from privity.ledger.tiles import NO_EDGE, Tile
from privity.store.lock import PATIENCE, locked

Advance = Callable[[str, int], None]
"""Told of a stage, and of how many more entries were checked in it."""

DATABASE: Final = "database"
TREE: Final = "tree"
STAGES: Final[Mapping[str, str]] = {DATABASE: "database and vault", TREE: "public tree"}
"""The stages, each with what it is called to people."""

_ATTEMPTS: Final = 3
_DAMAGED: Final = "ledger/damaged"
_PROJECTION: Final = "workspace/projection"
_PUBLIC: Final = "workspace/public"


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
    findings: Findings = field(init=False)
    size: int = 0
    published: int = 0
    notes: int = 0
    baselines: int = 0
    state: VaultState | None = None
    opens: bool = False
    # By stage, how many it told of.
    told: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.findings = Findings(root=self.workspace.places.root)

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
            with self.findings.told():
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
            problems=tuple(self.findings.problems),
        )

    def take_back(self) -> None:
        """Let all be to do again."""
        for stage, count in self.told.items():
            self.advance(stage, -count)

    def _advance(self, stage: str, count: int) -> None:
        self.told[stage] += count
        self.advance(stage, count)

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
            self.findings.wrong(
                f"it has {head.size} entries, and a note that was signed for {max(roots)}",
                code=_DAMAGED,
            )
        made = walk(store, NO_EDGE, head.size, roots=roots, visit=visit)
        if made.peaks() != head.peaks:
            self.findings.wrong(
                "the entries of the database do not make its head", code=_DAMAGED
            )
        for entry in store.entries(head.size - 1, head.size):
            if parse_event(entry.data).time != head.time:
                self.findings.wrong(
                    "the head has another time than the newest entry", code=_DAMAGED
                )
        if newest is not None and newest.size:
            whole.finish(verify(Note.parse(newest.note), workspace.log.vkeys))
        self.state = compare_vault(workspace, reader.tally)
        problems = len(self.findings.problems)
        look_at_vault(workspace, self.state, self.findings)
        self.opens = len(self.findings.problems) == problems
        for name, one in sorted(reader.tally.objects.items()):
            if store.object(name) is None:
                self.findings.wrong(
                    f"the {one.noun} `{name}` that entry {one.index} names is not in the database"
                )
        self.baselines = look_at_baselines(workspace, reader.tally.baselines, self.findings)

    def _roots(self) -> dict[int, bytes]:
        """Open every signed note; gives the roots that the entries have to make on their way."""
        roots: dict[int, bytes] = {}
        for at, note in self.workspace.store.vault.notes():
            with self.findings.told():
                signed = opened(
                    self.workspace.log, note, what=f"note that was signed for {at} entries"
                )
                if signed is None or signed.size != at:
                    self.findings.wrong(
                        f"the note that was signed for {at} entries is of others",
                        code=_DAMAGED,
                    )
                elif at:
                    roots[at] = signed.root
            self.notes += 1
        return roots

    def _projection(self) -> None:
        """The rows that decisions are made from are what the log comes to; of a vault that does not hold they cannot be."""
        if not self.opens:
            return
        other = differing(self.workspace)
        if other is not None:
            path = self.workspace.places.projection
            self.findings.wrong(
                f"`{path}` has other rows than the log comes to, the first of {other}: decisions since "
                "may have been made from them",
                code=_PROJECTION,
                hint=f"remove `{path}`, or run `privity ledger repair DIR`: it is made anew",
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
            self.findings.wrong(
                f"`{places.public / CHECKPOINT}` is of {self.published} entries, and {anchor.size} were published",
                code=_PUBLIC,
                hint="run `privity ledger publish DIR`",
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
            self.findings.wrong(
                f"`{places.public / VKEY}` does not list the keys that sign",
                code=_PUBLIC,
                hint="run `privity ledger publish DIR`",
            )

    def _objects(self) -> None:
        """Every public object has its hash, and the tree has those that are published."""
        store, missing = self.workspace.store, []
        for name, data in store.objects(0):
            if digest(data) != name:
                self.findings.wrong(f"the object `{name}` has another hash", code=_PUBLIC)
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
        self.findings.wrong(f"`object/sha256/{name}` is not in the public tree", code=_PUBLIC)
