# SPDX-License-Identifier: Apache-2.0
"""Random facts: of members, of which most are in good standing, and of the platform.

Rows are those of the facts format (`member, fact, value, at, recorded_at, detail`), in any order. Every
row reads; what is odd about some of them is theirs to mean: unknown values, ties, what was recorded
late, what was said under age or before the account was opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from privity.canonical.encode import encode
from privity.canonical.instants import Instant, anniversary, format_instant, parse_date
from privity.members.facts import EVIDENCE, METHODS, SCOPES, MemberId
from privity.testing.chance import LONG_AGO, Chance
from privity.testing.versions import AGREEMENTS, NOTICES, SETTINGS

RECIPIENTS: Final = {
    "self": "controller",
    "parent": "affiliate",
    "lab": "third-party",
    "host": "processor",
}
CUSTOMERS: Final = ("acme", "globex")
_NAMED: Final = (*SETTINGS[:1] * 6, *SETTINGS * 2, "cookies")
_CODES: Final = ("US", "IN", "GB", "DE", "HR", "HK", "CH", "IS")
_NO_CODES: Final = ("QQ", "UK", "us", "EU", "")
_DATES: Final = (
    "1990-05-05",
    "1990-05-05",
    "1985-01-01",
    "2004-02-29",
    "2007-02-01",
    "2010-01-01",
)

Row = Mapping[str, Any]


def random_facts(
    chance: Chance, members: Sequence[MemberId], told: Sequence[Instant]
) -> tuple[Row, ...]:
    """Make the rows of a world's facts, in any order.

    Args:
        chance: The world's chance.
        members: Whose facts; one of them may be merged into another.
        told: When the platform told its members: most were reached then.
    """
    rows = list(_platform(chance))
    for member in members:
        rows += _standing(chance, member, told)
        if chance.wrong(0.9):
            for _ in range(chance.count(1, 5)):
                rows.append(_event(chance, member, members))
        if chance.wrong(0.4):
            rows += _no_and_after(chance, member)
    rows += [chance.one(rows) for _ in range(len(rows) // 50)]
    chance.random.shuffle(rows)
    return tuple(rows)


def birth_dates(chance: Chance) -> tuple[str, ...]:
    """Give birth dates, some of which come of age exactly at one of the world's instants."""
    made = [
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)
        for at in chance.early + chance.late
    ]
    exact = tuple(f"{one.year - 18}-{one:%m-%d}" for one in made if f"{one:%m-%d}" != "02-29")
    return _DATES * 2 + exact


def _row(
    chance: Chance,
    member: MemberId | None,
    fact: str,
    at: Instant,
    value: str = "",
    **detail: Any,
) -> Row:
    """Make a row; most are recorded when they are true, some late, few before."""
    recorded_at = at
    if at != LONG_AGO and chance.wrong(0.25):
        recorded_at = max(at, chance.moment())
    elif chance.wrong(0.05):
        recorded_at = chance.moment()
    return {
        "member": "" if member is None else member,
        "fact": fact,
        "value": value,
        "at": format_instant(at),
        "recorded_at": format_instant(recorded_at),
        "detail": encode(detail).decode() if detail or chance.often(0.5) else "",
    }


def _standing(chance: Chance, member: MemberId, told: Sequence[Instant]) -> Iterator[Row]:
    """Make what is known of most members: joined, somewhere, of age, told, perhaps a yes."""
    if not chance.wrong(0.05):
        yield _row(chance, member, "joined", chance.one((LONG_AGO, LONG_AGO, chance.early[0])))
    if not chance.wrong(0.05):
        yield _jurisdiction(chance, member, LONG_AGO)
    if chance.often(0.9):
        born = chance.one(birth_dates(chance) if chance.wrong(0.5) else _DATES[:3])
        yield _row(chance, member, "birth_date", LONG_AGO, born)
    for at in told:
        if not chance.wrong(0.3):
            yield _row(chance, member, "notice", at, NOTICES[0])
        if chance.often(0.15):
            yield _yes(chance, member, at)
    if chance.often(0.4):
        yield _yes(chance, member, chance.one((told[-1], chance.late[-1], chance.late[-2])))


def _jurisdiction(chance: Chance, member: MemberId, at: Instant) -> Row:
    code = chance.one(_NO_CODES) if chance.wrong(0.04) else chance.usual(_CODES)
    detail = {"evidence": chance.one(EVIDENCE)} if chance.often(0.6) else {}
    return _row(chance, member, "jurisdiction", at, code, **detail)


def _notice(chance: Chance, member: MemberId) -> Row:
    name = chance.one(NOTICES[:1] * 5 + NOTICES)
    return _row(chance, member, "notice", chance.moment(), name)


def _yes(chance: Chance, member: MemberId, at: Instant) -> Row:
    """Make an explicit yes, more often than not for older content too."""
    setting = chance.one(SETTINGS[:1] * 4 + SETTINGS)
    detail = {"setting": setting, "scope": chance.one((*SCOPES, "all"))}
    if chance.often(0.3):
        detail["method"] = "explicit"
    return _row(chance, member, "setting", at, "on", **detail)


def _event(chance: Chance, member: MemberId, members: Sequence[MemberId]) -> Row:
    """Make anything that may happen to a member."""
    fact = chance.one(_EVENTS)
    if fact == "merged":
        target = chance.one(members) if chance.often(0.9) else "nobody-knows"
        return _row(chance, member, fact, chance.one(chance.late), str(target))
    if fact in _MADE:
        return _MADE[fact](chance, member)
    if fact in ("objection", "objection-withdrawn") and chance.often(0.6):
        return _row(chance, member, fact, chance.moment(), setting=chance.one(_NAMED))
    if fact in ("agreement", "agreement-ended"):
        name = "lifetime" if chance.wrong(0.1) else chance.one(AGREEMENTS)
        return _row(chance, member, fact, chance.moment(), name)
    return _row(chance, member, fact, chance.moment())


