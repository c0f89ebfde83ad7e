# SPDX-License-Identifier: Apache-2.0
"""Do something with several things, each by itself: what is wrong with one holds up no other ([REL-110])."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from privity.errors import PrivityError, VerificationError
from privity.store.files import unreachable
from privity.vocabulary.terms import quoted

Failed = dict[str, PrivityError]
"""Why something failed, by the name of what it failed of."""


@contextmanager
def by_itself(failed: Failed | None, name: str, *, what: str = "release") -> Iterator[None]:
    """Put down why something failed of one thing, and let the others go on.

    What is damaged may be read as anything, and fail wherever it is used: that is of this thing too.

    Args:
        failed: Where it is put down; None: it is raised.
        name: The thing's name.
        what: What it is.
    """
    try:
        with _told(name, what):
            yield
    except PrivityError as error:
        if failed is None:
            raise
        failed[name] = error


@contextmanager
def _told(name: str, what: str) -> Iterator[None]:
    """Say of what is damaged, or cannot be read, what it is."""
    try:
        yield
    except OSError as error:
        raise unreachable(Path(error.filename or name), error) from error
    except (LookupError, TypeError, ValueError) as error:
        raise VerificationError(
            f"what lies there of {what} {quoted(name)} is damaged ({type(error).__name__})",
            code="workspace/release",
            hint="see `privity ledger check`, and put the files back from a backup",
        ) from error
