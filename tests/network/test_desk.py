# SPDX-License-Identifier: Apache-2.0
"""A desk opens its workspace anew where what is kept open may be another one by now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from privity.app.live import LiveWorkspace
from privity.errors import ConflictError, InputError, UnavailableError, VerificationError


@pytest.fixture
def desk(network: Path) -> Iterator[Any]:
    from privity.web.configured import configured  # noqa: PLC0415 - Django is set up by now
    from privity.web.desk import Desk  # noqa: PLC0415 - likewise

    del network
    with closing(Desk(configured(), threads=1)) as it:
        yield it


def raising(error: Exception) -> Callable[[LiveWorkspace], None]:
    def question(_workspace: LiveWorkspace) -> None:
        raise error

    return question


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ConflictError("an older copy", code="ledger/rolled-back"), True),
        (VerificationError("it is damaged", code="ledger/damaged"), True),
        (UnavailableError("no disk", code="ledger/disk"), True),
        (InputError("no such member", code="members/new"), False),
        (ValueError("a mistake"), False),
    ],
    ids=repr,
)
def test_it_opens_the_workspace_anew_after_what_may_have_changed_it(
    desk: Any, error: Exception, *, again: bool
) -> None:
    # Held until the end, so that another one is never where this one was.
    seen: list[LiveWorkspace] = []
    desk.ask(seen.append)
    desk.ask(seen.append)
    assert seen[0] is seen[1]
    with pytest.raises(type(error)) as caught:
        desk.ask(raising(error))
    assert caught.value is error
    desk.ask(seen.append)
    assert (seen[2] is not seen[1]) is again
    assert desk.ask(lambda workspace: workspace.vkeys())
