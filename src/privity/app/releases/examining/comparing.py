# SPDX-License-Identifier: Apache-2.0
"""In what two releases, or two revisions of one, differ (docs/releases.md).

What the log says of both is compared always. Which records are in one and not in the other is counted where both are the
newest of their release: of an earlier one the records are gone.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import Register, ReleaseState
from privity.app.workspace.parts import Workspace
from privity.canonical.instants import format_instant
from privity.decide.lookup import record_keys
from privity.entries.release import Content
from privity.errors import InputError
from privity.release.files import Manifest
from privity.store.files import unreachable
from privity.vocabulary.terms import quoted


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A revision of a release.

    Attributes:
        release: The release.
        number: Which.
        content: What is in it.
    """

    release: ReleaseState
    number: int
    content: Content

    @property
    def name(self) -> str:
        """Its name, as it is typed."""
        return f"{self.release.name}@{self.number}"

    @property
    def newest(self) -> bool:
        """Whether it is the newest of its release."""
        return self.number == self.release.revision

    def said(self) -> Mapping[str, str]:
        """Give what the log says of it, in words, by what it is."""
        says, content = self.release.created.says, self.content
        return {
            "purpose": says.purpose,
            "recipient": says.recipient,
            "policy": "none" if says.policy is None else f"{says.policy} {says.version}",
            "expires": "never" if says.expires_at is None else format_instant(says.expires_at),
            "entries heeded": f"{self._heeded():,}",
            "columns": content.columns,
            "files": f"{content.files:,}",
            "bytes": f"{content.size:,}",
            "records": f"{content.rows:,}",
            "members": f"{content.members:,}",
        }

    def _heeded(self) -> int:
        if self.number == 1:
            return self.release.created.says.ledger_size
        return self.release.revised[self.number - 2].says.ledger_size


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """How two revisions differ.

    Attributes:
        one: The first.
        other: The second.
        said: What the log says of the two, where it differs.
        records: For each category how many records are only in the first, only in the second, and in both; None
            where the records of one are gone.
    """

    one: Revision
    other: Revision
    said: Mapping[str, tuple[str, str]]
    records: Mapping[str, tuple[int, int, int]] | None

    def mapping(self) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "one": self.one.name,
            "other": self.other.name,
            "records": None
            if self.records is None
            else {
                name: {"both": both, "only_one": first, "only_other": second}
                for name, (first, second, both) in self.records.items()
            },
            "said": {name: list(pair) for name, pair in self.said.items()},
        }


def compare_releases(workspace: Workspace, one: str, other: str) -> Difference:
    """Compare two releases, or two revisions of one.

    Args:
        workspace: Where they are.
        one: A name, or a name, `@` and a revision; without that, the newest.
        other: Likewise.

    Raises:
        InputError: There is no such release or revision.
        UnavailableError: A file cannot be read.
    """
    register = register_of(workspace)
    first, second = _revision(register, one), _revision(register, other)
    mine, others = first.said(), second.said()
    records = None
    if first.newest and second.newest:
        records = _records(_ids(workspace, first), _ids(workspace, second))
    return Difference(
        one=first,
        other=second,
        said={
            name: (value, others[name]) for name, value in mine.items() if value != others[name]
        },
        records=records,
    )


def _revision(register: Register, text: str) -> Revision:
    name, _, number = text.partition("@")
    release = register.release(name)
    contents = [release.created.says.content, *(one.says.content for one in release.revised)]
    if number and not (number.isdecimal() and 1 <= int(number) <= len(contents)):
        raise InputError(
            f"release {quoted(name)} has no revision {quoted(number)}, expected 1 to {len(contents)}",
            code="release/unknown-revision",
        )
    chosen = int(number) if number else len(contents)
    return Revision(release=release, number=chosen, content=contents[chosen - 1])


def _ids(workspace: Workspace, revision: Revision) -> Iterator[pa.Table]:
    """Give the ids and the categories of a release's records, file by file."""
    places = ReleasePlaces.of(workspace.places, revision.release.name)
    try:
        manifest = Manifest.parse(places.folder.manifest.read_bytes())
        for line in manifest.lines:
            yield pq.read_table(places.private / line.path, columns=["record_id", "category"])
    except OSError as error:
        raise unreachable(places.private, error) from error


def _records(
    one: Iterator[pa.Table], other: Iterator[pa.Table]
) -> Mapping[str, tuple[int, int, int]]:
    # Ids of text are hashed: by a key that nobody knows, so that nobody makes two of them meet.
    seed = secrets.randbits(63)
    mine, others = _keyed(one, seed), _keyed(other, seed)
    found: dict[str, tuple[int, int, int]] = {}
    here = np.isin(mine[0], others[0])
    there = np.isin(others[0], mine[0])
    names = sorted({*mine[1].tolist(), *others[1].tolist()})
    counts = [
        Counter(some.tolist()) for some in (mine[1][~here], others[1][~there], mine[1][here])
    ]
    for name in names:
        first, second, both = (count[name] for count in counts)
        found[str(name)] = (first, second, both)
    return found


def _keyed(tables: Iterator[pa.Table], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Give a key and the category of each record."""
    keys, names = [np.empty(0, np.uint64)], [np.empty(0, np.object_)]
    for table in tables:
        keys.extend(record_keys(ids, seed) for ids in table.column("record_id").chunks)
        names.append(np.array(table.column("category").to_pylist(), np.object_))
    return np.concatenate(keys), np.concatenate(names)
