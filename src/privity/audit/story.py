# SPDX-License-Identifier: Apache-2.0
"""What a log says of releases, in the order in which it says it (specs/audit.md, part 3).

A log that a platform wrote as it liked is read to its end: what does not follow from what stands before it is kept, as
something that is found, and nothing here raises.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from privity.audit.evidence import AuditedLog, Said
from privity.canonical.instants import Instant
from privity.entries.clearing import CommittedClearing
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.model import ModelEntry
from privity.entries.release import CreatedRelease, EndedRelease, RevisedRelease
from privity.entries.revocation import (
    DoneRevocation,
    DueRevocation,
    NotifiedRevocation,
    RevocationAck,
)
from privity.entries.run import RunEnd, RunStart


@dataclass(kw_only=True, slots=True)
class HandOver:
    """A hand-over, and what became of it.

    Attributes:
        entry: The index of its entry.
        time: Its time.
        says: What it says.
        acknowledged: The entry by which its recipient acknowledged it, or None.
        failed: The entry that says that it failed, or None.
    """

    entry: int
    time: Instant
    says: HandedOver
    acknowledged: int | None = None
    failed: int | None = None

    @property
    def out(self) -> bool:
        """Whether the recipient may have the copy."""
        return self.acknowledged is not None or self.failed is None


@dataclass(kw_only=True, slots=True)
class Taking:
    """Something that is to be taken back, and how far it has come.

    Attributes:
        entry: The index of its entry.
        time: Its time.
        says: What it says.
        done: The entry and time at which the platform's own copy was without it, or None.
        acks: For each recipient that attested: the entry and time of the first attestation.
    """

    entry: int
    time: Instant
    says: DueRevocation
    done: tuple[int, Instant] | None = None
    acks: dict[str, tuple[int, Instant]] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class Run:
    """A run.

    Attributes:
        entry: The index of its entry.
        time: Its time.
        says: What it says.
        end: The entry and time of its end, or None.
    """

    entry: int
    time: Instant
    says: RunStart
    end: tuple[int, Instant] | None = None


@dataclass(kw_only=True, slots=True)
class Release:
    """A release, and everything that was made of it, each in the order of the log.

    Attributes:
        entry: The index of the entry that created it.
        time: Its time.
        says: What it says.
        clearing: Its clearing's entry, time and words; None where no entry before it committed that.
        revised: Its later revisions, by number: the index, the time and what it says.
        ended: The entry and time of its end, or None.
        hand_overs: Its hand-overs.
        takings: What is taken back from it.
        runs: The runs that read it.
    """

    entry: int
    time: Instant
    says: CreatedRelease
    clearing: tuple[int, Instant, CommittedClearing] | None
    revised: dict[int, tuple[int, Instant, RevisedRelease]] = field(default_factory=dict)
    ended: tuple[int, Instant] | None = None
    hand_overs: list[HandOver] = field(default_factory=list)
    takings: list[Taking] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    @property
    def revision(self) -> int:
        """Its newest revision."""
        return max(self.revised, default=self.says.revision)

    @property
    def newest(self) -> int:
        """The entry of its newest revision."""
        return self.revised[self.revision][0] if self.revised else self.entry

    def entered(self, revision: int) -> int | None:
        """Give the entry of a revision, or None where there is none."""
        if revision == self.says.revision:
            return self.entry
        found = self.revised.get(revision)
        return None if found is None else found[0]

    def rows(self, revision: int) -> int:
        """Give how many records a revision has, by its entry."""
        if revision == self.says.revision:
            return self.says.content.rows
        return self.revised[revision][2].content.rows

    def files_root(self, revision: int) -> bytes:
        """Give the root over the files of a revision, by its entry."""
        if revision == self.says.revision:
            return self.says.content.files_root
        return self.revised[revision][2].content.files_root

    def live(self, at: Instant) -> bool:
        """Tell whether it is to be used at an instant, by the whole log."""
        over = self.says.expires_at is not None and self.says.expires_at <= at
        return not over and (self.ended is None or self.ended[1] > at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Astray:
    """An entry that names what no entry before it made, or makes what is there already.

    Attributes:
        entry: Its index.
        what: What it is, in words.
        release: The release that it is about, or None.
        revision: Its revision, or None.
        twice: Whether it gives a name a second time.
    """

    entry: int
    what: str
    release: str | None = None
    revision: int | None = None
    twice: bool = False


@dataclass(kw_only=True, slots=True)
class Story:
    """What a log says of releases.

    Attributes:
        releases: The releases, by name, in order.
        hand_overs: The hand-overs, by name, in order.
        takings: What is taken back, by name, in order.
        runs: The runs, by name, in order.
        models: The models, by name, with their entries.
        clearings: The sets that were committed, by name: entry, time and what is said.
        astray: What does not follow from what stands before it.
        times: The indices and times of public entries, in order.
    """

    releases: dict[str, Release] = field(default_factory=dict)
    hand_overs: dict[str, HandOver] = field(default_factory=dict)
    takings: dict[str, Taking] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)
    clearings: dict[str, tuple[int, Instant, CommittedClearing]] = field(default_factory=dict)
    astray: list[Astray] = field(default_factory=list)
    times: list[tuple[int, Instant]] = field(default_factory=list)

    @property
    def end(self) -> Instant:
        """The time of the newest public entry."""
        return self.times[-1][1] if self.times else 0


def story_of(log: AuditedLog) -> Story:
    """Read a log from its first public entry to its last."""
    story = Story()
    for said in log.public:
        story.times.append((said.entry, said.time))
        _add(story, said)
    return story


def _add(story: Story, said: Said) -> None:
    match said.says:
        case CommittedClearing() as says:
            story.clearings.setdefault(says.clearing, (said.entry, said.time, says))
        case CreatedRelease() as says:
            _create(story, said, says)
        case RevisedRelease() | EndedRelease() as says:
            _change(story, said, says)
        case HandedOver() as says:
            _hand_over(story, said, says)
        case AcknowledgedDisclosure() | FailedDisclosure() as says:
            _after_hand_over(story, said, says)
        case DueRevocation() as says:
            _due(story, said, says)
        case DoneRevocation() | NotifiedRevocation() | RevocationAck() as says:
            _after_due(story, said, says)
        case RunStart() as says:
            _begin(story, said, says)
        case RunEnd() | ModelEntry() as says:
            _after_run(story, said, says)
        case _:
            pass


def _named(story: Story, said: Said, kind: str, name: str, among: dict[str, Any]) -> bool:
    """Tell whether a name is free; where it is not, that is found."""
    if name not in among:
        return True
    what = f"the entry gives the name of {kind} `{name}` a second time"
    release = name if kind == "release" else None
    _nothing(story, said, what, release, twice=True)
    return False


def _nothing(
    story: Story,
    said: Said,
    what: str,
    release: str | None = None,
    revision: int | None = None,
    *,
    twice: bool = False,
) -> None:
    story.astray.append(
        Astray(entry=said.entry, what=what, release=release, revision=revision, twice=twice)
    )


def _create(story: Story, said: Said, says: CreatedRelease) -> None:
    if not _named(story, said, "release", says.release, story.releases):
        return
    clearing = story.clearings.get(says.clearing)
    if clearing is None:
        what = f"release `{says.release}` is of a set that no entry before it committed"
        _nothing(story, said, what, says.release, says.revision)
    story.releases[says.release] = Release(
        entry=said.entry, time=said.time, says=says, clearing=clearing
    )


def _change(story: Story, said: Said, says: RevisedRelease | EndedRelease) -> None:
    release = story.releases.get(says.release)
    if isinstance(says, EndedRelease):
        if release is None:
            what = f"release `{says.release}` is ended, and no entry before it made it"
            _nothing(story, said, what, says.release)
        else:
            release.ended = release.ended or (said.entry, said.time)
        return
    if release is None or says.revision > release.revision + 1:
        what = f"revision {says.revision} of release `{says.release}` follows no revision before it"
        _nothing(story, said, what, says.release, says.revision)
    if release is None:
        return
    if says.revision <= release.revision:
        what = f"revision {says.revision} of release `{says.release}` is entered a second time"
        _nothing(story, said, what, says.release, says.revision, twice=True)
        return
    release.revised[says.revision] = (said.entry, said.time, says)
    taking = story.takings.get(says.revocation)
    if taking is None or taking.says.release != says.release or taking.done is not None:
        what = (
            f"revision {says.revision} of release `{says.release}` is of taking back "
            f"`{says.revocation}`, and no entry before it made it due of this release and not yet done"
        )
        _nothing(story, said, what, says.release, says.revision)


def _hand_over(story: Story, said: Said, says: HandedOver) -> None:
    if not _named(story, said, "hand-over", says.disclosure, story.hand_overs):
        return
    made = HandOver(entry=said.entry, time=said.time, says=says)
    story.hand_overs[says.disclosure] = made
    release = story.releases.get(says.release)
    if release is None or release.entered(says.revision) is None:
        what = (
            f"revision {says.revision} of release `{says.release}` is handed over, and no entry "
            "before it made it"
        )
        _nothing(story, said, what, says.release, says.revision)
    if release is not None:
        release.hand_overs.append(made)


def _after_hand_over(
    story: Story, said: Said, says: AcknowledgedDisclosure | FailedDisclosure
) -> None:
    held = story.hand_overs.get(says.disclosure)
    if held is None:
        what = f"hand-over `{says.disclosure}` is spoken of, and no entry before it made it"
        _nothing(story, said, what)
    elif isinstance(says, AcknowledgedDisclosure):
        held.acknowledged = said.entry if held.acknowledged is None else held.acknowledged
    else:
        held.failed = said.entry if held.failed is None else held.failed


def _due(story: Story, said: Said, says: DueRevocation) -> None:
    if not _named(story, said, "taking back", says.revocation, story.takings):
        return
    made = Taking(entry=said.entry, time=said.time, says=says)
    story.takings[says.revocation] = made
    release = story.releases.get(says.release)
    if release is None or release.entered(says.revision) is None:
        what = (
            f"records of revision {says.revision} of release `{says.release}` are due, and no "
            "entry before it made it"
        )
        _nothing(story, said, what, says.release, says.revision)
    if release is not None:
        release.takings.append(made)


def _after_due(
    story: Story, said: Said, says: DoneRevocation | NotifiedRevocation | RevocationAck
) -> None:
    held = story.takings.get(says.revocation)
    if held is None:
        what = f"taking back `{says.revocation}` is spoken of, and no entry before it made it"
        _nothing(story, said, what)
    elif isinstance(says, DoneRevocation):
        if _taken_back(story, held.says, says):
            held.done = held.done or (said.entry, said.time)
        else:
            what = (
                f"taking back `{says.revocation}` is said to be done by revision {says.revision} of release "
                f"`{says.release}`, which no entry before it made of it"
            )
            _nothing(story, said, what, says.release, says.revision)
    elif isinstance(says, RevocationAck):
        held.acks.setdefault(says.recipient, (said.entry, said.time))


def _taken_back(story: Story, due: DueRevocation, says: DoneRevocation) -> bool:
    """Tell whether a revision was made of a taking back, later than the one that it is due of."""
    release = story.releases.get(due.release)
    made = None if release is None else release.revised.get(says.revision)
    later = says.release == due.release and says.revision > due.revision
    return later and made is not None and made[2].revocation == says.revocation


def _begin(story: Story, said: Said, says: RunStart) -> None:
    if not _named(story, said, "run", says.run, story.runs):
        return
    made = Run(entry=said.entry, time=said.time, says=says)
    story.runs[says.run] = made
    for name, revision in says.releases:
        release = story.releases.get(name)
        if release is None or release.entered(revision) is None:
            what = (
                f"a run begins on revision {revision} of release `{name}`, and no entry before "
                "it made it"
            )
            _nothing(story, said, what, name, revision)
        if release is not None:
            release.runs.append(made)
    if says.base is not None and says.base not in story.models:
        what = f"a run goes on from model `{says.base}`, which no entry before it made"
        _nothing(story, said, what)


def _after_run(story: Story, said: Said, says: RunEnd | ModelEntry) -> None:
    held = story.runs.get(says.run)
    if held is None:
        what = f"run `{says.run}` is spoken of, and no entry before it began it"
        _nothing(story, said, what)
    if isinstance(says, ModelEntry):
        if says.base is not None and says.base not in story.models:
            what = f"model `{says.model}` is made of model `{says.base}`, which no entry before it made"
            _nothing(story, said, what)
        if _named(story, said, "model", says.model, story.models):
            story.models[says.model] = said.entry
    elif held is not None:
        held.end = held.end or (said.entry, said.time)
