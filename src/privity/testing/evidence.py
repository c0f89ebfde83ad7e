# SPDX-License-Identifier: Apache-2.0
"""Evidence in memory: a made log, made facts and made rows, for tests of what audits answer.

Entries stand in the order of their times, as in a log that happened; nothing is encoded or signed but what is attested.
What is decided from it means what it means in a workspace: what was recorded later than it was true is the controller's
claim ([CLM-2]), and claims are accepted unless the log restricts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, Literal

import pyarrow as pa

from privity.audit.evidence import COLUMNS, AuditedLog, Gap, Mismatch, Rows, Said, Told
from privity.audit.known import given_of, told_of
from privity.canonical.encode import digest, encode
from privity.canonical.instants import Instant, format_instant
from privity.decide.request import Record
from privity.entries.attested import AttestedEntry, Evidence, Statement, attest, attester_of
from privity.entries.claims import Claim, ClaimedVersion, Given
from privity.entries.clearing import CommittedClearing, Inputs, PreparedClearing
from privity.entries.fact import FactEntry, entry_of
from privity.entries.genesis import GenesisEntry
from privity.entries.kinds import PublicKind
from privity.entries.policy import PolicyEntry
from privity.entries.release import Content, CreatedRelease, RevisedRelease
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.note import Signer
from privity.members.facts import Fact, MemberId
from privity.policy.model import Version
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.worlds import IdKind

ORIGIN: Final = "made.example/ledger/simulated"
"""The name of every made log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeRelease:
    """A revision of a release, with the rows that are in it.

    Attributes:
        release: Its name.
        time: When it was entered, and what led to it.
        files: The records of each file.
        purpose: What it may be used for.
        recipient: Who may get it.
        at: The instant of use that its clearing asked about; None is `time`.
        revision: Which revision; later ones need what revision 1 says no more.
        ledger_size: The entries that it heeds; None is all before it.
        cleared: Whether the entries of its clearing stand before it; revision 1 only.
        records: How many records the clearing was asked about; None is as many as it permits.
        expires_at: When it ends by itself.
        gone: Whether its rows were deleted since.
    """

    release: str
    time: Instant
    files: Sequence[Sequence[Record]]
    purpose: str = "genai-training"
    recipient: str = "self"
    at: Instant | None = None
    revision: int = 1
    ledger_size: int | None = None
    cleared: bool = True
    records: int | None = None
    expires_at: Instant | None = None
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class MadeEvidence:
    """Evidence that a test made.

    Attributes:
        log: The log.
        gaps: What is said not to be there.
        everything: What entries tell of members and of the platform, in order.
        versions: Versions that were published, by the index of their entries.
        texts: Versions that are claimed, likewise.
        attested: What claims count as.
        made: The revisions, by name and number.
        mismatches: Where what lies there is not what entries commit to.
    """

    log: AuditedLog
    gaps: tuple[Gap, ...]
    everything: tuple[Told, ...] = field(repr=False)
    versions: tuple[tuple[int, Version], ...] = field(repr=False)
    texts: tuple[tuple[int, ClaimedVersion], ...] = field(repr=False)
    attested: Literal["restrict", "accept"]
    made: Mapping[tuple[str, int], tuple[Rows, ...]] = field(repr=False)
    mismatches: tuple[Mismatch, ...] = ()

    def told(self, members: Collection[MemberId] | None, size: int) -> Iterator[Told]:
        """Give what the first entries tell of members, and of the accounts merged into them."""
        facts = (one for one in self.everything if one.fact.member is not None)
        yield from told_of((one for one in facts if one.entry < size), members)

    def given(self, members: Collection[MemberId] | None, size: int) -> Given:
        """Give what decisions rest on after the first entries."""
        platform = (one for one in self.everything if one.fact.member is None)
        return given_of(
            [*(one for one in platform if one.entry < size), *self.told(members, size)],
            [version for entry, version in self.versions if entry < size],
            [text for entry, text in self.texts if entry < size],
            accept=self.attested == "accept",
        )

    def revisions(self, release: str) -> tuple[int, ...]:
        """Give the revisions of a release of which rows are here."""
        return tuple(sorted(number for name, number in self.made if name == release))

    def rows(
        self, release: str, revision: int, columns: Collection[str] = COLUMNS
    ) -> Iterator[Rows]:
        """Give the rows of a revision, file by file."""
        names = [one for one in COLUMNS if one in columns]
        for rows in self.made.get((release, revision), ()):
            yield replace(rows, table=rows.table.select(names))

    def entry_of(self, says: PublicKind) -> int:
        """Give the index of the first entry that says this."""
        return next(one.entry for one in self.log.public if one.says == says)


