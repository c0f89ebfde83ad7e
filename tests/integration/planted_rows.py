# SPDX-License-Identifier: Apache-2.0
"""The records of planted releases, and what is known of their members: in columns, so that a million are soon made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from tests.integration.planted import AGREED, BORN, JOINED, PLACE, TOLD, YES, Said, Stranger

from privity.canonical.encode import encode
from privity.canonical.instants import Instant, parse_instant

START: Final = parse_instant("2024-01-01T00:00:00Z")
DAY: Final = 86_400
LATE: Final = 60
"""On which day is said what is said after the baseline and long before any release."""
WRITTEN: Final = (80, 118)
"""On which days the crowd wrote: all of it after whoever was silent could have objected."""
SINCE: Final[Mapping[str, int]] = {"notice": 4, "setting": 9}
"""On which day the crowd was told, and agreed."""
LONG_BEFORE: Final = -3_000
OTHER_ACCOUNT: Final = 10_000_000
"""What a member's other account has more for an id."""
YES_OF, SUBSCRIBER_OF = 2, 20
"""Every second member said yes, every twentieth pays."""
CATEGORIES: Final = ("post", "article", "comment", "inmail")
SHARES: Final = (0.5, 0.1, 0.25, 0.15)

Ints = npt.NDArray[np.int64]


def day(number: float) -> Instant:
    """Give an instant, by days from the beginning."""
    return START + int(number * DAY)


class Crowd:
    """Members of whom nothing is peculiar: 1, 2, 3 and so on.

    Args:
        members: How many.
        random: What their records depend on.
    """

    def __init__(self, members: int, random: Random) -> None:
        self.ids = np.arange(1, members + 1)
        self.chance = np.random.default_rng(random.getrandbits(64))
        self.agreed = self.ids[self.ids % YES_OF == 0]
        self.subscribers = self.ids[self.ids % SUBSCRIBER_OF == 0]


def facts_of(crowd: Crowd, strangers: Iterable[Mapping[int, Stranger]]) -> pa.Table:
    """Give the facts of a baseline: the crowd's, and what is known of strangers."""
    parts = [_known(crowd.ids, one) for one in (JOINED, PLACE, BORN, TOLD)]
    parts += [_known(crowd.agreed, YES), _known(crowd.subscribers, AGREED)]
    told: dict[str, tuple[Said, list[int]]] = {}
    for some in strangers:
        for member, one in some.items():
            accounts = ((member, one.known), (member + OTHER_ACCOUNT, one.other))
            for account, known in accounts:
                for said in known:
                    told.setdefault(str(said), (said, []))[1].append(account)
    parts += [_known(np.array(members), said) for said, members in told.values()]
    return pa.concat_tables(parts)


def rows_of(
    crowd: Crowd, strangers: Mapping[int, Stranger], count: int, recipient: str, first: int
) -> pa.Table:
    """Give the rows of a release: the strangers' among those of the crowd.

    Args:
        crowd: Who wrote nearly all of them.
        strangers: Who wrote one each; theirs have the first ids.
        count: How many rows are the crowd's.
        recipient: Whom the release is for: a third party gets no private record of who pays.
        first: The first id.
    """
    theirs = _records(
        first + np.arange(len(strangers)),
        [one.category for one in strangers.values()],
        np.array([day(one.day) for one in strangers.values()], np.int64),
        authors=np.array(
            [2 if who.addressed else one for one, who in strangers.items()], np.int64
        ),
        addressees=np.array([_addressee(one, who) for one, who in strangers.items()], np.int64),
        quotes=np.array([who.quotes for who in strangers.values()], np.bool_),
    )
    ours = _crowds(crowd, count, recipient, first + len(strangers))
    cut = int(crowd.chance.integers(0, count))
    return pa.concat_tables([ours.slice(0, cut), theirs, ours.slice(cut)]).combine_chunks()


def _addressee(member: int, stranger: Stranger) -> int:
    """Give whom a stranger's record is to; 0 is nobody. The second of the crowd agreed to everything, and does not pay."""
    if stranger.addressed:
        return member
    return 2 if stranger.category == "inmail" else 0


def _crowds(crowd: Crowd, count: int, recipient: str, first: int) -> pa.Table:
    """Give records that may be used: public ones of anybody, private ones among who agreed to everything."""
    chance = crowd.chance
    chosen = chance.choice(len(CATEGORIES), count, p=SHARES)
    private = chosen == CATEGORIES.index("inmail")
    agreed = crowd.agreed
    if recipient != "self":
        agreed = agreed[~np.isin(agreed, crowd.subscribers)]
    authors = np.where(private, chance.choice(agreed, count), chance.choice(crowd.ids, count))
    addressees = np.where(private, chance.choice(agreed, count), 0)
    made = day(WRITTEN[0]) + chance.integers(0, (WRITTEN[1] - WRITTEN[0]) * DAY, count)
    categories = np.array(CATEGORIES)[chosen].tolist()
    return _records(
        first + np.arange(count),
        categories,
        made,
        authors=authors,
        addressees=addressees,
        quotes=np.zeros(count, np.bool_),
    )


def _known(members: npt.NDArray[Any], said: Said) -> pa.Table:
    """Give a fact of many members, as of long before."""
    fact, value, detail = said
    count = len(members)
    then = day(SINCE.get(fact, LONG_BEFORE)) * 1_000_000
    texts = {"fact": fact, "value": value, "detail": encode(dict(detail)).decode()}
    instant = pa.scalar(then, pa.timestamp("us", tz="UTC"))
    return pa.table(
        {
            "member": pa.array(members, pa.int64()),
            **{key: pa.repeat(pa.scalar(text), count) for key, text in texts.items()},
            **{key: pa.repeat(instant, count) for key in ("at", "recorded_at")},
        }
    )


def _records(
    ids: Ints,
    categories: Sequence[str],
    made: Ints,
    *,
    authors: Ints,
    addressees: Ints,
    quotes: npt.NDArray[np.bool_],
) -> pa.Table:
    """Give records with a text each; an addressee of 0 is none, and who quotes quotes the record before."""
    count = len(ids)
    return pa.table(
        {
            "record_id": pa.array(ids, pa.int64()),
            "category": pa.array(categories, pa.string()),
            "created_at": pa.array(made * 1_000_000, pa.timestamp("us", tz="UTC")),
            "author": pa.array(authors, pa.int64()),
            "recipients": _one_or_none(addressees, addressees > 0),
            "capacity": pa.nulls(count, pa.string()),
            "quotes": _one_or_none(ids - 1, quotes),
            "body": pa.array([f"what record {one} says" for one in ids.tolist()], pa.string()),
        }
    )


def _one_or_none(values: Ints, are: npt.NDArray[np.bool_]) -> pa.ListArray:
    """Give lists of the one value each, or of nothing."""
    ends = np.concatenate([[0], np.cumsum(are)])
    return pa.ListArray.from_arrays(
        pa.array(ends, pa.int32()), pa.array(values[are], pa.int64())
    )
