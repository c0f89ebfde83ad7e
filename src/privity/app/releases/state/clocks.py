# SPDX-License-Identifier: Apache-2.0
"""What time it is for whoever has a release and no workspace: by the system's clock, or by the log's own."""

from __future__ import annotations

import time

from privity.canonical.instants import Instant, format_instant
from privity.entries.genesis import SIMULATED
from privity.errors import InputError


def instant_of_use(origin: str, now: Instant | None, *, otherwise: Instant) -> Instant:
    """Give the instant of use.

    Args:
        origin: The name of the log that the release is of; it says whether its clock is simulated.
        now: As it was set, or None.
        otherwise: What it is where the clock is simulated and nothing was set.

    Raises:
        InputError: It was set, and the log goes by the system's clock (`release/clock`).
    """
    if origin.endswith(SIMULATED):
        return otherwise if now is None else now
    if now is not None:
        raise InputError(
            f"the instant {format_instant(now)} is set, and this release’s log goes by the system’s clock",
            code="release/clock",
            hint="leave it out",
        )
    return int(time.time())  # noqa: TID251 - whoever opens a copy has no workspace whose clock could be asked
