# SPDX-License-Identifier: Apache-2.0
"""The ids of a member's records in a release as it is now, by the index and the files beside the table ([REL-33])."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.releases.members.membership import release_index
from privity.app.releases.state.places import ReleasePlaces
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name
from privity.members.facts import MemberId
from privity.store.files import unreachable
from privity.store.releases import IndexedFile
from privity.train.slots import id_bytes

_ID: Final = "record_id"
_PLACE: Final = "<u4"


def ids_of_member(workspace: Workspace, release: str, member: MemberId) -> Sequence[bytes]:
    """Give the ids of a member's records in a release, as bytes; those that were taken out are not known any more.

    Raises:
        ConflictError: The index is a copy, or of another log.
        UnavailableError: Something cannot be read.
    """
    if not workspace.places.release_index.exists():
        return []
    with release_index(workspace) as index:
        held = index.of_member(key_name(member)).get(release)
        indexed = index.get(release)
    if held is None or indexed is None:
        return []
    private = ReleasePlaces.of(workspace.places, release).private
    try:
        return list(_ids_at(private, indexed.files, held.places))
    except (OSError, pa.ArrowInvalid) as error:
        raise unreachable(private, OSError(str(error))) from error


def _ids_at(private: Path, files: Sequence[IndexedFile], places: bytes) -> Iterator[bytes]:
    """Give the ids of the rows at places, file by file."""
    wanted = np.frombuffer(places, _PLACE).astype(np.int64)
    for file in files:
        mine = wanted[(wanted >= file.first) & (wanted < file.first + file.rows)]
        if not mine.size or file.name is None:
            continue
        # A row has its place less those before it that are gone.
        gone = np.frombuffer(file.gone, _PLACE).astype(np.int64)
        rows = mine - file.first - np.searchsorted(gone, mine)
        ids = pq.read_table(private / file.name, columns=[_ID])[_ID]
        yield from id_bytes(ids.take(pa.array(rows)))
