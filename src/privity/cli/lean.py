# SPDX-License-Identifier: Apache-2.0
"""Libraries that other libraries import wherever they are installed, and no command needs.

Arrow looks for pandas when it makes its first array, and numba for SciPy when it makes its first loop ready: of a command on
a small file that is a third of the time (ADR 0077). `import privity` leaves out nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Final

LEFT_OUT: Final = frozenset({"pandas", "scipy"})


class _Finder(PathFinder):
    """Finds what Python finds, but for what is left out: that is not installed, as far as anybody can tell."""

    @classmethod
    def find_spec(
        cls,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find a module; None where there is none."""
        return None if fullname in LEFT_OUT else super().find_spec(fullname, path, target)


def leave_out() -> None:
    """Leave out, from now on, what is not loaded yet."""
    sys.meta_path[:] = [_Finder if one is PathFinder else one for one in sys.meta_path]
