# SPDX-License-Identifier: Apache-2.0
"""Random worlds from a seed: policy versions, facts, records and requests that belong together.

For differential tests, ours and yours: whatever decides records faster or elsewhere has to give what
`privity.decide.one` gives, on these. The pools are small, so that coincidences are frequent: equal
instants, ties, rings, records that appear twice. In most worlds a fair share of the records is permitted;
over some hundred worlds every reason appears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from privity.canonical.instants import Instant, parse_instant
from privity.decide.request import Record, RecordId, Request
from privity.members.facts import Fact, MemberId, check_shape, parse_detail
from privity.testing.chance import DAY, FUTURE, Chance
from privity.testing.facts import CUSTOMERS, RECIPIENTS, Row, random_facts
from privity.testing.versions import random_policies
from privity.vocabulary.terms import CATEGORIES

if TYPE_CHECKING:
    import pyarrow as pa
    from hypothesis.strategies import SearchStrategy
    from hypothesis.vendor.pretty import RepresentationPrinter

IdKind = Literal["string", "int"]

MEMBERS: Final = 24
_COMMON: Final = ("post", "article", "comment", "profile", "ai-input", "group-message")
_PRIVATE: Final = ("inmail", "direct-message", "private-message")


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomWorld:
    """One random world; its text is the call that makes it again.

    Attributes:
        seed: Which world it is.
        policies: Versions of one policy, as plain mappings that `version_from` reads.
        facts: Rows of the facts format, times as text and `detail` as JSON text.
        records: Records; a few ids stand twice.
        requests: What to ask of them.
        ids: Whether members and records have strings or integers for ids.
    """

    seed: int
    policies: tuple[Mapping[str, Any], ...]
    facts: tuple[Row, ...]
    records: tuple[Record, ...]
    requests: tuple[Request, ...]
    ids: IdKind

    def __repr__(self) -> str:
        """Render as the call that makes the world again."""
        return f"random_world({self.seed}, records={len(self.records)}, ids={self.ids!r})"

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: object) -> None:
        """Print the same where dataclasses are else printed field by field, as hypothesis does."""
        printer.text(repr(self))


def random_world(seed: int, *, records: int = 200, ids: IdKind = "string") -> RandomWorld:
    """Make the world of a seed: the same for the same arguments, on any machine.

    Args:
        seed: Which world.
        records: How many records.
        ids: Whether members and records have strings or integers for ids.
    """
    chance = Chance.of(seed)
    members: list[MemberId] = [
        f"m{number}" if ids == "string" else number for number in range(1, MEMBERS + 1)
    ]
    policies = random_policies(chance)
    told = sorted({parse_instant(one["published_at"]) for one in policies})
    return RandomWorld(
        seed=seed,
        policies=policies,
        facts=random_facts(chance, members, told),
        records=_records(chance, members, records, ids),
        requests=tuple(_request(chance) for _ in range(4)),
        ids=ids,
    )


def worlds(*, records: int = 60, ids: IdKind | None = None) -> SearchStrategy[RandomWorld]:
    """Give a hypothesis strategy of random worlds; needs hypothesis installed.

    Args:
        records: How many records each world has.
        ids: The kind of ids; None is either.
    """
    from hypothesis import strategies  # noqa: PLC0415 - only who tests needs it

    kinds: tuple[IdKind, ...] = ("string", "int") if ids is None else (ids,)
    return strategies.builds(
        random_world,
        strategies.integers(min_value=0, max_value=2**32 - 1),
        records=strategies.just(records),
        ids=strategies.sampled_from(kinds),
    )


def facts_of(rows: Iterable[Row]) -> list[Fact]:
    """Read rows of the facts format, strictly.

    Raises:
        InputError: A row is no fact.
    """
    facts = []
    for row in rows:
        member = None if row["member"] in ("", None) else row["member"]
        detail = parse_detail(row["detail"])
        check_shape(row["fact"], row["value"], detail, platform=member is None)
        facts.append(
            Fact(
                member=member,
                fact=row["fact"],
                value=row["value"],
                at=parse_instant(row["at"]),
                recorded_at=parse_instant(row["recorded_at"]),
                detail=detail,
            )
        )
    return facts


def to_arrow(records: Sequence[Record], ids: IdKind = "string") -> pa.Table:
    """Make an Arrow table of records, in the schema that every source yields.

    Args:
        records: The records, in the order of the rows.
        ids: Whether members and records have strings or integers for ids.

    Returns:
        Columns `record_id, category, created_at (timestamp[us, UTC]), author, recipients,
        capacity, quotes`; `capacity` is null for `personal`.
    """
    import pyarrow as pa  # noqa: PLC0415 - random worlds need no tables

    id_type = pa.string() if ids == "string" else pa.int64()
    personal = "personal"
    columns = {
        "record_id": pa.array([one.record_id for one in records], id_type),
        "category": pa.array([one.category for one in records], pa.string()),
        "created_at": pa.array(
            [None if one.created_at is None else one.created_at * 1_000_000 for one in records],
            pa.timestamp("us", tz="UTC"),
        ),
        "author": pa.array([one.author for one in records], id_type),
        "recipients": pa.array([list(one.recipients) for one in records], pa.list_(id_type)),
        "capacity": pa.array(
            [None if one.capacity == personal else one.capacity for one in records], pa.string()
        ),
        "quotes": pa.array([list(one.quotes) for one in records], pa.list_(id_type)),
    }
    return pa.table(columns)


def _request(chance: Chance) -> Request:
    at = chance.near(chance.late[-1])
    if chance.often(0.15):
        at = chance.moment()
    known = at
    if chance.often(0.2):
        known = chance.one((chance.moment(), at - 1, at + 400 * DAY))
    purpose = "genai-training"
    if chance.often(0.1):
        other = ("model-training", "processing", "personalisation", "safety", "world-peace")
        purpose = chance.one(other)
    recipient = "nobody" if chance.wrong(0.04) else chance.one(_ASKED_FOR)
    return Request(purpose=purpose, recipient=recipient, at=at, known=known)


_ASKED_FOR: Final = ("self", "self", "self", "self", "parent", "lab", *RECIPIENTS)


def _records(
    chance: Chance, members: Sequence[MemberId], count: int, ids: IdKind
) -> tuple[Record, ...]:
    names: list[RecordId] = [
        f"r{number}" if ids == "string" else 1000 + number for number in range(count)
    ]
    strangers: list[MemberId] = ["ghost", ""] if ids == "string" else [0, -1]
    people = (
        [*members, *members, *members, *members, *strangers]
        if chance.often(0.8)
        else list(members)
    )
    made = []
    for number, name in enumerate(names):
        own = chance.one(names[:number]) if number and chance.wrong(0.04) else name
        made.append(_record(chance, own, people, names))
    return tuple(made)


def _record(
    chance: Chance, name: RecordId, people: Sequence[MemberId], names: Sequence[RecordId]
) -> Record:
    category = _category(chance)
    author: MemberId | None = None if chance.wrong(0.04) else chance.one(people)
    return Record(
        record_id=name,
        category=category,
        created_at=_created_at(chance),
        author=author,
        recipients=_recipients(chance, category, author, people),
        capacity=_capacity(chance),
        quotes=_quotes(chance, names),
    )


def _category(chance: Chance) -> str | None:
    if chance.wrong(0.06):
        return chance.one((None, "haiku", ""))
    if chance.often(0.12):
        return chance.one(tuple(CATEGORIES))
    return chance.one(_PRIVATE if chance.often(0.35) else _COMMON)


def _created_at(chance: Chance) -> Instant | None:
    if chance.wrong(0.08):
        return chance.one((None, FUTURE, chance.late[-1] + DAY))
    pool = chance.late[:-1] if chance.often(0.85) else chance.early + chance.late
    return chance.one(pool) + chance.one((0, 0, 0, 1, 1, -1, DAY, 30 * DAY))


def _recipients(
    chance: Chance, category: str | None, author: MemberId | None, people: Sequence[MemberId]
) -> tuple[MemberId | None, ...]:
    message = category is None or category == "content" or "message" in category
    if not (message or category == "inmail"):
        return tuple(chance.some(people, most=2)) if chance.often(0.1) else ()
    if chance.wrong(0.05):
        return ()
    count = 1 if chance.often(0.8) else chance.count(2, 5)
    found: list[MemberId | None] = [chance.one(people) for _ in range(count)]
    if chance.often(0.03):
        found.append(author)
    if chance.wrong(0.04):
        found.append(None)
    return tuple(found)


def _capacity(chance: Chance) -> str:
    if chance.often(0.93):
        return "personal"
    if chance.wrong(0.2):
        return chance.one(("contractor", "seat", "seat:", "Personal", ""))
    return f"seat:{chance.one(CUSTOMERS)}"


def _quotes(chance: Chance, names: Sequence[RecordId]) -> tuple[RecordId | None, ...]:
    if chance.often(0.92):
        return ()
    found: list[RecordId | None] = list(chance.some(names, most=2))
    if chance.wrong(0.15):
        found.append(chance.one((None, "nowhere" if isinstance(names[0], str) else -7)))
    return tuple(found)