def made_evidence(
    *,
    versions: Iterable[Version | Mapping[str, Any]] = (),
    facts: Iterable[Fact] = (),
    claims: Iterable[Claim] = (),
    texts: Iterable[ClaimedVersion] = (),
    releases: Iterable[MadeRelease] = (),
    says: Iterable[tuple[Instant, PublicKind]] = (),
    attested: Literal["restrict", "accept"] = "accept",
    gaps: Iterable[Gap] = (),
    ids: IdKind = "string",
    origin: str = ORIGIN,
) -> MadeEvidence:
    """Make evidence of things that happened, in the order of their times.

    At one instant versions come first, then facts, claims, what else is said, in the order given, and releases.

    Args:
        versions: Versions of one policy, published at their `published_at`; mappings as `version_from` reads them.
        facts: Facts of members and the platform, each entered at its `recorded_at`.
        claims: Facts that somebody claims.
        texts: Versions that somebody claims.
        releases: Releases; entries of their clearings are made too.
        says: Further public entries, with their times: hand-overs, runs, takings back.
        attested: What claims count as.
        gaps: What is said not to be there.
        ids: The kind of ids in rows.
        origin: The log's name.
    """
    given = list(versions)
    written = {
        one["version"]: encode(dict(one)) for one in given if not isinstance(one, Version)
    }
    made = [one if isinstance(one, Version) else version_from(one) for one in given]
    found: list[tuple[Instant, object]] = [
        *((one.published_at, one) for one in made),
        *((one.entered, one) for one in texts),
        *((one.recorded_at, one) for one in facts),
        *((one.entered, one) for one in claims),
        *says,
        *((one.time, one) for one in releases),
    ]
    found.sort(key=lambda pair: pair[0])
    log = _Log(origin=origin, attested=attested, ids=ids, versions=made, written=written)
    for time, one in found:
        log.enter(time, one)
    return log.evidence(tuple(gaps))


def rows_of(records: Sequence[Record], ids: IdKind = "string") -> pa.Table:
    """Make a table of records as the rows of releases have it (`audit.evidence.Rows`)."""
    kind = pa.string() if ids == "string" else pa.int64()
    lists = pa.list_(kind)
    return pa.table(
        {
            "record_id": pa.array([one.record_id for one in records], kind),
            "category": pa.array([one.category for one in records], pa.string()),
            "created_at": pa.array([one.created_at for one in records], pa.int64()),
            "author": pa.array([one.author for one in records], kind),
            "recipients": pa.array([list(one.recipients) for one in records], lists),
            "capacity": pa.array([one.capacity for one in records], pa.string()),
            "quotes": pa.array([list(one.quotes) for one in records], lists),
        }
    )


