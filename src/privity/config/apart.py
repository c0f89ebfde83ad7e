# SPDX-License-Identifier: Apache-2.0
"""What is made for somebody lies outside of every workspace: a part of one is served to everybody (docs/cli.md).

A workspace is told by its settings. Looks at names alone, so it needs nobody who opened it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from privity.errors import InputError, Where

_SETTINGS: Final = "privity.toml"


def check_apart(out: Path) -> None:
    """Check that a file or folder that is to be made would not lie in a workspace, whoever's it is.

    Raises:
        InputError: It would (`workspace/inside`).
    """
    try:
        around = next(
            (one for one in out.resolve().parents if (one / _SETTINGS).is_file()), None
        )
    except (OSError, RuntimeError):
        # A folder that nobody may look into, or a link to itself: whoever writes there says so.
        return
    if around is not None:
        raise InputError(
            f"it would lie in the workspace `{around}`, expected a place elsewhere",
            code="workspace/inside",
            hint="name another one: a part of a workspace is served to everybody",
            where=Where(file=str(out)),
        )