def _no_and_after(chance: Chance, member: MemberId) -> Iterator[Row]:
    """Make a no and what takes it back, at once or later: content of the time between stays out."""
    first, last = sorted((chance.moment(), chance.moment()))
    if chance.often(0.4):
        named = {"setting": SETTINGS[0]} if chance.often(0.5) else {}
        yield _row(chance, member, "objection", first, **named)
        yield _row(chance, member, "objection-withdrawn", last, **named)
    else:
        yield _row(chance, member, "setting", first, "off", setting=SETTINGS[0])
        yield _row(chance, member, "setting", last, "unset", setting=SETTINGS[0])
    if chance.often(0.5):
        yield _yes(chance, member, last)


def _choice(chance: Chance, member: MemberId) -> Row:
    """Make a row of a setting, with any value, said in any way."""
    detail = {"setting": chance.one(_NAMED)}
    if chance.often(0.5):
        detail["method"] = chance.one(METHODS)
    if chance.often(0.5):
        detail["scope"] = chance.one(SCOPES)
    value = chance.one(("on", "on", "off", "unset", "unset", "ON", "maybe", ""))
    return _row(chance, member, "setting", chance.moment(), value, **detail)


def _another_yes(chance: Chance, member: MemberId) -> Row:
    return _yes(chance, member, chance.moment())


def _move(chance: Chance, member: MemberId) -> Row:
    return _jurisdiction(chance, member, chance.moment())


def _another_birth_date(chance: Chance, member: MemberId) -> Row:
    born = chance.one(birth_dates(chance))
    return _row(chance, member, "birth_date", chance.moment(), born)


def _birthday_yes(chance: Chance, member: MemberId) -> Row:
    """Make a yes said at the very instant of coming of age, or the second before it."""
    born = parse_date(chance.one(birth_dates(chance)))
    at = anniversary(born, 18) - chance.one((0, 1))
    detail = {"setting": SETTINGS[0], "scope": "all"}
    return _row(chance, member, "setting", at, "on", **detail)


_MADE: Final[Mapping[str, Callable[[Chance, MemberId], Row]]] = {
    "setting": _choice,
    "yes": _another_yes,
    "birthday-yes": _birthday_yes,
    "notice": _notice,
    "jurisdiction": _move,
    "birth_date": _another_birth_date,
}
_EVENTS: Final = (
    *("setting",) * 6,
    *("yes",) * 5,
    *("notice",) * 4,
    *("jurisdiction",) * 3,
    *("objection", "objection-withdrawn", "agreement", "agreement-ended") * 2,
    *("objection-withdrawn", "reopened", "reopened", "minor-cleared"),
    *("joined", "closed", "deceased", "merged", "minor-suspected"),
    *("birth_date", "birthday-yes"),
)


# The platform


def _platform(chance: Chance) -> Iterator[Row]:
    for name, role in RECIPIENTS.items():
        since = chance.one((LONG_AGO, LONG_AGO, *chance.early))
        yield _row(chance, None, "recipient", since, name, role=role)
        if chance.wrong(0.3):
            at = since if chance.often(0.3) else chance.moment()
            other = chance.one(tuple(RECIPIENTS.values()))
            yield _row(chance, None, "recipient", at, name, role=other)
        if chance.wrong(0.12):
            at = since if chance.often(0.1) else chance.moment()
            yield _row(chance, None, "recipient-ended", at, name)
    for _ in range(chance.count(0, 3) if chance.wrong(0.9) else 0):
        yield from _order(chance)
    for _ in range(chance.count(0, 4)):
        yield _seat(chance)


def _order(chance: Chance) -> Iterator[Row]:
    """Make an order, often lifted: one that is about everything leaves nothing to ask."""
    name = chance.one(("ico", "pcpd", "court"))
    detail: dict[str, Any] = {}
    if chance.often(0.85):
        detail["jurisdictions"] = chance.some(
            ("GB", "HK", "EU", "EEA", "DE", "IN", "US"), most=2
        )
    if chance.often(0.3):
        detail["purposes"] = chance.one((["genai-training"], ["safety"], ["processing"]))
    if chance.often(0.3):
        detail["recipients"] = chance.one((["third-party"], ["affiliate", "third-party"]))
    if chance.often(0.4):
        detail["categories"] = chance.one(
            (["private-message"], ["inmail"], ["comment"], ["profile"])
        )
    if chance.wrong(0.08):
        key = chance.one(("jurisdictions", "purposes", "recipients", "categories"))
        detail[key] = chance.one(([], ["UK"], ["haiku"]))
    yield _row(chance, None, "order", chance.moment(), name, **detail)
    if chance.often(0.6):
        yield _row(chance, None, "order-lifted", chance.moment(), name)


def _seat(chance: Chance) -> Row:
    customer, at = chance.one(CUSTOMERS), chance.moment()
    if chance.often(0.15):
        return _row(chance, None, "seat-instruction-withdrawn", at, customer)
    detail: dict[str, Any] = {
        "purposes": chance.one((["genai-training"], ["model-training"], ["safety"])),
        "categories": chance.one((["content"], ["content"], ["public-content"])),
        "recipients": ["controller", "affiliate", "third-party"],
    }
    if chance.wrong(0.2):
        key = chance.one(tuple(detail))
        detail[key] = chance.one(([], ["haiku"], [*detail[key], "haiku"]))
    if chance.wrong(0.2):
        del detail[chance.one(tuple(detail))]
    return _row(chance, None, "seat-instruction", at, customer, **detail)
