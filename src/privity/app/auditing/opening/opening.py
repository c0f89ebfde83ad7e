# SPDX-License-Identifier: Apache-2.0
"""Open the evidence of an audit: a workspace, or the public tree of a log (specs/audit.md, part 1).

Nothing is taken from what a workspace made for its own use, its projection, its index of releases: entries come from
the log, verified from its first to its last, and whatever lies beside it is held to them. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import takewhile
from pathlib import Path
from typing import Final

import pyarrow as pa

from privity.app.auditing.opening.baselines import Baseline, open_baselines
from privity.app.auditing.opening.gaps import closed, not_shown, releases_of, replaced, unread
from privity.app.auditing.opening.holding import HeldReleases, hold_releases
from privity.app.auditing.opening.log import ReadLog, read_log
from privity.app.auditing.opening.payloads import Opened, open_payloads
from privity.app.auditing.opening.rows import Revision
from privity.app.auditing.opening.sets import ShownSet, open_sets
from privity.app.workspace.parts import read_settings
from privity.app.workspace.places import Places
from privity.app.workspace.recording import key_name
from privity.audit.evidence import COLUMNS, AuditedLog, Gap, Mismatch, Rows, Told
from privity.audit.known import accounts_into, claimed_late, given_after
from privity.audit.rules import Rules, read_rules
from privity.audit.sets import SET
from privity.canonical.encode import digest_file
from privity.entries.claims import Given
from privity.entries.decode import PublicEntry, decode
from privity.entries.erasure import ErasureBatchEntry
from privity.entries.release import CreatedRelease, ReleaseEntry, RevisedRelease
from privity.entries.revocation import DoneRevocation
from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.members.facts import MemberId, as_number
from privity.store.keys import Keys, open_keys
from privity.store.sqlite import SqliteLog, open_log

Progress = Callable[[str, int, int], None]
"""Told of each stage, how far it came, and how far it has to come; 0 where that is not known."""


_ATTEMPTS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedEvidence:
    """Evidence from a workspace or a public tree.

    Attributes:
        read: The log.
        rules: What its public entries say.
        opened: What its private entries say; of nobody, where they are not shown.
        baselines: The baselines whose files are here.
        held: The revisions of releases whose rows are here, by name.
        shown: Sets that became no release, by the names of their clearings.
        gaps: What was not shown, or could not be believed.
        mismatches: Where what lies there is not what entries commit to.
    """

    read: ReadLog
    rules: Rules
    opened: Opened = field(repr=False)
    baselines: tuple[Baseline, ...] = ()
    held: dict[str, tuple[Revision, ...]] = field(default_factory=dict)
    shown: Mapping[str, ShownSet] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def sets(self) -> tuple[str, ...]:
        """The names of the clearings whose sets are shown."""
        return tuple(sorted(self.shown))

    @property
    def log(self) -> AuditedLog:
        """The log."""
        return self.read.log

    def told(self, members: Collection[MemberId] | None, size: int) -> Iterator[Told]:
        """Give what the first entries tell of members, and of the accounts merged into them; None is of all."""
        accounts = None
        asked: dict[str, MemberId] = {}
        if members is not None:
            # An id is answered as it was asked: a number may be written as text elsewhere.
            asked = {str(one): one for one in members}
            accounts = accounts_into(asked, self._merges(size))
        numbers = self._numbers
        yield from claimed_late(
            (_asked(one, asked, numbers=numbers) for one in self._told(accounts, size)),
            self.rules.controller(size),
        )

    def told_in_columns(self, kinds: Collection[str], size: int) -> Iterator[pa.Table]:
        """Give what `told(None, size)` gives of some kinds of facts, in columns (`audit.columns`)."""
        numbers = self._numbers
        controller = self.rules.controller(size)
        yield self.opened.facts.in_columns(kinds, size, controller=controller, numbers=numbers)
        for one in self.baselines:
            if one.at.entry < size:
                yield from one.in_columns(kinds, numbers=numbers)

    def given(self, members: Collection[MemberId] | None, size: int) -> Given:
        """Give what decisions rest on after the first entries."""
        return given_after(
            self.rules, size, members=self.told(members, size), platform=self._platform()
        )

    def revisions(self, release: str) -> tuple[int, ...]:
        """Give the revisions of a release of which rows are here."""
        if release.removeprefix(SET) in self.shown and release.startswith(SET):
            return (1,)
        return tuple(one.says.revision for one in self.held.get(release, ()))

    def rows(
        self, release: str, revision: int, columns: Collection[str] = COLUMNS
    ) -> Iterator[Rows]:
        """Give the rows of a revision, file by file in the order of the manifest."""
        if release.startswith(SET):
            yield from self.shown[release.removeprefix(SET)].read(columns)
        for one in self.held.get(release, ()):
            if one.says.revision == revision:
                yield from one.read(columns)

    @property
    def _numbers(self) -> bool:
        """Whether all members' ids are whole numbers; else all are text."""
        return self.opened.numbers and all(one.numbers for one in self.baselines)

    def _told(self, accounts: frozenset[str] | None, size: int) -> Iterator[Told]:
        """Give what is told, in the order of entries."""
        told = merge(
            self.opened.facts.of(accounts),
            *(one.of(accounts) for one in self.baselines if one.at.entry < size),
            key=lambda one: one.entry,
        )
        yield from takewhile(lambda one: one.entry < size, told)

    def _platform(self) -> Iterator[Told]:
        yield from self.opened.facts.of_platform()
        for baseline in self.baselines:
            yield from baseline.of_platform()

    def _merges(self, size: int) -> Iterator[tuple[str, str]]:
        for entry, source, target in self.opened.facts.merges():
            if entry < size:
                yield source, target
        for baseline in self.baselines:
            if baseline.at.entry < size:
                yield from baseline.merges()


