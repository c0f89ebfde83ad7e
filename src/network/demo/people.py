# SPDX-License-Identifier: Apache-2.0
"""Who of the made network gets a log-in, and what of hers the network shows.

Nobody is made up here but names: the members are those whom the ledger's baseline told of, and their records have the
ids by which releases name them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PASSWORD: Final = "common ground demo"  # noqa: S105 - it is shown on the log-in page
LAST_TOLD: Final = 2_000
"""The demo told the members up to this one of its version of 2026."""
_OUT: Final = frozenset({"closed", "deceased", "merged", "minor-suspected"})
_PAYING: Final = "subscription"
_PUBLIC: Final = ("post", "article", "comment")
_PRIVATE: Final = ("direct-message", "inmail")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One log-in to be given.

    Attributes:
        name: What its owner is called; its first word is the address.
        country: Where she lives.
        zone: The zone that times are shown in.
        headline: What she says to be.
        paying: Whether she is Premium.
        told: Whether she was told of the version of 2026.
        yes: Whether she then said yes.
    """

    name: str
    country: str
    zone: str
    headline: str
    paying: bool = False
    told: bool = True
    yes: bool = True


@dataclass(kw_only=True, slots=True)
class Known:
    """What the made network's facts say of a member.

    Attributes:
        member: The id.
        countries: All that was ever said of where she lives.
        joined: When she joined.
        born: Whether a date of birth is known.
        paying_since: When she became Premium, or None where she is not.
        out: Whether something says that she may be gone, or a minor.
    """

    member: int
    countries: list[str] = field(default_factory=list)
    joined: datetime | None = None
    born: bool = False
    paying_since: datetime | None = None
    out: bool = False

    def hear(self, fact: str, value: str, at: datetime) -> None:
        """Take a fact in; they come in the order of their time."""
        match fact:
            case "jurisdiction":
                self.countries.append(value)
            case "joined":
                self.joined = at
            case "birth_date":
                self.born = True
            case "agreement" if value == _PAYING:
                self.paying_since = at
            case "agreement-ended" if value == _PAYING:
                self.paying_since = None
            case _:
                self.out = self.out or fact in _OUT

    def fits(self, place: Place) -> bool:
        """Tell whether a log-in is for somebody like her."""
        if self.out or not self.born or self.joined is None:
            return False
        told = self.member <= LAST_TOLD
        yes = told and self.member % 10 < 8  # noqa: PLR2004 - four in five of whom the demo told
        return (
            set(self.countries) == {place.country}
            and (self.paying_since is not None) == place.paying
            and told == place.told
            and (not told or yes == place.yes)
        )


def chosen(
    made: Path, places: Sequence[Place], *, who_said_no: int | None
) -> Iterator[tuple[Place, Known]]:
    """Give to each place the first member that fits; one whom nobody fits stays empty.

    Args:
        made: The folder of the made network.
        places: The places; the last is for who took back what she had agreed to.
        who_said_no: That member, or None.
    """
    known = _known(made / "facts.parquet")
    given: set[int] = set() if who_said_no is None else {who_said_no}
    for place in places[:-1]:
        found = next(
            (one for one in known.values() if one.member not in given and one.fits(place)), None
        )
        if found is not None:
            given.add(found.member)
            yield place, found
    if who_said_no is not None:
        yield places[-1], known[who_said_no]


def _known(facts: Path) -> Mapping[int, Known]:
    """Read what is known of the members, in the order of their ids."""
    columns = ["member", "fact", "value", "at"]
    table = pq.read_table(facts, columns=columns)
    table = table.filter(pc.is_valid(table["member"])).sort_by(
        [("member", "ascending"), ("at", "ascending")]
    )
    known: dict[int, Known] = {}
    for member, fact, value, at in zip(
        *(table[name].to_pylist() for name in columns), strict=True
    ):
        known.setdefault(member, Known(member=member)).hear(fact, value, at)
    return known


def records_of(made: Path, members: AbstractSet[int]) -> Iterator[Mapping[str, Any]]:
    """Give what members wrote to everybody, and to one another, in the order of its making."""
    asked = pa.array(sorted(members), pa.int64())
    for file in sorted((made / "records").glob("*.parquet")):
        table = pq.read_table(file, filters=pc.field("author").isin(asked))
        for one in table.to_pylist():
            private = one["category"] in _PRIVATE and bool(one["recipients"])
            if one["category"] in _PUBLIC or (private and members >= set(one["recipients"])):
                yield one


def newest_id(made: Path) -> int:
    """Give the largest id that a record of the made network has."""
    newest = 0
    for file in sorted((made / "records").glob("*.parquet")):
        found = pc.max(pq.read_table(file, columns=["record_id"])["record_id"]).as_py()
        newest = max(newest, found or 0)
    return newest
