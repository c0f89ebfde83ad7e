# SPDX-License-Identifier: Apache-2.0
"""The gate between what a platform's members write and the training of generative models.

`privity.decide` decides one record, `privity.decide_batch` a batch, `privity.clear` a corpus;
`privity.load_workspace` reads what a workspace's ledger knows, and `privity.clear_workspace` makes a set by it;
`privity.open_workspace` keeps one open, to record what members say and to answer by it at once;
`privity.create_release` makes a release, `privity.open_release` opens one that may be used, `privity.start_run` and `privity.end_run` enter what is trained on it.
Nothing is loaded before it is asked for.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from privity.app.api import clear, decide, decide_batch, load_workspace
    from privity.app.live import open_workspace
    from privity.app.releases.making.making import create_release
    from privity.app.releases.using.opening import open_release
    from privity.app.releases.using.running import end_run, start_run
    from privity.app.workspace.sets import clear_workspace

__all__ = [
    "clear",
    "clear_workspace",
    "create_release",
    "decide",
    "decide_batch",
    "end_run",
    "load_workspace",
    "open_release",
    "open_workspace",
    "start_run",
]

_HOMES = {
    "clear": "privity.app.api",
    "clear_workspace": "privity.app.workspace.sets",
    "create_release": "privity.app.releases.making.making",
    "decide": "privity.app.api",
    "decide_batch": "privity.app.api",
    "end_run": "privity.app.releases.using.running",
    "load_workspace": "privity.app.api",
    "open_release": "privity.app.releases.using.opening",
    "open_workspace": "privity.app.live",
    "start_run": "privity.app.releases.using.running",
}
"""Where each name of the front is made."""


def __getattr__(name: str) -> Any:
    """Load a name of the front when it is first asked for."""
    if name not in _HOMES:
        message = f"module `privity` has no attribute `{name}`"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Name all of the front, loaded or not."""
    return sorted({*globals(), *__all__})


class _Decide(ModuleType):
    """The package `privity.decide`, which is also the function of that name (docs/adr/0005)."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Decide one record: `privity.app.api.decide`."""
        from privity.app import api  # noqa: PLC0415 - engines are loaded when they are used

        return api.decide(*arguments, **named)


if not TYPE_CHECKING:
    import privity.decide  # noqa: F401 - so that there is a module to make callable

    sys.modules["privity.decide"].__class__ = _Decide
