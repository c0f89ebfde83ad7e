# SPDX-License-Identifier: Apache-2.0
"""Hold what lies in a workspace of its releases to what the log commits to (specs/audit.md, part 1).

Rows are believed as far as table, tags and entry agree with them. What contradicts them is a mismatch, and left out of
the evidence; what is not there to hold them to is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.auditing.opening.audience import audience_of
from privity.app.auditing.opening.rows import Revision, as_decided, read_rows
from privity.app.workspace.places import Places
from privity.audit.commitment import ManifestLine, manifest_lines
from privity.audit.evidence import COLUMNS, AuditedLog, Gap, Mismatch, Rows
from privity.audit.rows_held import (
    BY_ALL,
    BY_MOST,
    LOOSE,
    PARTIES,
    WHOSE,
    Audience,
    TagNumbers,
    check_alike,
    check_parties,
    check_tags,
    live_files,
)
from privity.audit.rules import Rules
from privity.canonical.encode import digest_file
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.errors import UnavailableError, VerificationError

StreamKey = Callable[[str], bytes | None]
"""Gives the key of a member's stream, by the text of her id; None where there is none here."""
Progress = Callable[[int], None]
"""Told of how many rows more were held."""
Says = CreatedRelease | RevisedRelease

_TAGS: Final = "tags.parquet"
_UNREADABLE: Final = (OSError, pa.ArrowException, KeyError, TypeError, ValueError)
"""What reading files raises that somebody made up: Parquet of other columns, types or values, or none."""


@dataclass(kw_only=True, slots=True)
class HeldReleases:
    """What of releases is here.

    Attributes:
        revisions: The revisions of which there are rows, by the release's name.
        gaps: What is missing, or is held to nothing.
        mismatches: What does not agree.
    """

    revisions: dict[str, tuple[Revision, ...]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)


def hold_releases(
    places: Places,
    log: AuditedLog,
    rules: Rules,
    stream_key: StreamKey,
    *,
    keyless: bool,
    whole: bool = True,
    only: Collection[str] | None = None,
    ahead: Collection[str] = (),
    progress: Progress | None = None,
) -> HeldReleases:
    """Find the rows of releases, and hold them to the log.

    Args:
        places: Where the workspace, or the bundle, keeps what.
        log: The log.
        rules: What its public entries say.
        stream_key: Gives keys of streams.
        keyless: Whether there may be members whose keys are not here.
        whole: Whether a whole workspace is shown; a bundle has no tables, and what is not there is no mismatch.
        only: The names of the releases to hold; None is all.
        ahead: Releases of which entries speak that are not published: what lies there may be of those.
        progress: Told of rows.
    """
    found = HeldReleases()
    releases = [(one.entry, one.says) for one in log.public if isinstance(one.says, Says)]
    newest = {says.release: entry for entry, says in releases}
    for entry, says in releases:
        if only is not None and says.release not in only:
            continue
        one = _One(
            entry=entry,
            says=says,
            folder=places.root / "releases" / says.release,
            rows=places.release_vault / says.release,
            whole=whole,
            named=whole and says.release not in ahead,
            found=found,
        )
        if newest[says.release] != entry:
            one.gone()
        else:
            audience = audience_of(log, rules, says.release)
            one.hold(
                stream_key, audience, keyless=keyless, progress=progress or (lambda _: None)
            )
    if whole:
        known = {*newest, *ahead}
        found.mismatches += _strangers(places, known)
    return found


def _strangers(places: Places, known: Collection[str]) -> Iterator[Mismatch]:
    for folder in (places.root / "releases", places.release_vault):
        for path in sorted(folder.glob("[!.]*")):
            if path.is_dir() and path.name not in known:
                yield Mismatch(
                    kind="bytes-without-entry",
                    what=f"`{folder.relative_to(places.root)}` has a folder of which no entry speaks",
                    release=path.name,
                )


