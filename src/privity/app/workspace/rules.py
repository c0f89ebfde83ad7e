# SPDX-License-Identifier: Apache-2.0
"""What the public streams of a log say that decisions rest on: versions, orders, recipients, claims of them.

A version's text is a public object, and is believed where its SHA-256 is the entry's; when it was published is
the entry's time, whatever the text says. What an entry says that this version of the program does not know is read
as a no where it may have been one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from privity.app.workspace.parts import Workspace
from privity.canonical.encode import digest
from privity.canonical.instants import Instant
from privity.entries.attested import AttestedEntry
from privity.entries.baseline import BaselineEntry
from privity.entries.claims import Claim, ClaimedVersion
from privity.entries.decode import PublicEntry, decode
from privity.entries.fact import platform_fact
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.entries.recipient import RecipientEntry
from privity.errors import UnavailableError, VerificationError
from privity.members.facts import Fact
from privity.policy.model import Version
from privity.policy.parse import parse_policy
from privity.store.projection_rows import PublicRow

STREAMS: Final = frozenset(
    {
        AttestedEntry.STREAM,
        BaselineEntry.STREAM,
        OrderEntry.STREAM,
        PolicyEntry.STREAM,
        RecipientEntry.STREAM,
    }
)
"""The streams that are read here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineAt:
    """A baseline, and where it stands.

    Attributes:
        index: The index of its entry.
        time: The entry's time.
        says: The entry, or the last one that replaces it.
        entries: The indices of all entries that were the baseline.
    """

    index: int
    time: Instant
    says: BaselineEntry
    entries: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What public entries say.

    Attributes:
        versions: The versions that were published.
        texts: The versions that somebody claims.
        platform: Orders and recipients.
        claims: Those that somebody claims.
        baselines: The baselines.
        controller: Whose policy it is, by the version that was published last; the log's name while there is none. It
            claims what it records of the time before the entry ([CLM-2]).
    """

    versions: tuple[Version, ...]
    texts: tuple[ClaimedVersion, ...]
    platform: tuple[Fact, ...]
    claims: tuple[Claim, ...]
    baselines: tuple[BaselineAt, ...]
    controller: str


def read_rules(
    workspace: Workspace, rows: Iterable[PublicRow], *, size: int | None = None
) -> Rules:
    """Read entries of public streams.

    Args:
        workspace: Whose log; its objects are read.
        rows: Entries of `STREAMS`, in order, to the end of the log.
        size: How many entries of the log are believed, None is all. Those after them may only say in which
            file a baseline is that stands among them.

    Raises:
        InputError: The text of a version is none that this program reads.
        UnavailableError: A text is missing (`workspace/object-missing`).
        VerificationError: A text is not the one that its entry names, or is not what the entry says of it.
    """
    versions: list[Version] = []
    texts: list[ClaimedVersion] = []
    platform: list[Fact] = []
    claims: list[Claim] = []
    baselines: list[BaselineAt] = []
    for row in rows:
        entry = decode(row.data, origin=workspace.settings.origin)
        if not isinstance(entry, PublicEntry):
            continue
        time = entry.event.time
        if size is not None and row.entry >= size and not isinstance(entry.says, BaselineEntry):
            continue
        match entry.says:
            case PolicyEntry() as says:
                versions.append(_version(workspace, says, row.entry, time))
            case OrderEntry() | RecipientEntry() as says:
                platform.append(platform_fact(says, time))
            case BaselineEntry() as says:
                _put_baseline(
                    baselines,
                    BaselineAt(index=row.entry, time=time, says=says, entries=(row.entry,)),
                )
            case AttestedEntry(statement=said):
                by, claimed = said.attester.name, said.claimed_at
                if isinstance(said.says, PolicyEntry):
                    version = _version(workspace, said.says, row.entry, claimed)
                    texts.append(ClaimedVersion(version=version, entered=time, by=by))
                elif isinstance(said.says, OrderEntry | RecipientEntry):
                    fact = platform_fact(said.says, claimed)
                    claims.append(Claim(fact=fact, entered=time, by=by))
            case _:
                pass
    controller = versions[-1].controller if versions else workspace.settings.origin
    seen, earlier = apart(platform, controller)
    return Rules(
        versions=tuple(versions),
        texts=tuple(texts),
        platform=tuple(seen),
        claims=(*claims, *earlier),
        baselines=tuple(one for one in baselines if size is None or one.index < size),
        controller=controller,
    )


def apart(facts: Iterable[Fact], controller: str) -> tuple[list[Fact], list[Claim]]:
    """Part facts that entered by themselves from those that were true before, which are claims ([CLM-2])."""
    seen: list[Fact] = []
    claims: list[Claim] = []
    for fact in facts:
        if fact.at < fact.recorded_at:
            claims.append(Claim(fact=fact, entered=fact.recorded_at, by=controller))
        else:
            seen.append(fact)
    return seen, claims


def _put_baseline(baselines: list[BaselineAt], one: BaselineAt) -> None:
    """Add a baseline, or let it be what is left of one before it, which counts since then ([ENT-47])."""
    replaces = one.says.replaces
    if replaces is None:
        baselines.append(one)
        return
    for place, before in enumerate(baselines):
        if replaces.entry in before.entries:
            baselines[place] = BaselineAt(
                index=before.index,
                time=before.time,
                says=one.says,
                entries=(*before.entries, one.index),
            )
            return
    raise VerificationError(
        f"entry {one.index} replaces the baseline of entry {replaces.entry}, which is none",
        code="workspace/baseline",
        hint="run `privity ledger check DIR`",
    )


def _version(
    workspace: Workspace, says: PolicyEntry, index: int, published_at: Instant
) -> Version:
    place = f"entry {index}"
    data = workspace.store.object(says.sha256)
    if data is None:
        raise UnavailableError(
            f"the text of version `{says.version}` is missing, which {place} names",
            code="workspace/object-missing",
            hint="run `privity ledger repair DIR`",
        )
    if digest(data) != says.sha256 or len(data) != says.size:
        raise _not_it(f"the text of version `{says.version}` is not the one that {place} names")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_it(f"the text of version `{says.version}` is no UTF-8") from error
    version = parse_policy(text, file=place, published_at=published_at)
    said = (says.policy, says.version, says.effective_at)
    if (version.policy, version.version, version.effective_at) != said:
        raise _not_it(
            f"the text that {place} names is version `{version.version}` of `{version.policy}`, "
            f"expected `{says.version}` of `{says.policy}`, with the same `effective_at`"
        )
    return replace(version, entry=index)


def _not_it(message: str) -> VerificationError:
    return VerificationError(
        message, code="workspace/object", hint="run `privity ledger check DIR`"
    )
