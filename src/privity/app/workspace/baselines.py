# SPDX-License-Identifier: Apache-2.0
"""Read baselines: the facts of a file in the vault, once it is the one that an entry commits to.

A file is found by its commitment, and is believed where its bytes have the SHA-256 that was committed to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.workspace.places import Places
from privity.app.workspace.rules import BaselineAt
from privity.canonical.encode import digest_file
from privity.canonical.instants import Instant
from privity.entries.baseline import BaselineFile
from privity.entries.claims import Claim
from privity.errors import UnavailableError, VerificationError
from privity.members.columns import coded
from privity.members.facts import Fact
from privity.members.reading import read_facts
from privity.store.baselines import KeptFile, kept_files

MISSING: Final = "workspace/baseline-missing"
"""The code of the error that no file is the one that an entry commits to."""

_MICROSECONDS: Final = 1_000_000
_REMEMBERED: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """The facts of a baseline.

    Attributes:
        by: Who says that they are true.
        entered: The time of the entry.
        batches: The facts of members.
        platform: The claims of the platform's own.
    """

    by: str
    entered: Instant
    batches: tuple[pa.RecordBatch, ...]
    platform: tuple[Claim, ...]

    @property
    def numbers(self) -> bool:
        """Whether its members' ids are integers, as far as it has any."""
        return all(pa.types.is_integer(one.column("member").type) for one in self.batches)


def read_baseline(places: Places, baseline: BaselineAt) -> Baseline:
    """Read the facts that an entry commits to.

    Raises:
        InputError: The file holds no facts.
        UnavailableError: No file in the vault is the one that the entry commits to (`workspace/baseline-missing`).
        VerificationError: Its bytes were changed since.
    """
    by, entered = baseline.says.claimed_by, baseline.time
    batches: list[pa.RecordBatch] = []
    platform: list[Fact] = []
    for members, others in _parted(_verified(places.baselines, baseline)):
        platform += others
        batches.append(_told(members, entered))
    return Baseline(
        by=by,
        entered=entered,
        batches=tuple(batches),
        platform=tuple(Claim(fact=fact, entered=entered, by=by) for fact in platform),
    )


@lru_cache(maxsize=_REMEMBERED)
def platform_claims(folder: Path, baseline: BaselineAt) -> tuple[Claim, ...]:
    """Give what a baseline claims of the platform, and keep it: no erasure takes any of it out of the file.

    Args:
        folder: Where files of baselines are kept.
        baseline: Which; its entry commits to every byte of its file.

    Raises:
        InputError: As `read_baseline`.
        UnavailableError: As `read_baseline`.
        VerificationError: As `read_baseline`.
    """
    by, entered = baseline.says.claimed_by, baseline.time
    return tuple(
        Claim(fact=fact, entered=entered, by=by)
        for _members, others in _parted(_verified(folder, baseline))
        for fact in others
    )


def _verified(folder: Path, baseline: BaselineAt) -> Path:
    """Find the file that an entry commits to, with the bytes that it commits to."""
    kept = _find(folder, baseline)
    try:
        digest = digest_file(kept.path)
    except OSError as error:
        raise _missing(folder, baseline) from error
    if digest != kept.sha256:
        raise VerificationError(
            f"`{kept.path}` was changed, and entry {baseline.index} commits to what it was",
            code="workspace/baseline",
            hint="put it back from where the vault is kept",
        )
    return kept.path


def _parted(path: Path) -> Iterator[tuple[pa.RecordBatch, tuple[Fact, ...]]]:
    """Read a file, some rows at a time: the facts of members, and the platform's own."""
    for batch in read_facts(path):
        members = pc.is_valid(batch.column("member"))
        if pa.types.is_string(batch.column("member").type):
            named = pc.fill_null(pc.not_equal(batch.column("member"), ""), fill_value=False)
            members = pc.and_(members, named)
        yield batch.filter(members), coded([batch.filter(pc.invert(members))]).platform


def _told(batch: pa.RecordBatch, entered: Instant) -> pa.RecordBatch:
    """Let facts be recorded no later than they entered."""
    place = batch.schema.get_field_index("recorded_at")
    recorded_at = batch.column(place)
    latest = pa.scalar(entered * _MICROSECONDS, pa.int64()).cast(recorded_at.type)
    told = pc.if_else(pc.greater(recorded_at, latest), latest, recorded_at)
    return batch.set_column(place, batch.schema.field(place), told)


def _find(folder: Path, baseline: BaselineAt) -> KeptFile:
    for kept in kept_files(folder):
        try:
            rows = pq.read_metadata(kept.path).num_rows
            file = BaselineFile(sha256=kept.sha256, size=kept.size, rows=rows)
            baseline.says.check_file(file, opening=kept.opening)
        except (pa.ArrowException, OSError, VerificationError):
            continue  # another baseline's, or damaged: then none is found
        return kept
    raise _missing(folder, baseline)


def _missing(folder: Path, baseline: BaselineAt) -> UnavailableError:
    return UnavailableError(
        f"no file in `{folder}` is the one that entry {baseline.index} commits to",
        code=MISSING,
        hint="put it back from where the vault is kept",
    )
