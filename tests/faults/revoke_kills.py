# SPDX-License-Identifier: Apache-2.0
"""Taking records back, ended at each moment at which it touches the disk: by a kill, or by a disk that is full.

Run as a program (`python -m tests.faults.revoke_kills FOLDER END STEP FIRST`, with `kill` or `fail` as the end), it prints
a line of JSON for each moment: how the run ended, and what was found. As in `release_kills`, everything is done in children.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Final

from tests.faults.kills import Story, ended, tell
from tests.integration.workspaces import Made, make

from privity.app.workspace.opening import open_workspace
from privity.testing.plain import AT, said

RECORDS: Final = 120
NAME: Final = "first"
LATER: Final = AT + 86_400
OLD, NEW = 10, 11
"""How a look ends: nothing had been said yet, or what was due had been."""


def prepare(made: Made) -> None:
    """Make a release, and let two members say no."""
    from tests.integration.releases import release  # noqa: PLC0415 - in a child alone

    release(made)
    made.record(*(said("2025-06-01", "off", member=one) for one in ("m3", "m4")), at=LATER)
    before(made).write_text(json.dumps(ids(made)))


def before(made: Made) -> Path:
    """Where the ids are kept that a reader found before anything was taken back."""
    return made.root / "before.json"


def ids(made: Made) -> list[str]:
    """Give the ids that a reader of the table finds."""
    from tests.integration.releases import folder_of  # noqa: PLC0415 - in a child alone
    from tests.integration.revoked import ids_in  # noqa: PLC0415 - as above

    return ids_in(folder_of(made, NAME).root)


def take_back(made: Made) -> None:
    """Take back what is due."""
    from privity.app.releases.taking_back.revoking import revoke  # noqa: PLC0415 - in a child alone

    with open_workspace(made.root, now=LATER) as workspace:
        revoke(workspace)


def recover(made: Made) -> None:
    """Do what the next start does."""
    from privity.app.releases.making.finishing import recover_releases  # noqa: PLC0415 - in a child alone
    from privity.app.releases.taking_back.revoking import recover_revocations  # noqa: PLC0415 - as above

    with open_workspace(made.root, now=LATER) as workspace:
        recover_releases(workspace)
        recover_revocations(workspace)


def look(made: Made) -> None:
    """Check what a reader finds, before and after the next start; leave with 11 if it was said to be due, else with 10."""
    old = json.loads(before(made).read_text())
    found = ids(made)
    first = steps(made)
    recover(made)
    assert steps(made) in ([], ["due", "revised", "done"])
    assert bool(steps(made)) == ("due" in first)
    after = ids(made)
    # What was not said to be due is all there; else a reader finds all of it or what is left.
    assert found in ([old, after] if first else [old])
    assert (after == old) == (not first)
    check_whole(made, 2 if first else 1)
    take_back(made)
    assert steps(made) == ["due", "revised", "done"]
    check_whole(made, 2)
    check_gone(made)
    raise SystemExit(NEW if first else OLD)


def steps(made: Made) -> list[str]:
    """What the log says of the taking back, in order."""
    entries = [one for one in made.entries() if one["s"] in {"release", "revocation"}]
    return [one["p"].get("step", one["p"].get("action")) for one in entries][1:]


def check_whole(made: Made, revision: int) -> None:
    """Check that log, files, index and key speak of the same."""
    from tests.integration.releases import folder_of  # noqa: PLC0415 - in a child alone

    from privity.app.releases.examining.checking import check_releases  # noqa: PLC0415 - as above
    from privity.app.releases.examining.verifying import verify_release  # noqa: PLC0415 - as above
    from privity.app.workspace.recording import publish_now  # noqa: PLC0415 - as above

    with open_workspace(made.root, now=LATER) as workspace:
        publish_now(workspace)
    checked = check_releases(made.root)
    assert (checked.problems, checked.busy) == ((), ())
    described = verify_release(folder_of(made, NAME).root, str(made.root / "public")).described
    assert described.revision == revision


def check_gone(made: Made) -> None:
    """Check that nothing is left of who said no."""
    from tests.integration.revoked import ids_of, planned  # noqa: PLC0415 - in a child alone

    assert ids_of(made, {"m3", "m4"}) == set()
    assert planned(made).releases == ()
    work = made.root / "vault" / "releases" / NAME / "revocations"
    assert len(list(work.iterdir())) == 1


def made_template(folder: Path) -> Made:
    """A workspace with a release of which something is due, to be copied."""
    made = make(folder / "template", count=RECORDS)
    printed = folder / "prepared"
    assert ended(partial(prepare, made), printed) == 0, printed.read_text()
    return made


STORY: Final = Story(
    template=made_template,
    work=take_back,
    look=look,
    recover=recover,
    entered=lambda made: bool(steps(made)),
    good={OLD, NEW},
)

if __name__ == "__main__":
    tell(STORY, *sys.argv[1:])
