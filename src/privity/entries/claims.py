# SPDX-License-Identifier: Apache-2.0
"""Claims of what happened before the ledger: how they are read (specs/claims.md).

Somebody attests that a fact was true, or a version published, before the entry that says so. Nobody else
saw it, so it may refuse by its claimed time and permits only from its entry on. Two readings of the same
carry that: one takes what has entered by its claimed times, the other lets it permit from its entry on. What
either refuses is refused. Here both are made; deciding them is `privity.decide`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from privity.canonical.instants import EARLIEST, LATEST, Instant, format_instant
from privity.errors import InputError
from privity.members.claims import facts_by_entry
from privity.members.facts import Fact
from privity.policy.model import Version
from privity.policy.versions import History, Text, history


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A fact that somebody claims.

    Attributes:
        fact: The fact; its `at` and its `recorded_at` are what is claimed.
        entered: The time of the entry that says so.
        by: Who attests it.

    Raises:
        InputError: It was recorded after it entered.
    """

    fact: Fact
    entered: Instant
    by: str

    def __post_init__(self) -> None:
        _check_times("recorded", self.fact.recorded_at, self.entered)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedVersion:
    """A policy version that somebody claims.

    Attributes:
        version: The version; its `published_at` is what is claimed.
        entered: The time of the entry that says so.
        by: Who attests it.

    Raises:
        InputError: It was published after it entered.
    """

    version: Version
    entered: Instant
    by: str

    def __post_init__(self) -> None:
        _check_times("published", self.version.published_at, self.entered)


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What there is to decide from: what the ledger saw happen, and what is claimed.

    Attributes:
        facts: What entered when it happened, or was there before there was a ledger and is believed.
        claims: Facts that are claimed.
        versions: Likewise: the versions of one policy.
        texts: Versions of it that are claimed.
    """

    facts: tuple[Fact, ...] = ()
    claims: tuple[Claim, ...] = ()
    versions: tuple[Version, ...] = ()
    texts: tuple[ClaimedVersion, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Who attests anything, sorted."""
        return tuple(sorted({one.by for one in self.claims} | {one.by for one in self.texts}))

    def known(self, known: Instant) -> Given:
        """Give what was there at `known`: of a claim its entry is what counts ([CLM-3])."""
        return Given(
            facts=tuple(one for one in self.facts if one.recorded_at <= known),
            claims=tuple(one for one in self.claims if one.entered <= known),
            versions=tuple(one for one in self.versions if one.published_at <= known),
            texts=tuple(one for one in self.texts if one.entered <= known),
        )

    def accepting(self, names: Collection[str]) -> Given:
        """Believe what some attest, by its claimed times, as if the ledger had seen it ([CLM-20])."""
        return Given(
            facts=(*self.facts, *(one.fact for one in self.claims if one.by in names)),
            claims=tuple(one for one in self.claims if one.by not in names),
            versions=(*self.versions, *(one.version for one in self.texts if one.by in names)),
            texts=tuple(one for one in self.texts if one.by not in names),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One way to read what is given.

    Attributes:
        facts: The facts that timelines are made of.
        policy: The versions.
    """

    facts: tuple[Fact, ...]
    policy: History


def readings(given: Given, at: Instant) -> tuple[Reading, ...]:
    """Give the readings of what is given, for a use at `at`: what any of them refuses is refused.

    Args:
        given: What was there at the request's `known`.
        at: When the data would be used.

    Returns:
        One, if nothing is claimed. Else two: *as claimed*, in which claims that entered up to `at` hold by
        their claimed times ([CLM-10]); and *by entry*, in which none permits before its entry ([CLM-11]).

    Raises:
        InputError: Two versions share a name, or belong to different policies.
    """
    if not given.claims and not given.texts:
        return (Reading(facts=given.facts, policy=history(given.versions)),)
    settled = [one for one in given.claims if one.entered <= at]
    pending = [(one.fact, one.entered) for one in given.claims if one.entered > at]
    believed = (*given.facts, *(one.fact for one in settled))
    versions = (*given.versions, *(one.version for one in given.texts if one.entered <= at))
    ahead = [one for one in given.texts if one.entered > at]
    return (
        Reading(
            facts=facts_by_entry(believed, pending), policy=policy_by_entry(versions, ahead, at)
        ),
        Reading(
            facts=facts_by_entry(
                given.facts, [(one.fact, one.entered) for one in given.claims]
            ),
            policy=policy_by_entry(given.versions, given.texts, at),
        ),
    )


def _check_times(what: str, at: Instant, entered: Instant) -> None:
    if at > entered:
        raise InputError(
            f"a claim that was {what} at `{format_instant(at)}`, in an entry of "
            f"`{format_instant(entered)}`, expected one from before its entry",
            code="entries/claim-time",
        )


# Versions


def policy_by_entry(
    versions: Iterable[Version], claimed: Sequence[ClaimedVersion], at: Instant
) -> History:
    """Let claimed versions refuse as texts of then, and permit as if published when they entered.

    Args:
        versions: What is believed by its own times.
        claimed: What is not.
        at: When the data would be used: a version that enters later is a text of then and nothing else.

    Raises:
        InputError: Two versions share a name, or belong to different policies.
    """
    held = tuple(versions)
    grounds = [
        replace(one.version, published_at=one.entered)
        for one in claimed
        if one.entered <= at and not _is_replaced(one, held, claimed)
    ]
    found = history((*held, *grounds))
    texts = [_text(one, held, claimed, at) for one in claimed]
    return History(found.versions, tuple(one for one in texts if one.since < one.until))


def _place(version: Version) -> tuple[Instant, Instant, str]:
    """Give a version's place in a history ([POL-31])."""
    return (version.start, version.published_at, version.version)


def _is_replaced(
    claim: ClaimedVersion, held: Iterable[Version], claimed: Iterable[ClaimedVersion]
) -> bool:
    """Tell whether another version was in force already when a claimed one entered ([CLM-17])."""
    others = [*held, *(one.version for one in claimed if one.entered <= claim.entered)]
    return any(
        one.start <= claim.entered and _place(one) > _place(claim.version) for one in others
    )


def _text(
    claim: ClaimedVersion,
    held: Iterable[Version],
    claimed: Iterable[ClaimedVersion],
    at: Instant,
) -> Text:
    """Say for what was made when a claimed version is a text of then ([CLM-16])."""
    mine = claim.version
    starts = [one.start for one in held if _place(one) > _place(mine)]
    # What another claim replaces, it replaces from its own entry on.
    starts += [
        max(one.version.start, one.entered)
        for one in claimed
        if _place(one.version) > _place(mine)
    ]
    is_first = all(one.start > mine.start for one in held)
    return Text(
        version=mine,
        since=EARLIEST if is_first else mine.start,
        until=min(starts, default=LATEST),
        tells=claim.entered <= at,
    )
