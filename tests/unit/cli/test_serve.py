# SPDX-License-Identifier: Apache-2.0
"""`privity serve` without what it serves by."""

from __future__ import annotations

import sys

import pytest
from tests.unit.cli.conftest import Run


def test_who_has_no_django_is_told_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "django"]:
        monkeypatch.delitem(sys.modules, name)
    for name in [one for one in sys.modules if one.startswith("privity.web.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "django", None)
    done = run("serve", "--settings", "network.settings", "--check")
    assert (done.code, done.out) == (5, "")
    assert done.err.splitlines() == [
        "privity: pages are served by Django, and `django` is not installed",
        "  hint: install it: pip install 'privity[web]'",
    ]
