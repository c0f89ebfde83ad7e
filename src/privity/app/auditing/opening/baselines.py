# SPDX-License-Identifier: Apache-2.0
"""Read the baselines of an audit: files of facts, each held to the entry that commits to it (specs/audit.md, part 1).

A file is read as often as it is asked about: a baseline may have more facts than fit in memory, and an answer seldom needs
those of everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.audit.evidence import Gap, Told
from privity.audit.rules import BaselineAt
from privity.canonical.encode import digest_file
from privity.entries.baseline import BaselineFile
from privity.errors import PrivityError
from privity.members.facts import Fact, parse_detail
from privity.members.files import COLUMNS
from privity.members.reading import read_facts
from privity.store.baselines import KeptFile, read_kept

_MICROSECONDS = 1_000_000
_MERGED = "merged"
_IDS = (pa.int64(), pa.string())
_EXACT = {
    **dict.fromkeys(("fact", "value", "detail"), pa.string()),
    **dict.fromkeys(("at", "recorded_at"), pa.timestamp("us", tz="UTC")),
}
"""The columns that need no reading but Parquet's own, besides that of ids."""
_BATCH = 1 << 19
_WORDS = ["fact", "value"]
_INSTANT = pa.timestamp("us", tz="UTC")
_PLAIN = {
    "member": (pa.int64(), pa.string()),
    "fact": (pa.dictionary(pa.int32(), pa.string()),),
    "value": (pa.dictionary(pa.int32(), pa.string()),),
    "at": (_INSTANT,),
    "recorded_at": (_INSTANT,),
}
"""The columns of a file that need no reading but Parquet's own."""


