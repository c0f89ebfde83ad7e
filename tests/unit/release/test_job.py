# SPDX-License-Identifier: Apache-2.0
"""How a clearing may be done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from privity.errors import InputError
from privity.release.job import MOST_THREADS, Job


@pytest.mark.parametrize("threads", [0, -1, MOST_THREADS + 1, "2", 2.0, True, None])
def test_as_many_threads_as_no_machine_has_use_for_are_refused(threads: Any) -> None:
    with pytest.raises(InputError) as refused:
        Job(out=Path("out"), threads=threads)
    assert refused.value.code == "run/threads"


def test_as_many_as_there_may_be_are_not() -> None:
    assert Job(out=Path("out"), threads=MOST_THREADS).threads == MOST_THREADS
