# SPDX-License-Identifier: Apache-2.0
"""Hold the rows that a release was decided by to its table and its members' tags, as audits do (specs/audit.md, part 1).

No entry has a hash of these files. What decides over them follows from what entries commit to: ids, categories and instants
are those of the table, and the parties those of the tags.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.auditing.opening.audience import audience_of
from privity.app.auditing.opening.rows import as_decided, read_rows
from privity.app.releases.state.places import ReleasePlaces
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name
from privity.audit.evidence import COLUMNS, AuditedLog, Rows, Said
from privity.audit.rows_held import (
    BY_ALL,
    BY_MOST,
    Audience,
    TagNumbers,
    check_alike,
    check_parties,
)
from privity.audit.rules import Rules, read_rules
from privity.entries.policy import PolicyEntry
from privity.entries.whole import object_of
from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.members.facts import MemberId, as_number
from privity.release.files import FileLine
from privity.release.opened import ReadRelease
from privity.release.sidecar import TAGS


def log_of(workspace: Workspace, said: Sequence[Said]) -> AuditedLog:
    """Give the public entries of a workspace's database as audits read them; nobody has to have signed them.

    Args:
        workspace: Whose.
        said: Its public entries, in order.
    """
    head = workspace.store.head()
    texts = {}
    for one in said:
        named = object_of(one.entry, one.says)
        if named is not None and named.what == PolicyEntry.STREAM:
            data = workspace.store.object(named.sha256)
            if data is not None:
                texts[named.sha256] = data
    return AuditedLog(
        checkpoint=Checkpoint(
            origin=workspace.settings.origin, size=head.size, root=head.peaks.root()
        ),
        signed_by=(),
        given=True,
        public=tuple(said),
        private=head.size - len(said),
        texts=texts,
    )


@dataclass(kw_only=True, slots=True)
class RowsChecker:
    """Holds the rows of the releases of a workspace.

    Attributes:
        workspace: Whose.
        log: Its log.
        keys: The secrets of streams that were asked for, by the names of their members.
    """

    workspace: Workspace
    log: AuditedLog
    keys: dict[str, bytes] = field(default_factory=dict)
    _rules: Rules | None = None

    def check(
        self, read: ReadRelease, places: ReleasePlaces, line: FileLine, tags: TagNumbers
    ) -> None:
        """Hold the rows beside a file of the table, which itself holds.

        Raises:
            VerificationError: They are others (`audit/rows-differ`).
            UnavailableError: They cannot be read (`audit/rows`).
            OSError: The table, or whose its rows are, cannot be read.
        """
        described = read.described
        table, _ = read_rows(places.private / line.path)
        rows = Rows(
            release=described.name,
            revision=described.revision,
            file=line.path,
            sha256=line.sha256,
            table=table,
        )
        if {*table.column_names} != {*COLUMNS}:
            raise VerificationError(
                "it lacks a column that decisions rest on", code="audit/rows-differ"
            )
        path = read.folder.table / line.path
        names = {*BY_ALL, *BY_MOST} & {*pq.read_schema(path).names}
        check_alike(rows, as_decided(_read(path, names)))
        self._fetch(table)
        part = _read(read.folder.members / line.path, ("record_id", "members"))
        check_parties(rows, part, tags, self._audience(described.name))

    def tags(self, read: ReadRelease) -> TagNumbers:
        """Give the numbers of the members' tags of a release, which hold.

        Raises:
            OSError: They cannot be read.
        """
        tags = _read(read.folder.members / TAGS, ("number", "tag"))
        secret = read.folder.salt.read_bytes()
        return TagNumbers(read.described.name, secret, tags, self._secret)

    def _audience(self, release: str) -> Audience:
        if self._rules is None:
            self._rules = read_rules(self.log)
        return audience_of(self.log, self._rules, release)

    def _fetch(self, table: pa.Table) -> None:
        """Read the keys of all parties of rows at once."""
        authors = table.column("author").unique().to_pylist()
        lists = table.column("recipients").combine_chunks()
        others = lists.flatten().unique().to_pylist()
        names = {name for one in {*authors, *others} if one is not None for name in _names(one)}
        self.keys |= self.workspace.keys.secrets(names - self.keys.keys())

    def _secret(self, member: str) -> bytes | None:
        return next((self.keys[name] for name in _names(member) if name in self.keys), None)


def _names(member: MemberId) -> tuple[str, ...]:
    """Give the names that a member may have among the keys: a record may have a number as text."""
    number = as_number(member)
    return (key_name(str(member)), *(() if number is None else (key_name(number),)))


def _read(path: Path, columns: Collection[str]) -> pa.Table:
    return pq.read_table(path, columns=sorted(columns), use_threads=False, partitioning=None)
