# SPDX-License-Identifier: Apache-2.0
"""Making a release, ended at each moment at which it touches the disk: by a kill, or by a disk that is full.

Run as a program (`python -m tests.faults.release_kills FOLDER END STEP FIRST`, with `kill` or `fail` as the end), it
prints a line of JSON for each moment: how the run ended, and what was found. All of it is done in children (`kills`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.faults.kills import Story, tell
from tests.integration.workspaces import Made, make

from privity.app.workspace.opening import open_workspace
from privity.testing.plain import AT, fact

RECORDS: Final = 120
NAME: Final = "first"
HELD: Final = ("state/releases", "state/clearings")


def template(folder: Path) -> Made:
    """A workspace with records, to be copied."""
    return make(folder / "template", count=RECORDS)


def create(made: Made) -> None:
    """Make the release, while somebody says no, so that rows are taken out."""
    from tests.integration.releases import release  # noqa: PLC0415 - in a child alone

    done: list[bool] = []

    def tell(stage: str, rows: int) -> None:
        del rows
        if stage == "copy" and not done:
            done.append(True)
            made.record(fact("objection", "2025-06-01", member="m3"))

    release(made, progress=tell)


def recover(made: Made) -> None:
    """Do what the next start does."""
    from privity.app.releases.making.finishing import recover_releases  # noqa: PLC0415 - in a child alone

    with open_workspace(made.root, now=AT) as workspace:
        recover_releases(workspace)
        assert recover_releases(workspace) == ()


def look(made: Made) -> None:
    """Check what a reader finds, before and after the next start; leave with 10 if there is a release, else with 11."""
    from tests.integration.releases import folder_of, release  # noqa: PLC0415 - in a child alone

    from privity.app.releases.members.membership import release_index  # noqa: PLC0415 - as above
    from privity.app.workspace.recording import publish_now  # noqa: PLC0415 - as above

    folder = folder_of(made, NAME)
    if folder.root.exists():
        check_whole(made)
    recover(made)
    said = [one for one in made.entries() if one["s"] == "release"]
    private = made.root / "vault" / "releases" / NAME
    assert not [path for held in HELD for path in (made.root / held).glob("*")]
    with open_workspace(made.root, now=AT) as workspace:
        publish_now(workspace)
        with release_index(workspace) as index:
            assert (NAME in index.names()) == bool(said)
    if said:
        check_whole(made)
        raise SystemExit(10)
    assert not folder.root.exists()
    assert not private.exists()
    # The name is free; whether anybody had said no by then is open.
    release(made)
    check_whole(made, gone=False)
    raise SystemExit(11)


def check_whole(made: Made, *, gone: bool = True) -> None:
    """Check that a release is all there, and nothing of who said no while it was made."""
    import pyarrow as pa  # noqa: PLC0415 - in a child alone
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above
    from tests.integration.releases import folder_of  # noqa: PLC0415 - as above
    from tests.integration.workspaces import parties  # noqa: PLC0415 - as above

    from privity.app.releases.examining.verifying import verify_release  # noqa: PLC0415 - as above
    from privity.app.workspace.recording import publish_now  # noqa: PLC0415 - as above

    with open_workspace(made.root, now=AT) as workspace:
        publish_now(workspace)
    folder = folder_of(made, NAME)
    assert verify_release(folder.root, str(made.root)).others == ()
    private = made.root / "vault" / "releases" / NAME
    tables = [
        pa.concat_tables(pq.read_table(path) for path in sorted(one.glob("*.parquet")))
        for one in (folder.table, private)
    ]
    assert tables[0]["record_id"].to_pylist() == tables[1]["record_id"].to_pylist()
    assert not (gone and "m3" in parties(tables[1]))


STORY: Final = Story(
    template=template,
    work=create,
    look=look,
    recover=recover,
    entered=lambda made: any(one["s"] == "release" for one in made.entries()),
    good={10, 11},
)

if __name__ == "__main__":
    tell(STORY, *sys.argv[1:])
