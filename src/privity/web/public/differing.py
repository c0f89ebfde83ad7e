# SPDX-License-Identifier: Apache-2.0
"""What each version changed, found once for a process: it is the same for ever, and takes a second."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from privity.app.publications import Publication, changed_by
from privity.decide.analysis.told import Told, tell

_MOST: Final = 256

_Key = tuple[tuple[int, str, str | None], ...]
_lock = threading.Lock()
_kept: dict[_Key, Told] = {}


def told_of(publications: Sequence[Publication], index: int) -> Told:
    """Say what a version opened and closed.

    Args:
        publications: All versions.
        index: The entry of the one that is asked about.

    Raises:
        KeyError: No version entered by that entry.
    """
    known = tuple(one for one in publications if one.index <= index)
    key = tuple((one.entered, one.sha256, one.by) for one in known)
    # One at a time: whoever asks for many leaves the other threads to the others.
    with _lock:
        if key not in _kept:
            if len(_kept) >= _MOST:
                _kept.clear()
            _kept[key] = tell(changed_by(known, index))
        return _kept[key]
