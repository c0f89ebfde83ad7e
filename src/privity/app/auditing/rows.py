# SPDX-License-Identifier: Apache-2.0
"""Read the rows of releases as they were decided, each file held to what entries commit to (specs/audit.md, part 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.workspace.places import Places
from privity.audit.commitment import ManifestLine, manifest_lines
from privity.audit.evidence import COLUMNS, Gap, Mismatch, Rows
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.errors import UnavailableError, VerificationError


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A revision of a release, of which there are rows.

    Attributes:
        entry: The index of its entry.
        says: The entry.
        lines: The files of its table, as its manifest has them.
        rows: The folder with a file of rows for each.
    """

    entry: int
    says: CreatedRelease | RevisedRelease
    lines: tuple[ManifestLine, ...]
    rows: Path

    def read(self, columns: Collection[str] = COLUMNS) -> Iterator[Rows]:
        """Read its rows, file by file.

        Raises:
            UnavailableError: A file cannot be read (`audit/rows`).
        """
        names = [one for one in COLUMNS if one in columns]
        for line in self.lines:
            try:
                table = pq.read_table(
                    self.rows / line.path, columns=names, use_threads=False, partitioning=None
                )
            except (OSError, pa.ArrowException) as error:
                raise UnavailableError(
                    f"the rows of `{line.path}` of release `{self.says.release}` cannot be read",
                    code="audit/rows",
                ) from error
            yield Rows(
                release=self.says.release,
                revision=self.says.revision,
                file=line.path,
                sha256=line.sha256,
                table=as_decided(table),
            )


def open_revisions(
    places: Places, releases: Iterable[tuple[int, CreatedRelease | RevisedRelease]]
) -> tuple[dict[str, tuple[Revision, ...]], list[Gap], tuple[Mismatch, ...]]:
    """Find the rows of releases in a workspace, and hold them to the log.

    Args:
        places: Where the workspace keeps what.
        releases: The entries of revisions, in the order of the log, each with its index.

    Returns:
        The revisions of which there are rows, by the release's name; what is missing; and what does not agree.
    """
    held: dict[str, tuple[Revision, ...]] = {}
    gaps: list[Gap] = []
    mismatches: list[Mismatch] = []
    newest = {says.release: (entry, says) for entry, says in releases}
    for entry, says in releases:
        if newest[says.release][0] != entry:
            gaps.append(
                Gap(
                    kind="rows-gone",
                    what=f"the rows of revision {says.revision} of release `{says.release}`, which was taken "
                    "back from since: what was taken out was deleted",
                    entries=(entry,),
                    records=says.content.rows,
                )
            )
            continue
        try:
            data = (places.root / "releases" / says.release / "files.jsonl").read_bytes()
            lines = manifest_lines(data, says.content)
        except (OSError, VerificationError) as error:
            why = error.message if isinstance(error, VerificationError) else "it is not there"
            mismatches.append(
                Mismatch(
                    kind="entry-without-bytes",
                    what=f"the manifest of revision {says.revision}: {why}",
                    entry=entry,
                    release=says.release,
                    revision=says.revision,
                )
            )
            gaps.append(
                Gap(
                    kind="not-shown",
                    what=f"the rows of revision {says.revision} of release `{says.release}`",
                    entries=(entry,),
                    records=says.content.rows,
                )
            )
            continue
        held[says.release] = (
            Revision(
                entry=entry, says=says, lines=lines, rows=places.release_vault / says.release
            ),
        )
    return held, gaps, tuple(mismatches)


def as_decided(table: pa.Table) -> pa.Table:
    """Give rows in the types that audits read: instants in whole seconds, who has no capacity personal."""
    made = {}
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if name == "created_at":
            column = _seconds(column)
        elif name == "capacity":
            column = pc.fill_null(column, "personal")
        elif name in {"recipients", "quotes"}:
            column = _lists(column)
        else:
            column = _plain(column)
        made[name] = column
    return pa.table(made)


def _seconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # Down, also before 1970: an instant within a second is of that second.
    whole = pc.floor_temporal(column.cast(pa.timestamp("us", tz="UTC")), unit="second")
    return whole.cast(pa.timestamp("s", tz="UTC")).cast(pa.int64())


def _lists(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type
    wide = pa.int64() if pa.types.is_integer(kind) else pa.string()
    return column.cast(pa.list_(wide))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.int64() if pa.types.is_integer(column.type) else pa.string())
