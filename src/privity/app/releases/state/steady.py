# SPDX-License-Identifier: Apache-2.0
"""Look at releases while others make them and take back from them.

A look reads the log first, and what lies in folders after it. What did not fit because something was said or done in
between is looked at once more; what does not fit though nothing was, is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

from privity.app.releases.state.places import making
from privity.app.releases.state.register import STREAMS
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


def steady_each(
    workspace: Workspace, names: Sequence[str], look: Callable[[Sequence[str]], Iterable[Found]]
) -> tuple[list[Found], dict[str, PrivityError]]:
    """Look at releases: at all at once, and where that fails at each by itself.

    Args:
        workspace: Whose releases.
        names: Their names.
        look: Looks at some of them, from the register on; it may be called several times.

    Returns:
        What was found, and why nothing could be found of a release.
    """
    with suppress(PrivityError):
        return list(steady(workspace, partial(look, names))), {}
    found: list[Found] = []
    failed: dict[str, PrivityError] = {}
    for name in names:
        try:
            found += steady(workspace, partial(look, [name]))
        except PrivityError as error:
            failed[name] = error
    return found, failed


def how_far(workspace: Workspace) -> tuple[object, ...]:
    """Give how far what is said of releases has come, of whom nothing is left, and what is being done."""
    vault = workspace.store.vault
    streams = tuple(vault.stream(public_stream(name)) for name in STREAMS)
    return streams, vault.ending(), vault.erasures, at_work(workspace)


def at_work(workspace: Workspace) -> tuple[str, ...]:
    """Give the releases that something is made or taken back from."""
    return tuple(sorted(path.stem for path in making(workspace.places.root).glob("*.lock")))
