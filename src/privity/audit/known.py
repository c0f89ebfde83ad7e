# SPDX-License-Identifier: Apache-2.0
"""What decisions rest on, put together of what entries tell (specs/audit.md, part 1; specs/claims.md).

The meaning is that of the workspace that made them, written again: what somebody claims can only restrict, unless the log
began with the word that claims are accepted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from privity.audit.evidence import Told
from privity.entries.claims import Claim, ClaimedVersion, Given
from privity.members.facts import MemberId
from privity.policy.model import Version


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
    accounts = accounts_of(members, everything)
    yield from (one for one in everything if one.fact.member in accounts)


def accounts_of(members: Collection[MemberId], told: Iterable[Told]) -> frozenset[MemberId]:
    """Give members, and every account that is told to have been merged into one of them by whatever chain."""
    sources: dict[str, set[MemberId]] = {}
    for one in told:
        if one.fact.fact == "merged" and one.fact.member is not None:
            sources.setdefault(one.fact.value, set()).add(one.fact.member)
    found = set(members)
    waiting = list(found)
    while waiting:
        fresh = sources.get(str(waiting.pop()), set()) - found
        found |= fresh
        waiting += fresh
    return frozenset(found)
