# SPDX-License-Identifier: Apache-2.0
"""A member who said something that nobody else did, and where to look for it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from pathlib import Path

from tests.unit.app.workspace.conftest import size
from tests.unit.app.workspace.worlds import (
    content,
)

from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private, key_name
from privity.entries.decode import PublicEntry, decode
from privity.entries.fact import FactEntry

WORDS = "what-only-ada-ever-said"
ADA = Private(
    member="ada-1815",
    says=FactEntry(
        member="ada-1815",
        fact="setting",
        value="on",
        at=1_700_000_000,
        detail={"setting": WORDS, "scope": "all"},
    ),
)
DAY = 86_400


def public(workspace: Workspace, kind: type) -> list[tuple[int, object]]:
    """The entries of a public kind."""
    found: list[tuple[int, object]] = []
    for stored in workspace.store.entries(0, size(workspace)):
        entry = decode(stored.data, origin=workspace.settings.origin)
        if isinstance(entry, PublicEntry) and isinstance(entry.says, kind):
            found.append((stored.place, entry.says))
    return found


def secret_of(workspace: Workspace, member: str) -> bytes:
    key = workspace.keys.get(key_name(member))
    assert key is not None
    return key.secret


def traces(folder: Path, wanted: Collection[bytes]) -> set[str]:
    """The files in which any of some bytes is, as they are, in hexadecimal or in base64."""
    forms = {form for one in wanted for form in (one, one.hex().encode(), b64encode(one)[:-4])}
    return {
        name for name, data in content(folder).items() if any(form in data for form in forms)
    }
