# SPDX-License-Identifier: Apache-2.0
"""Something that is ended at each moment at which it touches the disk: by a kill, or by a disk that is full.

What is done, and what is found after it, a story says. What has read or made a release's table may not fork: deltalake's threads
are not in the child. So everything is done in children, and the process that starts them only loads what they need (`load`).
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from tests.faults.moments import Moment, in_a_child, watched
from tests.integration.workspaces import SETTINGS, Made

from privity.store.keys import open_keys
from privity.store.releases import open_releases
from privity.store.sqlite import open_log


def kill(_moment: Moment) -> None:
    """End this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(_moment: Moment) -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


ENDS: Final[dict[str, Callable[[Moment], None]]] = {"kill": kill, "fail": fail}


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


@dataclass(frozen=True, kw_only=True)
class Story:
    """What is ended, and what may be found after it; all of it is done in children but `template`.

    Attributes:
        template: Makes a workspace, to be copied.
        work: What is ended.
        look: Checks what is found, and leaves with one of `good`.
        recover: Does what the next start does.
        entered: Whether the log speaks of it.
        good: How a look may end.
    """

    template: Callable[[Path], Made]
    work: Callable[[Made], object]
    look: Callable[[Made], object]
    recover: Callable[[Made], object]
    entered: Callable[[Made], bool]
    good: Collection[int]


def clone(made: Made, folder: Path) -> Made:
    """Give a copy of a workspace that is at home where it lies."""
    root = folder / "workspace"
    shutil.copytree(made.root, root)
    origin, index = SETTINGS.origin, root / "vault" / "releases.db"
    open_log(root / "state" / "ledger.db", origin=origin, adopt=True).close()
    open_keys(root / "vault" / "keys.db", origin=origin, adopt=True).close()
    if index.exists():
        open_releases(index, origin=origin, adopt=True).close()
    return Made(root=root, sources=made.sources)


def every(story: Story, folder: Path, end: str, step: int, first: int) -> None:
    """Let runs end at each moment in turn, until one has no such moment; say what was found."""
    made, reached = story.template(folder), folder / "reached"
    for number in count(first, step):
        place = folder / str(number)
        place.mkdir()
        mine = clone(made, place)
        printed = place / "said"
        reached.unlink(missing_ok=True)
        how = ended(at_moment(number, ENDS[end], partial(story.work, mine), reached), printed)
        found = ended(partial(story.look, mine), printed)
        line: dict[str, object] = {"moment": number, "ended": how, "found": found}
        if found not in story.good:
            line["said"] = printed.read_text()[-3000:]
        print(json.dumps(line), flush=True)  # noqa: T201 - read by the test
        shutil.rmtree(place)
        # Some failures do no harm, and what meets them goes on to its end.
        if not reached.exists():
            return


def finishing(story: Story, folder: Path, step: int) -> None:
    """Kill a run once the log speaks of it, then kill what finishes it at moment after moment."""
    made = story.template(folder)
    place = folder / "finishing"
    place.mkdir()
    mine = clone(made, place)
    printed = place / "said"

    def entered(moment: Moment) -> None:
        if moment.name == "rename" and story.entered(mine):
            kill(moment)

    def watch() -> None:
        with watched(entered):
            story.work(mine)

    how = ended(watch, printed)
    kills = 0
    for number in count(0, step):
        if ended(at_moment(number, kill, partial(story.recover, mine)), printed) == 0:
            break
        kills += 1
    found = ended(partial(story.look, mine), printed)
    line = {"ended": how, "kills": kills, "found": found, "said": printed.read_text()[-3000:]}
    print(json.dumps(line), flush=True)  # noqa: T201 - read by the test


def load() -> None:
    """Import what is slow to import, once for all children; of it only a loop is run, which has no threads.

    Left to them is what imports deltalake, which starts a thread.
    """
    import matplotlib.figure  # noqa: F401, PLC0415 - not for who only reads this module
    import numpy as np  # noqa: PLC0415 - as above

    from privity.decide.kernel.ids import mix_numbers  # noqa: PLC0415 - as above

    mix_numbers(np.zeros(1, np.int64), np.zeros(1, np.uint64))


def tell(story: Story, folder: str, end: str, step: str, first: str) -> None:
    """Do what is asked of a story."""
    load()
    if end == "finishing":
        finishing(story, Path(folder), int(step))
    else:
        every(story, Path(folder), end, int(step), int(first))
