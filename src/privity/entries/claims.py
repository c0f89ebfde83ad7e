# SPDX-License-Identifier: Apache-2.0
"""Claims of what happened before the ledger: how they are read (specs/claims.md).

Somebody attests that a fact was true, or a version published, before the entry that says so. Nobody else
saw it, so it may refuse by its claimed time and permits only from its entry on. Two readings of the same
carry that: one takes what has entered by its claimed times, the other lets it permit from its entry on. What
either refuses is refused. Here both are made; deciding them is `privity.decide`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from privity.canonical.instants import EARLIEST, LATEST, Instant
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
    """

    fact: Fact
    entered: Instant
    by: str

    @property
    def told(self) -> Fact:
        """The fact as it is told: it was recorded no later than it entered."""
        return replace(self.fact, recorded_at=min(self.fact.recorded_at, self.entered))


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedVersion:
    """A policy version that somebody claims.

    Attributes:
        version: The version; its `published_at` is what is claimed.
        entered: The time of the entry that says so.
        by: Who attests it.
    """

    version: Version
    entered: Instant
    by: str

    @property
    def told(self) -> Version:
        """The version as it is told: it was published no later than it entered."""
        return replace(self.version, published_at=min(self.version.published_at, self.entered))


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
        believed = _first_of_each_name(
            self.versions, [one for one in self.texts if one.by in names]
        )
        return Given(
            facts=(*self.facts, *(one.told for one in self.claims if one.by in names)),
            claims=tuple(one for one in self.claims if one.by not in names),
            versions=(*self.versions, *(one.told for one in believed)),
            texts=tuple(one for one in self.texts if one not in believed),
        )

    def doubting_each(self) -> Mapping[str, Given]:
        """Give for each attester what is given where all but its own claims are believed ([CLM-21])."""
        return {
            name: self.accepting([other for other in self.names if other != name])
            for name in self.names
        }


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
    pending = [(one.told, one.entered) for one in given.claims if one.entered > at]
    believed = (*given.facts, *(one.told for one in settled))
    texts = _first_of_each_name(
        given.versions, [one for one in given.texts if one.entered <= at]
    )
    versions = (*given.versions, *(one.told for one in texts))
    others = [one for one in given.texts if one not in texts]
    return (
        Reading(
            facts=facts_by_entry(believed, pending),
            policy=policy_by_entry(versions, others, at),
        ),
        Reading(
            facts=facts_by_entry(
                given.facts, [(one.told, one.entered) for one in given.claims]
            ),
            policy=policy_by_entry(given.versions, given.texts, at),
        ),
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
    entered = [one for one in claimed if one.entered <= at]
    grounds = [
        replace(one.version, published_at=one.entered)
        for one in _first_of_each_name(held, entered)
        if not _is_replaced(one, held, claimed)
    ]
    found = history((*held, *grounds))
    texts = [_text(one, held, claimed, at) for one in claimed]
    return History(found.versions, tuple(one for one in texts if one.since < one.until))


def policy_as_claimed(
    versions: Iterable[Version], claimed: Iterable[ClaimedVersion]
) -> History:
    """Let claimed versions hold by the times that they claim.

    Args:
        versions: Those that were published.
        claimed: Those that somebody claims.

    Raises:
        InputError: The versions belong to different policies.
    """
    held = tuple(versions)
    return history((*held, *(one.told for one in _first_of_each_name(held, claimed))))


def _first_of_each_name(
    versions: Iterable[Version], claimed: Iterable[ClaimedVersion]
) -> list[ClaimedVersion]:
    """Leave out what claims a version that there is already: it is a text of then and nothing else."""
    names = {one.version for one in versions}
    found = []
    for claim in sorted(claimed, key=lambda one: (one.entered, one.by, _place(one.told))):
        if claim.version.version not in names:
            names.add(claim.version.version)
            found.append(claim)
    return found


def _place(version: Version) -> tuple[Instant, Instant, str]:
    """Give a version's place in a history ([POL-31])."""
    return (version.start, version.published_at, version.version)


def _is_replaced(
    claim: ClaimedVersion, held: Iterable[Version], claimed: Iterable[ClaimedVersion]
) -> bool:
    """Tell whether another version was in force already when a claimed one entered ([CLM-17])."""
    others = [*held, *(one.told for one in claimed if one.entered <= claim.entered)]
    return any(
        one.start <= claim.entered and _place(one) > _place(claim.told) for one in others
    )


def _text(
    claim: ClaimedVersion,
    held: Iterable[Version],
    claimed: Iterable[ClaimedVersion],
    at: Instant,
) -> Text:
    """Say for what was made when a claimed version is a text of then ([CLM-16])."""
    mine = claim.told
    starts = [one.start for one in held if _place(one) > _place(mine)]
    # What another claim replaces, it replaces from its own entry on.
    starts += [
        max(one.told.start, one.entered) for one in claimed if _place(one.told) > _place(mine)
    ]
    is_first = all(one.start > mine.start for one in held)
    return Text(
        version=mine,
        since=EARLIEST if is_first else mine.start,
        until=min(starts, default=LATEST),
        tells=claim.entered <= at,
    )