def open_evidence(
    place: str | Path,
    vkeys: tuple[str, ...] = (),
    *,
    sets: Sequence[Path] = (),
    progress: Progress | None = None,
) -> OpenedEvidence:
    """Open what there is to audit.

    Args:
        place: A workspace, a public tree in a folder, or the address of one.
        vkeys: The keys of the log to believe, as text or as names of files; none: those that the log says are its own.
        sets: Folders of sets that were cleared on this ledger and became no release.
        progress: Told of how far it came.

    Raises:
        InputError: There is no such folder, or a key, a text, a set or a file of facts is none.
        ConflictError: A part of the workspace is of another log.
        VerificationError: The log does not hold.
        UnavailableError: Something cannot be read.
    """
    tell = progress or (lambda _stage, _done, _all: None)
    read = read_log(str(place), vkeys, progress=lambda done, every: tell("log", done, every))
    rules = read_rules(read.log)
    root = Path(place)
    if Places(root).settings.is_file():
        evidence = _workspace(Places(root), read, rules, tell)
    else:
        evidence = _public(read, rules)
    shown, gaps = open_sets(sets, read.log)
    return replace(evidence, shown=shown, gaps=(*evidence.gaps, *gaps))


def _public(read: ReadLog, rules: Rules) -> OpenedEvidence:
    """Give what anybody may know of a log."""
    gaps = (*unread(read.log), *not_shown(read.log, rules))
    return OpenedEvidence(read=read, rules=rules, opened=Opened(), gaps=gaps)


def _workspace(places: Places, read: ReadLog, rules: Rules, tell: Progress) -> OpenedEvidence:
    settings, checkpoint = read_settings(places.root), read.log.checkpoint
    if settings.origin != checkpoint.origin:
        raise VerificationError(
            f"the workspace is of the log `{settings.origin}`, and its public tree of `{checkpoint.origin}`",
            code="audit/other-log",
        )
    with opened_vault(places, settings.origin) as (store, keys):
        erased, later = _erased(read.log), _later(store, checkpoint)

        def hold() -> tuple[Opened, HeldReleases]:
            opened = Opened(closed=read.log.private)
            if store is not None and keys is not None:
                opened = open_payloads(
                    store,
                    keys,
                    read.private,
                    origin=settings.origin,
                    size=checkpoint.size,
                    progress=lambda done: tell("facts", done, read.log.private),
                )
            return opened, hold_releases(
                places,
                read.log,
                rules,
                lambda member: None if keys is None else _secret(keys, member),
                keyless=bool(erased or opened.ended or opened.closed),
                ahead=_releases(later) | _unfinished(places, read.log),
                progress=_counted(tell, "releases", _rows(read.log)),
            )

        for _attempt in range(_ATTEMPTS - 1):
            gone = _gone(store)
            opened, releases = hold()
            # What was read may be of an entry that came meanwhile, or of who was erased.
            before, later = later, _later(store, checkpoint)
            same = (_releases(later), _gone(store)) == (_releases(before), gone)
            if same or not releases.mismatches:
                break
        else:
            opened, releases = hold()
    baselines, missing = open_baselines(places.baselines, rules.baselines)
    gaps = [
        *unread(read.log),
        *closed(opened, max(erased, opened.ended)),
        *missing,
        *releases.gaps,
    ]
    if later:
        what = (
            f"{len(later):,} entries after the last that is published, which nobody has signed"
        )
        gaps.append(Gap(kind="not-bound", what=what))
    return OpenedEvidence(
        read=read,
        rules=rules,
        opened=opened,
        baselines=baselines,
        held=releases.revisions,
        gaps=(*gaps, *replaced(rules)),
        mismatches=tuple(releases.mismatches),
    )


