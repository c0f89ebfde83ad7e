# SPDX-License-Identifier: Apache-2.0
"""The gate between what a platform's members write and the training of generative models.

`privity.decide` decides one record, `privity.decide_batch` a batch, `privity.clear` a corpus;
`privity.load_workspace` reads what a workspace's ledger knows. Nothing is loaded before it is asked for.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from privity.app.api import clear, decide, decide_batch, load_workspace

__all__ = ["clear", "decide", "decide_batch", "load_workspace"]


def __getattr__(name: str) -> Any:
    """Load a name of the front when it is first asked for."""
    if name not in __all__:
        message = f"module `privity` has no attribute `{name}`"
        raise AttributeError(message)
    from privity.app import api  # noqa: PLC0415 - engines are loaded when they are used

    return getattr(api, name)


class _Decide(ModuleType):
    """The package `privity.decide`, which is also the function of that name (docs/adr/0005)."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Decide one record: `privity.app.api.decide`."""
        from privity.app import api  # noqa: PLC0415 - as above

        return api.decide(*arguments, **named)


if not TYPE_CHECKING:
    import privity.decide  # noqa: F401 - so that there is a module to make callable

    sys.modules["privity.decide"].__class__ = _Decide
