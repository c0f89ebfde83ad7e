# SPDX-License-Identifier: Apache-2.0
"""Look at releases while others make them and take back from them.

A look reads the log first, and what lies in folders after it. What did not fit because something was said or done in
between is looked at once more; what does not fit though nothing was, is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from privity.app.releases.state.places import making
from privity.app.releases.state.register import STREAMS
from privity.app.workspace.by_itself import Failed
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import public_stream
from privity.errors import PrivityError

ATTEMPTS: Final = 3

Found = TypeVar("Found")


def steady(workspace: Workspace, look: Callable[[], Found]) -> Found:
    """Look; once more where it failed and releases went on meanwhile.

    Args:
        workspace: Whose releases.
        look: Looks, from the register on; it may be called several times.

    Raises:
        PrivityError: As the look.
        OSError: As the look.
    """
    for _attempt in range(ATTEMPTS - 1):
        before = how_far(workspace)
        try:
            return look()
        except (PrivityError, OSError, LookupError, ValueError):
            if how_far(workspace) == before:
                raise
    return look()


def steady_each(workspace: Workspace, look: Callable[[Failed], Found]) -> tuple[Found, Failed]:
    """Look at releases, each by itself; once more where one failed and releases went on meanwhile.

    Args:
        workspace: Whose releases.
        look: Looks, from the register on, and puts down by `by_itself` what failed of a release; called as by `steady`.

    Returns:
        What was found, and why nothing could be found of a release.

    Raises:
        PrivityError: As the look: of what is no release's own.
        OSError: As the look.
    """

    def whole() -> tuple[Found, Failed]:
        failed: Failed = {}
        return look(failed), failed

    for _attempt in range(ATTEMPTS - 1):
        before = how_far(workspace)
        found, failed = steady(workspace, whole)
        if not failed or how_far(workspace) == before:
            return found, failed
    return steady(workspace, whole)


def how_far(workspace: Workspace) -> tuple[object, ...]:
    """Give how far what is said of releases has come, of whom nothing is left, and what is being done."""
    vault = workspace.store.vault
    streams = tuple(vault.stream(public_stream(name)) for name in STREAMS)
    return streams, vault.ending(), vault.erasures, at_work(workspace)


def at_work(workspace: Workspace) -> tuple[str, ...]:
    """Give the releases that something is made or taken back from."""
    return tuple(sorted(path.stem for path in making(workspace.places.root).glob("*.lock")))