@contextmanager
def opened_vault(places: Places, origin: str) -> Iterator[tuple[SqliteLog | None, Keys | None]]:
    """Open the database of payloads and that of keys, as far as they are here."""
    with ExitStack() as opened:
        store = keys = None
        if places.log.exists():
            store = open_log(places.log, origin=origin, look=True)
            opened.callback(store.close)
        if places.keys.exists():
            keys = open_keys(places.keys, origin=origin, look=True)
            opened.callback(keys.close)
        yield store, keys


def _later(store: SqliteLog | None, checkpoint: Checkpoint) -> list[object]:
    """Give what is said by entries that are not published yet; nothing of it is believed."""
    found: list[object] = []
    if store is None:
        return found
    for one in store.entries(checkpoint.size, store.head().size):
        entry = decode(one.data, origin=checkpoint.origin)
        found.append(entry.says if isinstance(entry, PublicEntry) else None)
    return found


def _gone(store: SqliteLog | None) -> tuple[object, ...]:
    """Give of whom nothing is left, and of whom nothing is to be left."""
    return () if store is None else (store.vault.ending(), store.vault.erasures)


def _releases(said: Sequence[object]) -> set[str]:
    """Give the names of the releases that something is said of."""
    return {one.release for one in said if isinstance(one, ReleaseEntry)}


def _unfinished(places: Places, log: AuditedLog) -> set[str]:
    """Give the releases that are of the revision before the newest, which nobody says is done yet."""
    done = {one.says.revocation for one in log.public if isinstance(one.says, DoneRevocation)}
    said: dict[str, list[CreatedRelease | RevisedRelease]] = {}
    for _, says in releases_of(log):
        said.setdefault(says.release, []).append(says)
    found = set()
    for release, revisions in said.items():
        newest = revisions[-1]
        begun = isinstance(newest, RevisedRelease) and newest.revocation not in done
        if begun and len(revisions) > 1:
            manifest = places.root / "releases" / release / "files.jsonl"
            with suppress(OSError):
                if digest_file(manifest) == revisions[-2].content.manifest:
                    found.add(release)
    return found


def _secret(keys: Keys, member: str) -> bytes | None:
    """Give the key of a member's stream, by the text of her id."""
    number = as_number(member)
    names = [key_name(member), *([] if number is None else [key_name(number)])]
    return next(iter(keys.secrets(names).values()), None)


def _counted(tell: Progress, stage: str, every: int) -> Callable[[int], None]:
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        tell(stage, done, every)

    return more


def _rows(log: AuditedLog) -> int:
    newest = {says.release: says.content.rows for _, says in releases_of(log)}
    return sum(newest.values())


def _erased(log: AuditedLog) -> int:
    return sum(one.says.count for one in log.public if isinstance(one.says, ErasureBatchEntry))


def _asked(told: Told, asked: Mapping[str, MemberId], *, numbers: bool) -> Told:
    """Give what is told of a member under the id that was asked about; else as all ids are."""
    mine = told.fact.member
    if mine is None:
        return told
    member = asked.get(str(mine), mine if numbers else str(mine))
    if type(member) is type(mine):
        return told
    return replace(told, fact=replace(told.fact, member=member))
