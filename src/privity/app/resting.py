# SPDX-License-Identifier: Apache-2.0
"""On whose claims the permits of a run rest, and what has to be said of it ([CLM-21], [CLM-22], docs/workspace.md).

A workspace that accepts claims permits by what nobody witnessed. The same run is decided without the claims of each
attester; what is refused then rests on them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.app.basis import Believed, Reading
from privity.app.running import decided_run
from privity.app.workspace.gathered import Source
from privity.canonical.instants import format_instant
from privity.decide.count_attested import flag_attested
from privity.release.decided import Chunk, Decided
from privity.sources.parquet import ParquetRecords

Flags = npt.NDArray[np.bool_]

ATTESTED: Final = "attested"
"""The column of whose claims a permit rests on; it is there where any are accepted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resting:
    """The same run without claims.

    Attributes:
        witnessed: Decided without any claim; None where none is accepted.
        each: Decided without the claims of one attester.
        counts: How many permits rest on the claims of each, of the chunks that were asked for.
    """

    witnessed: Decided | None
    each: Mapping[str, Decided]
    counts: Counter[str] = field(default_factory=Counter)

    def of(self, chunk: Chunk, permitted: Flags) -> dict[str, Flags]:
        """Tell which permits of a chunk rest on whose claims, each shape (rows); they are counted."""
        if self.witnessed is None:
            return {}
        found = flag_attested(
            permitted,
            self.witnessed.permitted(chunk),
            {name: run.permitted(chunk) for name, run in self.each.items()},
        )
        self.counts.update({name: int(flags.sum()) for name, flags in found.items()})
        return found


@contextmanager
def resting(
    believed: Believed, files: Sequence[ParquetRecords], *, threads: int
) -> Iterator[Resting]:
    """Decide a run without claims, as often as there is somebody whose claims are accepted."""
    with ExitStack() as stack:

        def run(reading: Reading) -> Decided:
            return stack.enter_context(decided_run(reading.compiled(), files, threads=threads))

        each = {name: run(reading) for name, reading in believed.each().items()}
        if len(each) > 1:
            yield Resting(witnessed=run(believed.accepting(())), each=each)
        else:
            # Without the claims of the only one there are none.
            yield Resting(witnessed=next(iter(each.values()), None), each=each)


def names_of(flags: Mapping[str, Flags], rows: int) -> pa.Array:
    """Give each row the names whose flag it has, as lists of text."""
    sets = [[name for name in flags if flags[name][row]] for row in range(rows)]
    return pa.array(sets, pa.list_(pa.string()))


def not_witnessed(name: str) -> str:
    """Say whose word something is."""
    return f"attested by {name}, not witnessed"


def attested_lines(counts: Mapping[str, int]) -> list[str]:
    """Say how many permits rest on whose claims."""
    return [
        f"{count:,} of the permits are {not_witnessed(name)}"
        for name, count in sorted(counts.items())
        if count
    ]


def attested_mapping(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Say so as plain values for JSON."""
    return [
        {"records": count, "says": not_witnessed(name)}
        for name, count in sorted(counts.items())
        if count
    ]


def source_lines(source: Source | None) -> list[str]:
    """Say what a reader has to know of where something is known from; nothing where there is nothing to say."""
    if source is None:
        return []
    told = []
    if source.simulated:
        told.append(
            f"the instants of {source.origin} were set and not witnessed: its clock is simulated"
        )
    if source.unread:
        each = ", ".join(f"{count:,} {why}" for why, count in source.unread.items())
        told.append(
            f"{sum(source.unread.values()):,} private entries cannot be read ({each}): what each is about "
            "is refused"
        )
    if source.unheeded:
        told.append(
            f"{source.unheeded:,} public entries say what this version does not know: they are not heeded"
        )
    return told


def source_mapping(source: Source) -> dict[str, Any]:
    """Give where something is known from as plain values for JSON."""
    return {
        "origin": source.origin,
        "size": source.size,
        "time": format_instant(source.time),
        "clock": source.clock,
        "claims": {"count_as": source.attested, "of": dict(source.claims)},
        "unread": dict(source.unread),
        "unheeded": source.unheeded,
    }
