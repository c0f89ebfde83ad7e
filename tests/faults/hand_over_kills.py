# SPDX-License-Identifier: Apache-2.0
"""Hand-overs, ended at each moment at which they touch the disk: by a kill, or by a disk that is full.

Run as a program (`python -m tests.faults.hand_over_kills FOLDER END STEP FIRST`), it prints a line of JSON for each moment:
how the hand-over ended, and what was found. All of it is done in children (`kills`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.faults.kills import ENDS, at_moment, ended, kill, load
from tests.faults.moments import Moment, watched

if TYPE_CHECKING:
    from tests.integration.handed import World

NOTHING, FAILED, HANDED = 10, 11, 12
"""How a look ends: nothing was said of the hand-over, it failed, or the copy is there."""
STEPS: Final = {(): NOTHING, ("handed-over", "failed"): FAILED, ("handed-over",): HANDED}


@dataclass(frozen=True)
class Try:
    """One hand-over that is ended at a moment, to a folder of its own; all of it is done in children."""

    folder: Path
    number: int

    @property
    def said(self) -> Path:
        return self.folder / "said"

    @property
    def out(self) -> Path:
        return self.folder / "lab" / f"copy-{self.number}"

    @property
    def world(self) -> World:
        from tests.integration.handed import World  # noqa: PLC0415 - in a child alone
        from tests.integration.workspaces import Made  # noqa: PLC0415 - as above

        return World(Made(root=self.folder / "workspace", sources=()), "self")

    def steps(self) -> tuple[str, ...]:
        """What the log says of this one, and not of those before it."""
        before = int((self.folder / "before").read_text())
        return tuple(str(one["step"]) for one in self.world.says("disclosure")[before:])

    def hand_over(self, at: Callable[[Moment], None]) -> None:
        """Hand over, and let what happens at a moment happen."""
        from privity.app.releases.handing.handing_over import hand_over  # noqa: PLC0415 - in a child alone
        from privity.app.workspace.opening import open_workspace  # noqa: PLC0415 - as above
        from privity.testing.plain import AT  # noqa: PLC0415 - as above

        before = len(self.world.says("disclosure"))
        (self.folder / "before").write_text(str(before))
        with open_workspace(self.world.root, now=AT) as workspace, watched(at):
            hand_over(workspace, "first", "self", self.out)

    def recover(self) -> None:
        """Do what the next start does."""
        from privity.app.releases.handing.handing_marks import recover_hand_overs  # noqa: PLC0415 - as above
        from privity.app.workspace.opening import open_workspace  # noqa: PLC0415 - as above
        from privity.testing.plain import AT  # noqa: PLC0415 - as above

        with open_workspace(self.world.root, now=AT) as workspace:
            recover_hand_overs(workspace)
            assert recover_hand_overs(workspace) == ()

    def look(self) -> None:
        """Check what there is, before and after the next start."""
        from privity.app.releases.handing.copying_out import check_copy  # noqa: PLC0415 - in a child alone
        from privity.app.releases.state.places import making  # noqa: PLC0415 - as above
        from privity.release.disclosed import read_disclosed  # noqa: PLC0415 - as above
        from privity.release.opened import read_release  # noqa: PLC0415 - as above

        if self.out.exists():
            # Nobody could read it before the log spoke of it.
            assert self.steps() == ("handed-over",)
        self.recover()
        assert not list((self.world.root / "state" / "hand-overs").glob("*"))
        for mark in making(self.world.root).glob("*.lock"):
            mark.unlink()
        assert not list(self.out.parent.glob(".*"))
        steps = self.steps()
        assert (steps == ("handed-over",)) == self.out.exists()
        if self.out.exists():
            check_copy(read_release(self.out), threads=2)
            (entry,) = self.world.says("disclosure")[-1:]
            assert read_disclosed(self.out).handed.to_payload() == entry
        raise SystemExit(STEPS[steps])


def before_it_has_its_name(out: Path) -> Callable[[Moment], None]:
    """Kill when the log speaks of a copy and its description is written: what comes next gives it a name."""

    def at(moment: Moment) -> None:
        if moment.name == "rename" and list(out.parent.glob(".*/.disclosure.json.new")):
            kill(moment)

    return at


def once_it_has_its_name(out: Path) -> Callable[[Moment], None]:
    """Kill as soon as a copy has its name."""

    def at(moment: Moment) -> None:
        if out.exists():
            kill(moment)

    return at


def taken_away(one: Try) -> None:
    """Let the recipient take a copy away before anybody looks; then it is not said to have failed."""
    one.out.rename(one.folder / "elsewhere")
    one.recover()
    raise SystemExit(STEPS[one.steps()])


def every(folder: Path, end: str, step: int, first: int) -> None:
    """Let hand-overs end at each moment in turn, until one has no such moment."""
    reached = folder / "reached"
    for number in count(first, step):
        one = Try(folder, number)
        reached.unlink(missing_ok=True)

        def at(moment: Moment, number: int = number) -> None:
            if moment.number == number:
                # Some failures do no harm, and what meets them goes on to its end.
                reached.write_text(moment.name)
                ENDS[end](moment)

        how = ended(partial(one.hand_over, at), one.said)
        tell(number, how, ended(one.look, one.said), one.said)
        if not reached.exists():
            return


def giving_up(folder: Path, step: int, first: int) -> None:
    """Kill a hand-over that was entered, then kill what gives it up at moment after moment."""
    one = Try(folder, 0)
    how = ended(partial(one.hand_over, before_it_has_its_name(one.out)), one.said)
    kills = 0
    for number in count(first, step):
        if ended(at_moment(number, kill, one.recover), one.said) == 0:
            break
        kills += 1
    tell(kills, how, ended(one.look, one.said), one.said)
    # Another time nothing is left to do.
    tell(kills, how, ended(one.look, one.said), one.said)


def tell(number: int, how: int, found: int, said: Path) -> None:
    line: dict[str, object] = {"moment": number, "ended": how, "found": found}
    if found not in STEPS.values():
        line["said"] = said.read_text()[-3000:]
    print(json.dumps(line), flush=True)  # noqa: T201 - read by the test


def make(folder: Path) -> None:
    """Make the release that is handed over."""
    from tests.integration.handed import world  # noqa: PLC0415 - in a child alone

    world(folder, count=20)


def main(folder: str, end: str, step: str, first: str) -> None:
    """Do what is asked."""
    load()
    place = Path(folder)
    if ended(partial(make, place), place / "said") != 0:
        sys.exit((place / "said").read_text())
    match end:
        case "giving-up":
            giving_up(place, int(step), int(first))
        case "taken-away":
            one = Try(place, 0)
            how = ended(partial(one.hand_over, once_it_has_its_name(one.out)), one.said)
            tell(0, how, ended(partial(taken_away, one), one.said), one.said)
        case _:
            every(place, end, int(step), int(first))


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)