@dataclass(kw_only=True, slots=True)
class Baseline:
    """A baseline whose file is the one that the log commits to.

    Attributes:
        at: Where it stands.
        file: The file, and the secret of its commitment.
        numbers: Whether its members' ids are integers.
    """

    at: BaselineAt
    file: KeptFile
    numbers: bool
    _merges: list[tuple[str, str]] = field(default_factory=list, repr=False)
    _platform: list[Told] = field(default_factory=list, repr=False)
    _looked: bool = False

    def of(self, accounts: frozenset[str] | None) -> Iterator[Told]:
        """Give what it tells of members, by the texts of their ids; None is of all."""
        if accounts is not None and not accounts:
            return
        wanted = None if accounts is None else pa.array(sorted(accounts), pa.string())
        for batch in self._batches():
            members = _as_text(batch.column("member"))
            if wanted is None:
                mine = pc.invert(_is_platform(members))
            else:
                mine = pc.is_in(members, value_set=wanted)
            yield from self._told(batch.filter(mine))

    def of_platform(self) -> Iterator[Told]:
        """Give what it tells of the platform."""
        self._look()
        yield from self._platform

    def in_columns(self, kinds: Collection[str], *, numbers: bool) -> Iterator[pa.Table]:
        """Give what it tells of members, of some kinds of facts, in columns (`audit.columns.FACTS`).

        Args:
            kinds: The kinds.
            numbers: Whether ids are given as whole numbers; else as text.
        """
        for batch in self._few_columns():
            some = batch.filter(_of_kinds(batch, kinds))
            seconds = {
                name: pc.divide(some.column(name).cast(pa.int64()), _MICROSECONDS)
                for name in ("at", "recorded_at")
            }
            member = some.column("member")
            yield pa.table(
                {
                    "member": member if numbers else _as_text(member),
                    "fact": _decoded(some.column("fact")),
                    "value": _decoded(some.column("value")),
                    "at": seconds["at"],
                    "recorded_at": pc.min_element_wise(
                        seconds["recorded_at"], pa.scalar(self.at.entered, pa.int64())
                    ),
                    "entry": pa.array(np.full(some.num_rows, self.at.entry)),
                    "by": pa.DictionaryArray.from_arrays(
                        pa.array(np.zeros(some.num_rows, np.int32)),
                        pa.array([self.at.says.claimed_by]),
                    ),
                }
            )

    def _few_columns(self) -> Iterator[pa.RecordBatch]:
        """Read all facts without their details; words that repeat may be dictionaries."""
        with pq.ParquetFile(self.file.path, read_dictionary=_WORDS, pre_buffer=False) as file:
            if _is_plain(file.schema_arrow):
                yield from file.iter_batches(_BATCH, columns=list(_PLAIN))
                return
        yield from self._batches()

    def merges(self) -> list[tuple[str, str]]:
        """Give the accounts that were merged, each with the one that it went into; by the texts of their ids."""
        self._look()
        return self._merges

    def _look(self) -> None:
        """Read all of it once, each row strictly, and keep what is asked for again and again."""
        if self._looked:
            return
        merges: list[tuple[str, str]] = []
        platform: list[Told] = []
        for batch in read_facts(self.file.path):
            members = _as_text(batch.column("member"))
            ours = _is_platform(members)
            platform += self._told(batch.filter(ours))
            merged = pc.and_(pc.equal(batch.column("fact"), _MERGED), pc.invert(ours))
            sources = members.filter(merged).to_pylist()
            targets = batch.column("value").filter(merged).to_pylist()
            merges += zip(sources, targets, strict=True)
        self._merges, self._platform, self._looked = merges, platform, True

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Read all of it in the types of `read_facts`; what was read strictly before is only read."""
        self._look()
        with pq.ParquetFile(self.file.path) as file:
            types = {field.name: field.type for field in file.schema_arrow}
            plain = all(types.get(name) == kind for name, kind in _EXACT.items())
            if not plain or types.get("member") not in _IDS:
                yield from read_facts(self.file.path)
                return
            for batch in file.iter_batches(columns=list(COLUMNS), use_threads=False):
                columns = {name: batch.column(name) for name in COLUMNS}
                for name in ("value", "detail"):
                    columns[name] = pc.fill_null(columns[name], "")
                yield pa.RecordBatch.from_pydict(columns)

    def _told(self, batch: pa.RecordBatch) -> Iterator[Told]:
        at, recorded_at = (
            (batch.column(name).cast(pa.int64()).to_numpy() // _MICROSECONDS).tolist()
            for name in ("at", "recorded_at")
        )
        words = (
            batch.column(name).to_pylist() for name in ("member", "fact", "value", "detail")
        )
        for member, fact, value, detail, when, recorded in zip(
            *words, at, recorded_at, strict=True
        ):
            yield Told(
                entry=self.at.entry,
                fact=Fact(
                    member=None if member == "" else member,
                    fact=fact,
                    value=value,
                    at=when,
                    recorded_at=min(recorded, self.at.entered),
                    detail=parse_detail(detail),
                ),
                entered=self.at.entered,
                by=self.at.says.claimed_by,
            )


def _is_plain(schema: pa.Schema) -> bool:
    return all(
        name in schema.names and schema.field(name).type in kinds
        for name, kinds in _PLAIN.items()
    )


def _of_kinds(batch: pa.RecordBatch, kinds: Collection[str]) -> pa.Array:
    """Tell which facts are of some kinds, and of members."""
    fact, member = batch.column("fact"), batch.column("member")
    wanted = pa.array(sorted(kinds), pa.string())
    if pa.types.is_dictionary(fact.type) and not fact.null_count:
        # There are few kinds, and many facts.
        few = pc.is_in(fact.dictionary, value_set=wanted).to_numpy(zero_copy_only=False)
        mine = pa.array(few[fact.indices.to_numpy()])
    else:
        mine = pc.is_in(_decoded(fact), value_set=wanted)
    if pa.types.is_string(member.type):
        return pc.and_(mine, pc.invert(_is_platform(member)))
    return pc.and_(mine, pc.is_valid(member))


def _decoded(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def open_baselines(
    folder: Path,
    baselines: tuple[BaselineAt, ...],
) -> tuple[tuple[Baseline, ...], tuple[Gap, ...]]:
    """Find the files of baselines, and hold each to its entry.

    Args:
        folder: Where they are kept, each beside the secret that opens its commitment.
        baselines: The baselines of the log.

    Returns:
        The baselines, in the order of the log, and what is missing of them.

    Raises:
        InputError: A file holds something that is no fact.
    """
    found: list[Baseline] = []
    gaps: list[Gap] = []
    for at in baselines:
        kept = _find(folder, at)
        if kept is None:
            gaps.append(
                Gap(
                    kind="private-facts",
                    what=f"the file of the baseline of entry {at.entry}, which has {at.says.rows:,} "
                    "facts, is not here, or not what the entry commits to",
                    entries=at.entries,
                )
            )
            continue
        kind = pq.read_schema(kept.path).field("member").type
        found.append(Baseline(at=at, file=kept, numbers=pa.types.is_integer(kind)))
    return tuple(found), tuple(gaps)


def _find(folder: Path, at: BaselineAt) -> KeptFile | None:
    """Give the file that an entry commits to: by its secret, its number of facts and all of its bytes."""
    for path in sorted(folder.glob("[!.]*.parquet")):
        try:
            kept = read_kept(folder, path.stem)
            if kept is None:
                continue
            rows = pq.read_metadata(kept.path).num_rows
            file = BaselineFile(sha256=kept.sha256, size=kept.size, rows=rows)
            at.says.check_file(file, opening=kept.opening)
            if digest_file(kept.path) == kept.sha256:
                return kept
        except (pa.ArrowException, OSError, PrivityError):
            continue  # another baseline's, or none that can be read
    return None


def _as_text(members: pa.Array) -> pa.Array:
    return members if pa.types.is_string(members.type) else members.cast(pa.string())


def _is_platform(members: pa.Array) -> pa.Array:
    return pc.or_kleene(
        pc.is_null(members), pc.fill_null(pc.equal(members, ""), fill_value=False)
    )
