# SPDX-License-Identifier: Apache-2.0
"""What a ledger knows of a few members, read without everybody else's facts (docs/workspace.md).

Whoever answers one member's question on a page, or decides one message, needs the facts of its parties and of the accounts
merged into them. They are found by their streams; of baselines, by an index of who stands in which row. What does not
change from one question to the next is kept: versions until another entry says something of them, and the files of
baselines once they were verified. What comes out is what `knowing.gather` gives, less what concerns others.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.workspace.baselines import MISSING, Baseline, read_baseline
from privity.app.workspace.batches import ids_of, packed
from privity.app.workspace.gathered import Gathered
from privity.app.workspace.knowing import Rows, put_together
from privity.app.workspace.parts import Workspace
from privity.app.workspace.places import Places
from privity.app.workspace.projecting import projected
from privity.app.workspace.recording import PLATFORM, key_name
from privity.app.workspace.rules import STREAMS, BaselineAt, Rules, read_rules
from privity.errors import UnavailableError
from privity.members.facts import MemberId, as_number
from privity.store.projection import Projection
from privity.store.projection_rows import PublicRow

Ints = npt.NDArray[np.int64]

_MERGED: Final = "merged"
_TEXTS: Final = ("t", "u")
"""Between which the names of members lie that have texts as ids."""


@dataclass(frozen=True, kw_only=True, slots=True, weakref_slot=True)
class IndexedBaseline:
    """A baseline in which a member's facts are found.

    Attributes:
        says: The baseline, without its members' facts.
        facts: Those, as one batch.
        ids: The members, sorted, each once.
        starts: Shape (members + 1): where in `rows` each one's begin.
        rows: Shape (facts): the places of the facts, member by member, in the file's order.
        merged: By the account that others went into, as text, which those are.
    """

    says: Baseline
    facts: pa.RecordBatch | None
    ids: pa.Array
    starts: Ints
    rows: Ints
    merged: dict[str, set[MemberId]]

    @classmethod
    def of(cls, baseline: Baseline) -> IndexedBaseline:
        """Index a baseline by its members."""
        bare = replace(baseline, batches=())
        if not baseline.batches:
            none = np.zeros(0, np.int64)
            return cls(
                says=bare,
                facts=None,
                ids=pa.array([], pa.string()),
                starts=np.zeros(1, np.int64),
                rows=none,
                merged={},
            )
        table = pa.Table.from_batches(baseline.batches).unify_dictionaries().combine_chunks()
        facts = table.to_batches()[0] if table.num_rows else table.schema.empty_table()
        batch = facts if isinstance(facts, pa.RecordBatch) else None
        member = table.column("member").combine_chunks()
        if pa.types.is_dictionary(member.type):
            member = member.cast(member.type.value_type)
        rows = np.asarray(pc.sort_indices(member), np.int64)
        ordered = member.take(pa.array(rows))
        fresh = np.ones(len(ordered), np.bool_)
        if len(ordered) > 1:
            fresh[1:] = np.asarray(pc.not_equal(ordered[1:], ordered[:-1]), np.bool_)
        starts = np.append(np.flatnonzero(fresh), len(ordered)).astype(np.int64)
        return cls(
            says=bare,
            facts=batch,
            ids=ordered.take(pa.array(starts[:-1])),
            starts=starts,
            rows=rows,
            merged=_merges(table),
        )

    def only(self, members: Collection[MemberId]) -> Baseline:
        """Give the baseline with the facts of some members, in the file's order."""
        if self.facts is None:
            return self.says
        pieces = [self._rows_of(one) for one in members]
        rows = np.sort(np.concatenate([np.zeros(0, np.int64), *pieces]))
        return replace(self.says, batches=(self.facts.take(pa.array(rows)),))

    def _rows_of(self, member: MemberId) -> Ints:
        wanted = as_number(str(member)) if pa.types.is_integer(self.ids.type) else str(member)
        low, high = 0, len(self.ids)
        while wanted is not None and low < high:
            middle = (low + high) // 2
            found = self.ids[middle].as_py()
            if found == wanted:
                return self.rows[self.starts[middle] : self.starts[middle + 1]]
            # Arrow sorts text by its bytes, and Python by code points: the same order.
            low, high = (middle + 1, high) if found < wanted else (low, middle)
        return np.zeros(0, np.int64)


_there: WeakValueDictionary[tuple[Path, BaselineAt], IndexedBaseline] = WeakValueDictionary()
"""The baselines that somebody in this process has read: each is there once, however many threads ask."""
_reading = threading.Lock()


def indexed_baseline(places: Places, baseline: BaselineAt) -> IndexedBaseline:
    """Read and verify a baseline, unless another thread has, which still keeps it.

    Args:
        places: The workspace's.
        baseline: Which; its entry commits to every byte of its file.

    Raises:
        InputError: As `read_baseline`.
        UnavailableError: As `read_baseline`.
        VerificationError: As `read_baseline`.
    """
    key = (places.baselines, baseline)
    with _reading:
        found = _there.get(key)
        if found is None:
            found = _there[key] = IndexedBaseline.of(read_baseline(places, baseline))
            # What reading took besides is a multiple of what stays.
            pa.default_memory_pool().release_unused()
        return found


