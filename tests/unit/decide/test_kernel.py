# SPDX-License-Identifier: Apache-2.0
"""Loops are compiled wherever they come from."""

from __future__ import annotations

from typing import Any

from privity.decide.kernel import compiled


def test_a_loop_that_cannot_be_cached_is_compiled_all_the_same() -> None:
    found: dict[str, Any] = {}
    exec("def twice(number):\n    return number * 2\n", found)  # noqa: S102 - code of no file has no cache
    assert compiled(found["twice"])(21) == 42
