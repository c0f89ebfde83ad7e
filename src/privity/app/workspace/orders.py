# SPDX-License-Identifier: Apache-2.0
"""Orders: issue one, lift one, list them (docs/workspace.md).

A decision takes an order with a word that nobody knows for one that stops every use everywhere, so such a word is
refused here, with the nearest ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from privity.app.workspace.once import named, record_once
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import Platform, platform_of
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant, format_instant
from privity.entries.order import OrderEntry
from privity.errors import ConflictError, InputError
from privity.members.timeline import sort_key
from privity.vocabulary.places import GROUPS, is_code, unknown_place
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES, quoted, unknown

LISTS: Final = ("jurisdictions", "purposes", "recipients", "categories")
_TREES: Final = {"purposes": PURPOSES, "recipients": ROLES, "categories": CATEGORIES}


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedOrder:
    """An order that was issued; those of one name add up until it is lifted.

    Attributes:
        id: Its name.
        since: From when it holds.
        until: From when it holds no more, or None.
        lists: What it is about, by `LISTS`; what is not there means all.
        claimed_by: Who claims it in a baseline; None, it has an entry of its own.
    """

    id: str
    since: Instant
    until: Instant | None
    lists: Mapping[str, Sequence[str]]
    claimed_by: str | None = None

    def stands(self, at: Instant) -> bool:
        """Tell whether it holds at an instant."""
        return self.since <= at and (self.until is None or at < self.until)

    def mapping(self) -> dict[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "id": self.id,
            "since": format_instant(self.since),
            "until": None if self.until is None else format_instant(self.until),
            **{key: list(terms) for key, terms in self.lists.items()},
            **({} if self.claimed_by is None else {"claimed_by": self.claimed_by}),
        }


def issue_order(
    workspace: Workspace,
    order: str,
    *,
    lists: Mapping[str, Sequence[str]],
    at: Instant | None = None,
    request: str | None = None,
) -> Recorded:
    """Record that an order was issued.

    Args:
        workspace: Where.
        order: Its name; orders of one name add up until it is lifted.
        lists: What it is about, by `LISTS`; what is left out means all.
        at: From when it holds; None is from its entry on.
        request: A name of the caller's own, for who repeats it.

    Raises:
        InputError: A word is unknown, or a list is empty.
        ConflictError: As `record_once`.
        UnavailableError: As `record_once`.
    """
    terms = {key: tuple(words) for key, words in lists.items()}
    for key, words in terms.items():
        check_terms(key, words)

    def say(now: Instant) -> list[OrderEntry]:
        return [OrderEntry(action="issued", id=order, at=_or(at, now), **terms)]

    asked = named(request, order="issue", id=order, at=at, lists=terms)
    return record_once(workspace, say, request=asked)


def lift_order(
    workspace: Workspace,
    order: str,
    *,
    at: Instant | None = None,
    request: str | None = None,
) -> Recorded:
    """Record that an order was lifted, with all that was issued under its name.

    Args:
        workspace: Where.
        order: Its name.
        at: From when it holds no more; None is from the entry on.
        request: A name of the caller's own, for who repeats it.

    Raises:
        ConflictError: No such order stands then (`workspace/no-order`); or as `record_once`.
        UnavailableError: As `record_once`.
    """

    def say(now: Instant) -> list[OrderEntry]:
        entry = OrderEntry(action="lifted", id=order, at=_or(at, now))
        lift = entry.to_fact(now)
        # What is lifted in retrospect stands until the entry.
        end = max(lift.at, now)
        _check_stands(platform_of(workspace), order, end)
        _check_lifted(platform_of(workspace, lift), order, end)
        return [entry]

    # The files of baselines are read before others have to wait.
    platform_of(workspace)
    asked = named(request, order="lift", id=order, at=at)
    return record_once(workspace, say, request=asked, looks=True)


def list_orders(workspace: Workspace) -> list[ListedOrder]:
    """Give all orders that were ever issued or are claimed, in the order of time; raises as `platform_of`."""
    return _listed(platform_of(workspace))


def _listed(platform: Platform) -> list[ListedOrder]:
    ordered = sorted(platform.facts, key=sort_key)
    lifted = [fact for fact in ordered if fact.fact == "order-lifted"]
    return [
        ListedOrder(
            id=fact.value,
            since=fact.at,
            until=next(
                (
                    one.at
                    for one in lifted
                    if one.value == fact.value and sort_key(one) > sort_key(fact)
                ),
                None,
            ),
            lists=fact.detail,
            claimed_by=platform.claimed_by(fact),
        )
        for fact in ordered
        if fact.fact == "order"
    ]


def _check_stands(platform: Platform, order: str, at: Instant) -> None:
    standing = {one.id for one in _listed(platform) if one.stands(at)}
    if order not in standing:
        known = ", ".join(quoted(one) for one in sorted(standing))
        rest = f", expected {known}" if known else ", and no other one does"
        raise ConflictError(
            f"no order {quoted(order)} stands at {format_instant(at)}{rest}",
            code="workspace/no-order",
        )


def _check_lifted(platform: Platform, order: str, at: Instant) -> None:
    if any(one.id == order and one.stands(at) for one in _listed(platform)):
        raise ConflictError(
            f"order {quoted(order)} was issued at {format_instant(at)}, the instant at which it is to be "
            "lifted: of a tie it stands",
            code="workspace/no-order",
            hint="lift it at a later instant",
        )


def check_terms(key: str, words: Sequence[str]) -> None:
    """Check a list of an order, by its name among `LISTS`.

    Raises:
        InputError: It is empty (`workspace/empty-list`), or a word is unknown; the message names the nearest.
    """
    if not words:
        raise InputError(
            f"the list of {key} is empty, expected one word at least, or no list: that means all",
            code="workspace/empty-list",
        )
    for word in words:
        if key == "jurisdictions":
            if word not in GROUPS and not is_code(word):
                raise unknown_place(word)
        elif word not in _TREES[key]:
            raise unknown(_TREES[key].kind, word, _TREES[key])


def _or(at: Instant | None, now: Instant) -> Instant:
    return now if at is None else at
