# SPDX-License-Identifier: Apache-2.0
"""What the public entries of a verified log say that decisions rest on (specs/audit.md, part 1).

A version is the text whose SHA-256 its entry has, published when that was entered, whatever the text says of itself.
What happened before its entry is claimed by who entered it ([CLM-2]), and what this version of the program does not
know is read as a no where it may have been one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from privity.audit.evidence import AuditedLog, Told
from privity.canonical.encode import digest
from privity.canonical.instants import Instant
from privity.entries.attested import AttestedEntry
from privity.entries.baseline import BaselineEntry
from privity.entries.claims import ClaimedVersion
from privity.entries.fact import platform_fact
from privity.entries.genesis import GenesisEntry
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.entries.recipient import RecipientEntry
from privity.errors import VerificationError
from privity.policy.model import Version
from privity.policy.parse import parse_policy


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineAt:
    """A baseline, and where it stands.

    Attributes:
        entry: The index of the entry from which on it counts.
        entered: That entry's time.
        says: That entry, or the last one that replaces it: it commits to the file that there is now.
        entries: The indexes of all entries that were this baseline.
        odd: Whether one of them has not just so many facts less than the one before as went with erased members.
    """

    entry: int
    entered: Instant
    says: BaselineEntry
    entries: tuple[int, ...]
    odd: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What public entries say, each with its index.

    Attributes:
        origin: The log's name.
        accept: Whether claims are believed by their claimed times, as the log began ([CLM-20]).
        versions: The versions that were published.
        texts: The versions that somebody claims.
        platform: Orders and recipients; `by` only where they are attested.
        baselines: The baselines.
    """

    origin: str
    accept: bool
    versions: tuple[tuple[int, Version], ...]
    texts: tuple[tuple[int, ClaimedVersion], ...]
    platform: tuple[Told, ...]
    baselines: tuple[BaselineAt, ...]

    def controller(self, size: int) -> str:
        """Give whose policy it is after the first entries: it claims what it records of the time before."""
        known = [version for entry, version in self.versions if entry < size]
        return known[-1].controller if known else self.origin


def read_rules(log: AuditedLog) -> Rules:
    """Read the public entries of a log.

    Raises:
        InputError: The text of a version is none that this program reads.
        VerificationError: A text is not there, is not the one that its entry names, or is not what the entry says of it
            (`audit/text`); a baseline replaces none (`audit/baseline`).
    """
    versions: list[tuple[int, Version]] = []
    texts: list[tuple[int, ClaimedVersion]] = []
    platform: list[Told] = []
    baselines: list[BaselineAt] = []
    accept = False
    for said in log.public:
        entry, time = said.entry, said.time
        match said.says:
            case GenesisEntry(attested=attested):
                accept = attested == "accept"
            case PolicyEntry() as says:
                versions.append((entry, _version(log, says, entry, time)))
            case OrderEntry() | RecipientEntry() as says:
                platform.append(Told(entry=entry, fact=platform_fact(says, time), entered=time))
            case BaselineEntry() as says:
                _put_baseline(baselines, says, entry, time)
            case AttestedEntry(statement=said_of):
                by, claimed = said_of.attester.name, said_of.claimed_at
                if isinstance(said_of.says, PolicyEntry):
                    version = _version(log, said_of.says, entry, claimed)
                    texts.append((entry, ClaimedVersion(version=version, entered=time, by=by)))
                elif isinstance(said_of.says, OrderEntry | RecipientEntry):
                    fact = platform_fact(said_of.says, claimed)
                    platform.append(Told(entry=entry, fact=fact, entered=time, by=by))
            case _:
                pass
    return Rules(
        origin=log.checkpoint.origin,
        accept=accept,
        versions=tuple(versions),
        texts=tuple(texts),
        platform=tuple(platform),
        baselines=tuple(baselines),
    )


def _put_baseline(
    baselines: list[BaselineAt], says: BaselineEntry, entry: int, time: Instant
) -> None:
    """Add a baseline, or let it be what is left of one before it, which counts since then ([ENT-47])."""
    if says.replaces is None:
        baselines.append(BaselineAt(entry=entry, entered=time, says=says, entries=(entry,)))
        return
    for place, before in enumerate(baselines):
        if says.replaces.entry in before.entries:
            entries = (*before.entries, entry)
            less = says.replaces
            odd = not less.tags or says.rows != before.says.rows - less.erased
            baselines[place] = replace(
                before, says=says, entries=entries, odd=before.odd or odd
            )
            return
    raise VerificationError(
        f"entry {entry} replaces the baseline of entry {says.replaces.entry}, which is none",
        code="audit/baseline",
    )


def _version(log: AuditedLog, says: PolicyEntry, entry: int, published_at: Instant) -> Version:
    data = log.texts.get(says.sha256)
    if data is None or digest(data) != says.sha256 or len(data) != says.size:
        raise _other(
            f"the text of version `{says.version}` is not the one that entry {entry} names"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _other(f"the text of version `{says.version}` is no UTF-8") from error
    version = parse_policy(text, file=f"entry {entry}", published_at=published_at)
    said = (says.policy, says.version, says.effective_at)
    if (version.policy, version.version, version.effective_at) != said:
        raise _other(
            f"the text that entry {entry} names is version `{version.version}` of `{version.policy}`, "
            f"expected `{says.version}` of `{says.policy}`, with the same `effective_at`"
        )
    return replace(version, entry=entry)


def _other(message: str) -> VerificationError:
    return VerificationError(message, code="audit/text")