class KnowsSome:
    """Reads what a workspace's ledger knows of a few members, again and again.

    It belongs to the thread that opened the workspace, and may be asked as long as that is open.

    Args:
        workspace: Whose ledger.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._public: tuple[PublicRow, ...] = ()
        self._rules: Rules | None = None
        self._baselines: dict[tuple[int, ...], IndexedBaseline] = {}
        self._merged: dict[int, list[str]] = {}
        self._merges_to = 0
        self._removals = -1

    def gather(self, members: Iterable[MemberId]) -> Gathered:
        """Read all that the ledger says now of some members, and of the accounts merged into them.

        Args:
            members: Whose; nothing need be known of one.

        Raises:
            InputError: As `knowing.gather`.
            ConflictError: As `knowing.gather`.
            VerificationError: As `knowing.gather`.
            UnavailableError: As `knowing.gather`.
        """
        wanted = list(members)
        while True:
            try:
                return projected(self._workspace, lambda found: self._gathered(found, wanted))
            except UnavailableError as error:
                # Who erases from a baseline enters another one, and removes the file: then the log has grown.
                if error.code != MISSING or not self._has_grown():
                    raise

    @property
    def rules(self) -> Rules:
        """What the public streams say, as of the last question."""
        return self._rules if self._rules is not None else self.gather(()).rules

    def _has_grown(self) -> bool:
        last = self._public[-1].entry if self._public else -1
        return self._workspace.store.head().size > last + 1

    def _gathered(self, projection: Projection, members: list[MemberId]) -> Gathered:
        there = projection.extent().size
        rules = self._read_rules(projection, there)
        baselines = [self._indexed(one.entries) for one in rules.baselines]
        self._follow_merges(projection, there)
        accounts = self._accounts(members, baselines)
        keys = self._workspace.keys
        numbers = all(one.says.numbers and _has_numbers(one) for one in baselines) and not (
            keys.has_any(*_TEXTS)
        )
        streams = keys.streams_of({PLATFORM, *_names(accounts)})
        found = projection.of_streams([stream for stream, _ in streams], there)
        rows = Rows(
            there=there,
            size=there,
            public=self._public,
            attested=found.attested,
            unread=found.unread,
            kinds=found.kinds,
            facts=[packed(found.facts)] if found.facts else [],
        )
        return put_together(
            self._workspace,
            rows,
            rules,
            [one.only(accounts) for one in baselines],
            ids_of(streams, numbers=numbers),
        )

    def _read_rules(self, projection: Projection, there: int) -> Rules:
        """Read what public entries say, anew only where one came or went."""
        since = self._public[-1].entry + 1 if self._public else 0
        fresh = tuple(projection.public(STREAMS, there, since=since))
        if self._rules is None or fresh:
            public = (*self._public, *fresh)
            rules = read_rules(self._workspace, public, size=there)
            named = {one.entries for one in rules.baselines}
            kept = {key: one for key, one in self._baselines.items() if key in named}
            for one in rules.baselines:
                if one.entries not in kept:
                    kept[one.entries] = indexed_baseline(self._workspace.places, one)
            # INVARIANT: nothing is kept of a look that did not come to its end.
            self._baselines, self._rules, self._public = kept, rules, public
        return self._rules

    def _indexed(self, entries: tuple[int, ...]) -> IndexedBaseline:
        return self._baselines[entries]

    def _follow_merges(self, projection: Projection, there: int) -> None:
        removals = projection.removals()
        if removals != self._removals:
            self._merged, self._merges_to, self._removals = {}, 0, removals
        for stream, value in projection.values_of(_MERGED, self._merges_to, there):
            self._merged.setdefault(stream, []).append(value)
        self._merges_to = there

    def _accounts(
        self, members: Iterable[MemberId], baselines: Iterable[IndexedBaseline]
    ) -> set[MemberId]:
        """Give members with every account that was merged into them, by whatever chain."""
        into: dict[str, set[MemberId]] = {}
        for one in baselines:
            for value, accounts in one.merged.items():
                into.setdefault(value, set()).update(accounts)
        keys = self._workspace.keys.of_streams(self._merged)
        for stream, values in self._merged.items():
            if stream in keys and keys[stream].member != PLATFORM:
                for value in values:
                    into.setdefault(value, set()).add(keys[stream].member[1:])
        found: dict[str, MemberId] = {str(one): one for one in members}
        waiting = list(found)
        while waiting:
            for account in into.get(waiting.pop(), ()):
                if str(account) not in found:
                    found[str(account)] = account
                    waiting.append(str(account))
        return set(found.values())


def _names(accounts: Iterable[MemberId]) -> Iterable[str]:
    """Give the names that accounts may have among the keys: a number may have been recorded as a text, and so back."""
    for account in accounts:
        text = str(account)
        yield key_name(text)
        number = as_number(text)
        if number is not None:
            yield key_name(number)


def _has_numbers(baseline: IndexedBaseline) -> bool:
    return baseline.facts is None or pa.types.is_integer(baseline.ids.type)


def _merges(table: pa.Table) -> dict[str, set[MemberId]]:
    kinds = table.column("fact")
    if pa.types.is_dictionary(kinds.type):
        kinds = kinds.cast(pa.string())
    some = table.select(["member", "value"]).filter(pc.equal(kinds, _MERGED))
    into: dict[str, set[MemberId]] = {}
    for row in some.to_pylist():
        into.setdefault(str(row["value"]), set()).add(row["member"])
    return into
