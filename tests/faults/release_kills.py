# SPDX-License-Identifier: Apache-2.0
"""Making a release, ended at each moment at which it touches the disk: by a kill, or by a disk that is full.

Run as a program (`python -m tests.faults.release_kills FOLDER END STEP FIRST`, with `kill` or `fail` as the end), it
prints a line of JSON for each moment: how the run ended, and what was found. What makes tables may not be loaded when
a process forks: so everything is done in children, and this process does nothing of it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from tests.faults.moments import Moment, in_a_child, watched
from tests.integration.workspaces import SETTINGS, Made, make

from privity.app.workspace.opening import open_workspace
from privity.store.keys import open_keys
from privity.store.sqlite import open_log
from privity.testing.plain import AT, fact

RECORDS: Final = 120
NAME: Final = "first"
HELD: Final = ("state/releases", "state/clearings")


def kill(_moment: Moment) -> None:
    """End this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(_moment: Moment) -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


ENDS: Final[dict[str, Callable[[Moment], None]]] = {"kill": kill, "fail": fail}


def template(folder: Path) -> Made:
    """A workspace with records, to be copied."""
    return make(folder / "template", count=RECORDS)


def clone(made: Made, folder: Path) -> Made:
    """Give a copy of a workspace that is at home where it lies."""
    root = folder / "workspace"
    shutil.copytree(made.root, root)
    for opened in (
        open_log(root / "state" / "ledger.db", origin=SETTINGS.origin, adopt=True),
        open_keys(root / "vault" / "keys.db", origin=SETTINGS.origin, adopt=True),
    ):
        opened.close()
    return Made(root=root, sources=made.sources)


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
    from privity.app.releases.finishing import recover_releases  # noqa: PLC0415 - in a child alone

    with open_workspace(made.root, now=AT) as workspace:
        recover_releases(workspace)
        assert recover_releases(workspace) == ()


def look(made: Made) -> None:
    """Check what a reader finds, before and after the next start; leave with 10 if there is a release, else with 11."""
    from tests.integration.releases import folder_of, release  # noqa: PLC0415 - in a child alone

    from privity.app.releases.membership import release_index  # noqa: PLC0415 - as above
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

    from privity.app.releases.verifying import verify_release  # noqa: PLC0415 - as above
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


def ended(work: Callable[[], object], said: Path) -> int:
    """Do something in a process of its own, and give how it ended."""

    def done() -> None:
        try:
            work()
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()
            raise
        raise SystemExit(0)

    with said.open("a") as stream:
        return in_a_child(done, stream.fileno())


def at_moment(
    number: int,
    end: Callable[[Moment], None],
    work: Callable[[], object],
    reached: Path | None = None,
) -> Callable[[], None]:
    """Give work that ends at a moment, of which a file says that there was one."""

    def at(moment: Moment) -> None:
        if moment.number == number:
            if reached is not None:
                reached.write_text(moment.name)
            end(moment)

    def watch() -> None:
        with watched(at):
            work()

    return watch


def every(folder: Path, end: str, step: int, first: int) -> None:
    """Let runs end at each moment in turn, until one has no such moment; say what was found."""
    made, reached = template(folder), folder / "reached"
    for number in count(first, step):
        place = folder / str(number)
        place.mkdir()
        mine = clone(made, place)
        said = place / "said"
        reached.unlink(missing_ok=True)
        how = ended(at_moment(number, ENDS[end], partial(create, mine), reached), said)
        found = ended(partial(look, mine), said)
        line: dict[str, object] = {"moment": number, "ended": how, "found": found}
        if found not in {10, 11}:
            line["said"] = said.read_text()[-3000:]
        print(json.dumps(line), flush=True)  # noqa: T201 - read by the test
        shutil.rmtree(place)
        # Some failures do no harm, and what meets them goes on to its end.
        if not reached.exists():
            return


def finishing(folder: Path, step: int) -> None:
    """Kill a run once the log speaks of the release, then kill what finishes it at moment after moment."""
    made = template(folder)
    place = folder / "finishing"
    place.mkdir()
    mine = clone(made, place)
    said = place / "said"

    def entered(moment: Moment) -> None:
        if moment.name == "rename" and [one for one in mine.entries() if one["s"] == "release"]:
            kill(moment)

    def watch() -> None:
        with watched(entered):
            create(mine)

    how = ended(watch, said)
    kills = 0
    for number in count(0, step):
        if ended(at_moment(number, kill, partial(recover, mine)), said) == 0:
            break
        kills += 1
    found = ended(partial(look, mine), said)
    line = {"ended": how, "kills": kills, "found": found, "said": said.read_text()[-3000:]}
    print(json.dumps(line), flush=True)  # noqa: T201 - read by the test


def main(folder: str, end: str, step: str, first: str) -> None:
    """Do what is asked."""
    if end == "finishing":
        finishing(Path(folder), int(step))
    else:
        every(Path(folder), end, int(step), int(first))


if __name__ == "__main__":
    main(*sys.argv[1:])
