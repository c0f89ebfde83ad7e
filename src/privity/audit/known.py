# SPDX-License-Identifier: Apache-2.0
"""What decisions rest on, put together of what entries tell (specs/audit.md, part 1; specs/claims.md).

The meaning is that of the workspace that made them, written again: what somebody claims can only restrict, unless the log
began with the word that claims are accepted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from privity.audit.evidence import UNREADABLE, Told
from privity.audit.rules import Rules
from privity.canonical.instants import FIRST_INSTANT, Instant
from privity.entries.claims import Claim, ClaimedVersion, Given
from privity.members.facts import Fact, MemberId
from privity.policy.model import Version

_SEAT: Final = ("seat-instruction", "seat-instruction-withdrawn")


def given_of(
    told: Iterable[Told],
    versions: Iterable[Version],
    texts: Iterable[ClaimedVersion],
    *,
    accept: bool,
) -> Given:
    """Part what the log saw from what is claimed.

    Args:
        told: What entries tell.
        versions: Versions that were published.
        texts: Versions that are claimed.
        accept: Whether claims are believed by their claimed times ([CLM-20]).
    """
    facts, claims = [], []
    for one in told:
        if one.by is None:
            facts.append(one.fact)
        else:
            claims.append(Claim(fact=one.fact, entered=one.entered, by=one.by))
    given = Given(
        facts=tuple(facts), claims=tuple(claims), versions=tuple(versions), texts=tuple(texts)
    )
    return given.accepting(given.names) if accept else given


def given_after(
    rules: Rules, size: int, *, members: Iterable[Told], platform: Iterable[Told]
) -> Given:
    """Give what decisions rest on after the first entries of a log.

    Args:
        rules: What its public entries say.
        size: How many entries are believed.
        members: What these tell of members.
        platform: What its private entries and baselines tell of the platform.
    """
    private = [one for one in platform if one.entry < size]
    if any(is_unreadable(one) for one in private):
        # One that nobody can read may have taken any of them back.
        private = [one for one in private if one.fact.fact not in _SEAT]
    private = [one for one in private if not is_unreadable(one)]
    public = [one for one in rules.platform if one.entry < size]
    return given_of(
        [*claimed_late([*public, *private], rules.controller(size)), *members],
        [version for entry, version in rules.versions if entry < size],
        [text for entry, text in rules.texts if entry < size],
        accept=rules.accept,
    )


def claimed_late(told: Iterable[Told], controller: str) -> Iterator[Told]:
    """Say of what entered by itself, later than it was true, that the controller claims it ([CLM-2])."""
    for one in told:
        late = one.by is None and one.fact.at < one.entered and not is_unreadable(one)
        yield replace(one, by=controller) if late else one


def unreadable(entry: int, member: MemberId | None, entered: Instant) -> Told:
    """Give what stands for an entry that cannot be read: a no that nothing takes back."""
    fact = Fact(
        member=member,
        fact="setting",
        value="off",
        at=FIRST_INSTANT,
        recorded_at=entered,
        detail={"setting": UNREADABLE},
    )
    return Told(entry=entry, fact=fact, entered=entered)


def is_unreadable(told: Told) -> bool:
    """Tell whether this stands for an entry that cannot be read."""
    return told.fact.detail.get("setting") == UNREADABLE


def told_of(told: Iterable[Told], members: Collection[MemberId] | None) -> Iterator[Told]:
    """Give what is told of members, and of the accounts that were merged into them by whatever chain.

    Args:
        told: What is told of anybody.
        members: Whom; None is everybody.
    """
    if members is None:
        yield from told
        return
    everything = list(told)
    merges = [
        (str(one.fact.member), one.fact.value)
        for one in everything
        if one.fact.fact == "merged" and one.fact.member is not None
    ]
    accounts = accounts_into(map(str, members), merges)
    yield from (one for one in everything if str(one.fact.member) in accounts)


def accounts_into(members: Iterable[str], merges: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Give members, and every account that was merged into one of them by whatever chain.

    Args:
        members: The texts of their ids.
        merges: Accounts that were merged, each with the one that it went into.
    """
    sources: dict[str, set[str]] = {}
    for source, target in merges:
        sources.setdefault(target, set()).add(source)
    found = set(members)
    waiting = [one for one in found if one in sources]
    while waiting:
        fresh = sources.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return frozenset(found)
