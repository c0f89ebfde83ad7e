# SPDX-License-Identifier: Apache-2.0
"""What a taking back is made in: a folder beside the release's decision columns, from before it is said until it is over.

It is written aside, and has its name before the log says that anything is due: whoever is killed after that entry left all
that is needed to go on. One that the log does not speak of is removed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.releases.state.places import ReleasePlaces
from privity.release.aside import settle
from privity.release.due import DueFile
from privity.release.folder import ReleaseFolder
from privity.release.revocation import BUNDLE, RECORDS
from privity.store.private import make_private_folder

Ints = npt.NDArray[np.int64]

_ROWS: Final = "rows.parquet"
_SIDECAR: Final = "members"
_LEAVES: Final = "leaves"


@dataclass(frozen=True, slots=True)
class Taking:
    """The folder of a taking back.

    Attributes:
        root: The folder; the operator's alone.
    """

    root: Path

    @classmethod
    def of(cls, places: ReleasePlaces, name: str) -> Taking:
        """Give that of a taking back of a release."""
        return cls(places.revocations / name)

    @property
    def name(self) -> str:
        """The taking back's name."""
        return self.root.name

    @property
    def bundle(self) -> ReleaseFolder:
        """What its recipient is given: the notice, the records, and the papers of the next revision."""
        return ReleaseFolder(self.root / BUNDLE)

    @property
    def sidecar(self) -> Path:
        """The new parts of the sidecar."""
        return self.root / _SIDECAR

    @property
    def leaves(self) -> Path:
        """The new file of the members' leaves."""
        return self.root / _LEAVES

    def rows(self) -> dict[str, Ints]:
        """Give for each file's name the rows that go, ascending.

        Raises:
            OSError: They cannot be read.
        """
        table = pq.read_table(self.root / _ROWS)
        names = table.column("file").combine_chunks()
        rows = table.column("row").to_numpy()
        return {
            name: np.sort(rows[np.asarray(pc.equal(names, name), np.bool_)])
            for name in names.unique().to_pylist()
        }

    def records(self) -> pa.Table:
        """Give the records that go, as the recipient is given them: `file` and `record_id`.

        Raises:
            OSError: They cannot be read.
        """
        return pq.read_table(self.bundle.root / RECORDS)

    def forget(self) -> None:
        """Remove all of it.

        Raises:
            OSError: The disk fails.
        """
        if self.root.exists():
            shutil.rmtree(self.root)
            settle(self.root.parent)


def prepare(places: ReleasePlaces, name: str, files: Sequence[DueFile]) -> Taking:
    """Write down what is to go, before anybody is told.

    Args:
        places: Those of the release.
        name: The taking back's name.
        files: The records that are due.

    Raises:
        OSError: The disk is full or fails.
    """
    made = Taking.of(places, name)
    aside = Taking(made.root.with_name(f".{name}"))
    make_private_folder(made.root.parent)
    shutil.rmtree(aside.root, ignore_errors=True)
    for folder in (aside.root, aside.sidecar, aside.bundle.root):
        make_private_folder(folder)
    _write(aside.root / _ROWS, {"file": _names(files), "row": _joined(files)})
    ids = pa.concat_arrays([one.ids for one in files])
    _write(aside.bundle.root / RECORDS, {"file": _names(files), "record_id": ids})
    settle(aside.root)
    aside.root.rename(made.root)
    settle(made.root.parent)
    return made


def takings_of(places: ReleasePlaces) -> tuple[Taking, ...]:
    """Give the takings back of a release that have a folder, and those that were never finished being written."""
    folder = places.revocations
    if not folder.is_dir():
        return ()
    return tuple(Taking(path) for path in sorted(folder.iterdir()) if path.is_dir())


def _names(files: Sequence[DueFile]) -> pa.Array:
    return pa.array([one.name for one in files for _ in one.rows.tolist()], pa.string())


def _joined(files: Sequence[DueFile]) -> Ints:
    return np.concatenate([one.rows for one in files])


def _write(path: Path, columns: Mapping[str, object]) -> None:
    pq.write_table(pa.table(dict(columns)), path, compression="zstd", write_statistics=False)
    settle(path)