class _Log:
    """A log that is being made."""

    def __init__(
        self,
        *,
        origin: str,
        attested: Literal["restrict", "accept"],
        ids: IdKind,
        versions: Sequence[Version],
        written: Mapping[str, bytes],
    ) -> None:
        self._origin = origin
        self._attested = attested
        self._ids = ids
        self._policy = history(versions)
        self._written = written
        self._signer = Signer(name=origin, seed=sha256(origin.encode()).digest())
        self._size = 0
        self._public: list[Said] = []
        self._lines: list[bytes] = []
        self._told: list[Told] = []
        self._versions: list[tuple[int, Version]] = []
        self._claimed: list[tuple[int, ClaimedVersion]] = []
        self._texts: dict[str, bytes] = {}
        self._rows: dict[tuple[str, int], tuple[Rows, ...]] = {}

    def enter(self, time: Instant, one: object) -> None:
        """Enter something that happened."""
        if not self._size:
            self._say(
                time,
                GenesisEntry(
                    origin=self._origin,
                    vkey=self._signer.vkey.to_text(),
                    clock="simulated",
                    attested=self._attested,
                    vocabulary="1",
                ),
            )
        match one:
            case Version():
                self._versions.append((self._size, one))
                self._say(time, self._policy_entry(one))
            case ClaimedVersion():
                self._claimed.append((self._size, one))
                said = self._policy_entry(one.version)
                self._say(time, self._attest(one.by, one.version.published_at, said))
            case Fact():
                self._tell(time, one, by=self._by(time, one))
            case Claim():
                self._tell(time, one.fact, by=one.by, claimed=True)
            case MadeRelease():
                self._release(one)
            case _:
                self._say(time, one)  # type: ignore[arg-type]  # the rest are public kinds

    def evidence(self, gaps: tuple[Gap, ...]) -> MadeEvidence:
        """Give what was made."""
        root = sha256(b"".join(self._lines)).digest()
        if not self._size:
            root = sha256(b"").digest()
        log = AuditedLog(
            checkpoint=Checkpoint(origin=self._origin, size=self._size, root=root),
            signed_by=(self._signer.vkey.to_text(),),
            given=True,
            public=tuple(self._public),
            private=self._size - len(self._public),
            texts=self._texts,
        )
        return MadeEvidence(
            log=log,
            gaps=gaps,
            everything=tuple(self._told),
            versions=tuple(self._versions),
            texts=tuple(self._claimed),
            attested=self._attested,
            made=self._rows,
        )

    def _by(self, time: Instant, fact: Fact) -> str | None:
        """Give who claims a fact that entered by itself: the controller, of what was true before."""
        if fact.at >= time:
            return None
        return self._versions[-1][1].controller if self._versions else self._origin

    def _say(self, time: Instant, says: PublicKind) -> None:
        self._public.append(Said(entry=self._size, time=time, says=says))
        self._lines.append(encode([time, says.STREAM, says.to_payload()]))
        self._size += 1

    def _tell(
        self, time: Instant, fact: Fact, *, by: str | None, claimed: bool = False
    ) -> None:
        self._told.append(Told(entry=self._size, fact=fact, entered=time, by=by))
        says = entry_of(fact)
        if isinstance(says, FactEntry):
            self._lines.append(encode([time, says.to_payload(), by]))
            self._size += 1
        elif claimed:
            self._say(time, self._attest(str(by), fact.recorded_at, says))
        else:
            self._say(time, says)

    def _attest(self, by: str, claimed_at: Instant, says: Any) -> AttestedEntry:
        seed = sha256(by.encode()).digest()
        statement = Statement(
            origin=self._origin,
            attester=attester_of(by, seed),
            claimed_at=claimed_at,
            evidence=Evidence(sha256=digest(by.encode())),
            says=says,
        )
        return attest(statement, seed)

    def _policy_entry(self, version: Version) -> PolicyEntry:
        # A version that was given as one has no text of its own: this names it.
        named = (
            f"policy: {version.policy}\nversion: '{version.version}'\n"
            f"effective_at: {format_instant(version.effective_at)}\n"
        )
        text = self._written.get(version.version, named.encode())
        name = digest(text)
        self._texts[name] = text
        return PolicyEntry(
            policy=version.policy,
            version=version.version,
            effective_at=version.effective_at,
            sha256=name,
            size=len(text),
        )

    def _release(self, made: MadeRelease) -> None:
        at = made.time if made.at is None else made.at
        size = self._size if made.ledger_size is None else made.ledger_size
        force = self._policy.known(made.time).in_force(at)
        tables = [rows_of(records, self._ids) for records in made.files]
        files = tuple(
            Rows(
                release=made.release,
                revision=made.revision,
                file=f"part-{number:06}.parquet",
                sha256=digest(repr(table.to_pylist()).encode()),
                table=table,
            )
            for number, table in enumerate(tables)
        )
        if not made.gone:
            self._rows[made.release, made.revision] = files
        content = _content(files)
        if made.revision > 1:
            self._say(
                made.time,
                RevisedRelease(
                    release=made.release,
                    revision=made.revision,
                    ledger_size=size,
                    content=content,
                    revocation=f"{made.release}-{made.revision}",
                ),
            )
            return
        clearing = f"{made.release}-clearing"
        asked: dict[str, Any] = {
            "purpose": made.purpose,
            "recipient": made.recipient,
            "ledger_size": size,
            "policy": None if force is None else force.policy,
            "version": None if force is None else force.version,
        }
        if made.cleared:
            self._say(made.time, PreparedClearing(clearing=clearing, at=at, **asked))
            self._say(
                made.time,
                CommittedClearing(
                    clearing=clearing,
                    at=at,
                    **asked,
                    inputs=Inputs.of([content.manifest]),
                    records=content.rows if made.records is None else made.records,
                    permitted=content.rows,
                    manifest=content.manifest,
                ),
            )
        self._say(
            made.time,
            CreatedRelease(
                release=made.release,
                clearing=clearing,
                **asked,
                content=content,
                key=attester_of(made.release, sha256(made.release.encode()).digest()).key,
                expires_at=made.expires_at,
            ),
        )


def _content(files: Sequence[Rows]) -> Content:
    """Say what is in a release; its roots are of the right length and of nothing else."""
    names = encode([[one.file, one.sha256] for one in files])
    people = {
        one
        for rows in files
        for row in rows.table.select(["author", "recipients"]).to_pylist()
        for one in (row["author"], *row["recipients"])
        if one is not None
    }
    return Content(
        files=len(files),
        size=sum(one.table.nbytes for one in files),
        rows=sum(one.table.num_rows for one in files),
        files_root=sha256(b"files" + names).digest(),
        members=len(people),
        members_root=sha256(b"members" + names).digest(),
        manifest=digest(names),
        columns=digest(b"made"),
    )
