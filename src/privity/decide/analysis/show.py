# SPDX-License-Identifier: Apache-2.0
"""A diff as lines for people and as plain values for programs (docs/policy-diff.md)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from privity.canonical.encode import encode
from privity.canonical.instants import Instant, format_instant
from privity.decide.analysis.changes import Age, Burden, Change, Diff, Uses
from privity.decide.analysis.words import made, named, needs, places, uses_of, who
from privity.decide.request import Record
from privity.members.facts import Fact
from privity.policy.versions import History
from privity.vocabulary.reasons import REASONS_BY_ID

_WIDTH: Final = 96
_INDENT: Final = 14
_NOT: Final = "not looked for"


def lines(diff: Diff) -> Iterator[str]:
    """Say a diff: what opens first, then what closes, then whose obligations change."""
    yield from _wrapped("From", _versions(diff.old))
    yield from _wrapped("To", _versions(diff.new))
    yield from _wrapped("Used at", format_instant(diff.at))
    for heading, changes in (("Opens", diff.opens), ("Closes", diff.closes)):
        yield ""
        yield f"{heading}: {_count(len(changes))}"
        for number, change in enumerate(changes, 1):
            yield ""
            yield from _change(number, change, diff)
    if diff.burdens:
        yield ""
        yield f"Other obligations: {len(diff.burdens)}"
        for number, burden in enumerate(diff.burdens, 1):
            yield ""
            yield from _burden(number, burden)
    old, new = (_copied(policy, diff) for policy in (diff.old, diff.new))
    if old != new:
        yield ""
        yield "Copies of refused private messages"
        for key in sorted(old.keys() | new.keys()):
            yield from _wrapped(key, f"{old.get(key, _NOT)}, and now {new.get(key, _NOT)}")


def mapping(diff: Diff) -> Mapping[str, Any]:
    """Give a diff as plain values."""
    return {
        "old": [version.version for version in diff.old.versions],
        "new": [version.version for version in diff.new.versions],
        "at": format_instant(diff.at),
        "known": format_instant(diff.known),
        "opens": [_plain(change, diff) for change in diff.opens],
        "closes": [_plain(change, diff) for change in diff.closes],
        "obligations": [
            {
                "uses": _uses(burden.uses),
                "added": list(burden.added),
                "dropped": list(burden.dropped),
            }
            for burden in diff.burdens
        ],
        "copies": {"old": _copied(diff.old, diff), "new": _copied(diff.new, diff)},
    }


def fact_row(fact: Fact) -> Mapping[str, Any]:
    """Give a fact as a row of the facts format, `detail` as it is."""
    return {
        "member": "" if fact.member is None else fact.member,
        "fact": fact.fact,
        "value": fact.value,
        "at": format_instant(fact.at),
        "recorded_at": format_instant(fact.recorded_at),
        "detail": encode(dict(fact.detail)).decode() if fact.detail else "",
    }


def _copied(policy: History, diff: Diff) -> Mapping[str, str]:
    """Give what follows copies, by the version in force; nothing where none are looked for."""
    version = policy.in_force(diff.at)
    rule = None if version is None else version.copies
    if rule is None:
        return {}
    passages = {} if rule.passages is None else {"passages": rule.passages}
    return {"whole texts": rule.whole, **passages}


def _count(changes: int) -> str:
    return f"{changes} {'way' if changes == 1 else 'ways'}" if changes else "nothing"


def _versions(policy: History) -> str:
    if not policy.versions:
        return "no policy"
    names = ", ".join(version.version for version in policy.versions)
    return f"{policy.versions[0].policy} {names}"


def _change(number: int, change: Change, diff: Diff) -> Iterator[str]:
    yield from _numbered(number, change.uses)
    yield from _wrapped("who", who(change, diff.ages, diff.at))
    if change.kind in ("ground", "setting"):
        yield from _wrapped("where", places(change, diff.at))
    if change.kind == "setting" and change.moved_from:
        yield from _wrapped("such as", f"who was in {named(change.moved_from, diff.at)} then")
    when = made(change)
    if when is not None:
        yield from _wrapped("made", when)
    label = "so far" if change.direction == "opens" else "from now on"
    for reason in change.reasons:
        yield from _wrapped(label, f"{reason}: {REASONS_BY_ID[reason].operator}")
        label = ""
    label = "first"
    for need in needs(change):
        yield from _wrapped(label, need)
        label = ""


def _burden(number: int, burden: Burden) -> Iterator[str]:
    yield from _numbered(number, burden.uses)
    for label, names in (("dropped", burden.dropped), ("added", burden.added)):
        if names:
            yield from _wrapped(label, ", ".join(names))


def _numbered(number: int, uses: Iterable[Uses]) -> Iterator[str]:
    start = f"{number:>3}. "
    for one in uses:
        yield from textwrap.wrap(
            uses_of(one),
            _WIDTH,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_on_hyphens=False,
        )
        start = " " * len(start)


def _wrapped(label: str, text: str) -> list[str]:
    begin = f"{'     ' if label.islower() or not label else ''}{label}"
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=begin.ljust(_INDENT + 4),
        subsequent_indent=" " * (_INDENT + 4),
        break_on_hyphens=False,
    )


def _plain(change: Change, diff: Diff) -> Mapping[str, Any]:
    return {
        "who": who(change, diff.ages, diff.at),
        "kind": change.kind,
        "name": change.name or None,
        "said": change.said or None,
        "reasons": list(change.reasons),
        "uses": _uses(change.uses),
        "made": [
            {"from": _instant(one.start), "until": _instant(one.until)} for one in change.made
        ],
        "places": None if change.places is None else list(change.places),
        "several_places": change.several,
        "moved_from": list(change.moved_from),
        "ages": [_age(one, diff.ages) for one in change.ages],
        "notices": [
            {
                "setting": one.setting,
                "notice": one.notice,
                "delivered_from": _instant(one.since),
                "live": format_instant(one.live),
                "window_seconds": one.window,
            }
            for one in change.needs
        ],
        "example": {
            "facts": [fact_row(fact) for fact in change.facts],
            "record": record_row(change.record),
        },
    }


def record_row(record: Record) -> Mapping[str, Any]:
    """Give a record as a row of the records schema."""
    return {
        "record_id": record.record_id,
        "category": record.category,
        "created_at": _instant(record.created_at),
        "author": record.author,
        "recipients": list(record.recipients),
        "capacity": record.capacity,
        "quotes": list(record.quotes),
    }


def _uses(uses: Iterable[Uses]) -> list[Mapping[str, Any]]:
    return [
        {
            "purposes": list(one.purposes),
            "categories": list(one.categories),
            "recipients": list(one.recipients),
        }
        for one in uses
    ]


def _age(one: Age, ages: tuple[int, ...]) -> Mapping[str, Any]:
    return {
        "now_at_least": None if not one.now else ages[one.now - 1],
        "now_under": None if one.now is None or one.now == len(ages) else ages[one.now],
        "then_at_least": None if not one.then else ages[one.then - 1],
        "then_under": None if one.then is None or one.then == len(ages) else ages[one.then],
        "birth_date_known": one.now is not None,
        "proved": one.proved,
        "suspected": one.suspected,
    }


def _instant(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
