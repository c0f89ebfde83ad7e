# SPDX-License-Identifier: Apache-2.0
"""Facts in columns, looked up by what their kinds say: the ground of `privity.members.check`.

A kind is a distinct fact, value and detail; there are few, so what holds of a row is asked of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from privity.members.columns import FactColumns
from privity.members.facts import Fact

Places = npt.NDArray[np.int64]
"""Places of rows, ascending: by member, and within one in timeline order."""


class Rows:
    """The facts of members, one a row.

    Args:
        columns: The facts.

    Attributes:
        columns: The facts.
        member: Shape (facts): each fact's member, as its place among the ids.
    """

    def __init__(self, columns: FactColumns) -> None:
        self.columns = columns
        self.member = columns.member_of()

    def where(self, holds: Callable[[Fact], bool]) -> Places:
        """Give the rows of the kinds of which something holds."""
        kinds = np.fromiter(map(holds, self.columns.kinds), np.bool_, len(self.columns.kinds))
        return np.flatnonzero(kinds[self.columns.kind])

    def codes(self, name: Callable[[Fact], str | None]) -> npt.NDArray[np.int64]:
        """Number what a name says of each kind, shape (kinds); -1 where it says None."""
        numbers: dict[str, int] = {}
        said = [name(kind) for kind in self.columns.kinds]
        return np.array(
            [-1 if one is None else numbers.setdefault(one, len(numbers)) for one in said],
            np.int64,
        )

    def kinds_of(self, places: Places) -> Iterator[Fact]:
        """Give the kind of each row."""
        return (self.columns.kinds[self.columns.kind[place]] for place in places)

    def facts(self, places: Iterable[np.int64]) -> Iterator[Fact]:
        """Give the facts of rows."""
        columns = self.columns
        for place in places:
            yield replace(
                columns.kinds[columns.kind[place]],
                member=columns.ids[int(self.member[place])].as_py(),
                at=int(columns.at[place]),
                recorded_at=int(columns.recorded_at[place]),
            )
