# SPDX-License-Identifier: Apache-2.0
"""What killed processes left, and what became of it: `privity ledger publish` tells it (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from privity.app.releases.state.marks import any_left
from privity.app.workspace.by_itself import Failed
from privity.app.workspace.parts import Workspace
from privity.app.workspace.unfinished import recover
from privity.errors import PrivityError


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfinished:
    """What could not be finished.

    Attributes:
        what: What it is.
        name: Its name.
        error: Why.
    """

    what: str
    name: str
    error: PrivityError


@dataclass(kw_only=True, slots=True)
class Finished:
    """What was left, and what became of it.

    Attributes:
        clearings: The clearings that were finished, or abandoned.
        releases: The releases that were finished or removed, or from which a taking back was finished.
        copies: The copies that were given up.
        busy: The releases that another process makes or changes.
        unfinished: What could not be finished.
    """

    clearings: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()
    unfinished: list[Unfinished] = field(default_factory=list)

    def failed(self, what: str, failed: Mapping[str, PrivityError]) -> None:
        """Add what could not be finished."""
        self.unfinished += [
            Unfinished(what=what, name=name, error=error) for name, error in failed.items()
        ]

    def lines(self) -> Iterator[str]:
        """Say it."""
        yield from (f"clearing {name} was finished, or abandoned" for name in self.clearings)
        yield from (f"release {name} was finished, or removed" for name in self.releases)
        yield from (f"copy {name} was not finished, and is gone" for name in self.copies)
        for name in self.busy:
            yield f"taking back from {name} is not finished: another process makes or changes it"
        for one in self.unfinished:
            yield f"{one.what} {one.name} is not finished: {one.error}"

    def mapping(self) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "busy": list(self.busy),
            "clearings": list(self.clearings),
            "copies": list(self.copies),
            "releases": list(self.releases),
            "unfinished": [
                {
                    "code": one.error.code,
                    "message": str(one.error),
                    "name": one.name,
                    "what": one.what,
                }
                for one in self.unfinished
            ],
        }


def finish_left(workspace: Workspace) -> Finished:
    """Finish what killed processes left, each by itself: what cannot be finished keeps nothing from being published.

    Raises:
        PrivityError: The log cannot be read.
    """
    done = Finished()
    # What these load is installed with the extra `release`, and is needed only where releases are made.
    if any_left(workspace.places.root):
        from privity.app.releases.making.finishing import recover_releases  # noqa: PLC0415 - as said

        failed: Failed = {}
        done.releases = recover_releases(workspace, failed=failed)
        done.failed("release", failed)
    if any(workspace.places.release_vault.glob("*/revocations/*")):
        from privity.app.releases.taking_back.revoking import recover_revocations  # noqa: PLC0415 - as said

        taken = recover_revocations(workspace)
        made = (*done.releases, *(one.release.name for one in taken.releases))
        done.releases, done.busy = tuple(dict.fromkeys(made)), taken.busy
        done.failed("taking back from", taken.failed)
    if any((workspace.places.root / "state" / "hand-overs").glob("*.lock")):
        from privity.app.releases.handing.handing_marks import recover_hand_overs  # noqa: PLC0415 - as said

        failed = {}
        done.copies = recover_hand_overs(workspace, failed)
        done.failed("copy", failed)
    failed = {}
    done.clearings = recover(workspace, failed=failed)
    done.failed("clearing", failed)
    return done
