# SPDX-License-Identifier: Apache-2.0
"""The network's clock, which goes on from where it was set, held still."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_FAR_OFF: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def hold(clock: Path) -> None:
    """Let no second pass: a clock counts from when its file was written, which is not yet then."""
    os.utime(clock, (_FAR_OFF, _FAR_OFF))