@dataclass(frozen=True, kw_only=True, slots=True)
class _One:
    """The newest revision of a release, which is held."""

    entry: int
    says: Says
    folder: Path
    rows: Path
    whole: bool
    named: bool
    found: HeldReleases

    def gone(self) -> None:
        """Say that only a later revision is here."""
        self._gap(
            "rows-gone",
            f"the rows of {self._name}, which was taken back from since: what was taken out was deleted",
            self.says.content.rows,
        )

    def hold(
        self, stream_key: StreamKey, audience: Audience, *, keyless: bool, progress: Progress
    ) -> None:
        """Hold its files, one by one; those that hold are in the evidence."""
        lines = self._lines()
        if lines is None:
            self._gap("not-shown", f"the rows of {self._name}", self.says.content.rows)
            return
        if self.whole:
            self._check_live(lines)
        tags = self._tags(lines, stream_key)
        held: dict[str, str] = {}
        for line in lines:
            try:
                held[line.path] = self._file(line, tags, audience, keyless=keyless)
            except _MissingError as error:
                self._mismatch("entry-without-bytes", str(error))
            except VerificationError as error:
                self._mismatch("bytes-without-entry", error.message)
            except (UnavailableError, *_UNREADABLE):
                self._mismatch(
                    "bytes-without-entry",
                    f"`{line.path}` of {self._name}, or what lies beside it, is nothing that can be read",
                )
            progress(line.rows)
        missing = sum(one.rows for one in lines if one.path not in held)
        # Also where nothing is missing: what the entry counts as no row may be many.
        if len(held) < len(lines):
            self._gap(
                "not-bound",
                f"rows of {self._name} that are not what its entry commits to",
                missing,
            )
        self.found.revisions[self.says.release] = (
            Revision(
                entry=self.entry,
                says=self.says,
                lines=tuple(one for one in lines if one.path in held),
                rows=self.rows,
                held=held,
            ),
        )

    @property
    def _name(self) -> str:
        return f"revision {self.says.revision} of release `{self.says.release}`"

    def _lines(self) -> tuple[ManifestLine, ...] | None:
        try:
            data = (self.folder / "files.jsonl").read_bytes()
        except OSError:
            self._mismatch("entry-without-bytes", f"the manifest of {self._name} is not there")
            return None
        try:
            return manifest_lines(data, self.says.content)
        except VerificationError as error:
            self._mismatch("bytes-without-entry", f"of {self._name}: {error.message}")
            return None

    def _check_live(self, lines: Sequence[ManifestLine]) -> None:
        """Check that other tools take the files of the manifest for the table's, and no others."""
        log = self.folder / "table" / "_delta_log"
        if not log.is_dir():
            return
        try:
            commits = sorted(log.glob("*.json"))
            live = live_files((one.read_bytes() for one in commits), self.says.content.columns)
            more = len(live - {one.path for one in lines})
            # Where there is a checkpoint, or many commits in one, other tools begin with it, and not with the first.
            odd = any(
                "checkpoint" in one.name or "compact" in one.name for one in log.iterdir()
            )
        except (AttributeError, RecursionError, *_UNREADABLE):
            more, odd = 0, True
        if not (more or odd):
            return
        has = f"{more:,} files that its manifest does not name" if more else "another log"
        what = f"the table of {self._name} has {has}"
        self._mismatch("bytes-without-entry", what)
        self._gap("not-bound", f"what other tools take for the table of {self._name}", 0)

    def _tags(self, lines: Sequence[ManifestLine], stream_key: StreamKey) -> TagNumbers | None:
        """Give the tags of members, once they are those of the entry; None where nothing shows whose rows are whose."""
        folder, content = self.folder / "members", self.says.content
        try:
            secret = (self.folder / "salt.key").read_bytes()
            tags = pq.read_table(folder / _TAGS, columns=["number", "tag"])
            check_tags(secret, content, tags, lambda: (_part(folder, one) for one in lines))
        except (VerificationError, *_UNREADABLE) as error:
            if self.whole and isinstance(error, VerificationError):
                self._mismatch("bytes-without-entry", f"of {self._name}: {error.message}")
            if content.rows:
                self._gap(
                    "not-bound",
                    f"{WHOSE} of {self._name} are: what its entry commits to is not here, or is other",
                    content.rows,
                )
            return None
        return TagNumbers(self.says.release, secret, tags, stream_key)

    def _file(
        self, line: ManifestLine, tags: TagNumbers | None, audience: Audience, *, keyless: bool
    ) -> str:
        """Hold the rows beside a file; gives the SHA-256 of them."""
        if not (self.rows / line.path).is_file():
            raise _MissingError(f"the rows beside `{line.path}` of {self._name} are not there")
        table, sha256 = read_rows(self.rows / line.path)
        rows = Rows(
            release=self.says.release,
            revision=self.says.revision,
            file=line.path,
            sha256=line.sha256,
            table=table,
        )
        if {*table.column_names} != {*COLUMNS}:
            raise VerificationError(
                f"the rows beside `{line.path}` of {self._name} lack a column that decisions rest on",
                code="audit/rows-differ",
            )
        if table.num_rows != line.rows:
            raise VerificationError(
                f"the rows beside `{line.path}` of {self._name} are {table.num_rows:,}, and it has {line.rows:,}",
                code="audit/rows-differ",
            )
        if self.whole:
            self._check_table(line, rows)
        if tags is not None:
            part = _part(self.folder / "members", line)
            unknown = check_parties(rows, part, tags, audience)
            if unknown and not keyless:
                raise VerificationError(
                    f"the rows beside `{line.path}` of {self._name} have parties whose tags the entry does not have",
                    code="audit/rows-differ",
                )
            # A bundle has the keys of those alone who were asked about: its maker's gaps say of the others.
            if unknown and self.whole:
                self._gap(
                    "not-bound",
                    f"{PARTIES} of {self._name} whose keys are not here",
                    unknown,
                )
        return sha256

    def _check_table(self, line: ManifestLine, rows: Rows) -> None:
        path = self.folder / "table" / line.path
        if not path.is_file():
            raise _MissingError(f"`{line.path}` of {self._name} is not there")
        if path.stat().st_size != line.size or digest_file(path) != line.sha256:
            raise VerificationError(
                f"`{line.path}` of {self._name} is not the file that the manifest names",
                code="audit/rows-differ",
            )
        names = {*BY_ALL, *BY_MOST} & {*pq.read_schema(path).names}
        table = pq.read_table(path, columns=sorted(names), use_threads=False, partitioning=None)
        if not check_alike(rows, as_decided(table)):
            self._gap(
                "not-bound",
                f"{LOOSE} of {self._name}, which its table does not have as they were decided",
                line.rows,
            )

    def _gap(self, kind: str, what: str, records: int) -> None:
        for place, one in enumerate(self.found.gaps):
            if (one.kind, one.what, one.entries) == (kind, what, (self.entry,)):
                records += one.records or 0
                del self.found.gaps[place]
                break
        self.found.gaps.append(
            Gap(kind=kind, what=what, entries=(self.entry,), records=records)
        )

    def _mismatch(
        self, kind: Literal["entry-without-bytes", "bytes-without-entry"], what: str
    ) -> None:
        if self.named:
            self.found.mismatches.append(
                Mismatch(
                    kind=kind,
                    what=what,
                    entry=self.entry,
                    release=self.says.release,
                    revision=self.says.revision,
                )
            )


class _MissingError(Exception):
    """A file is not there."""


def _part(folder: Path, line: ManifestLine) -> pa.Table:
    """Read whose the rows of a file are, by tags."""
    try:
        return pq.read_table(
            folder / line.path,
            columns=["record_id", "members"],
            use_threads=False,
            partitioning=None,
        )
    except (OSError, pa.ArrowException) as error:
        raise VerificationError(
            f"the tags beside `{line.path}` cannot be read", code="audit/tags"
        ) from error
