# SPDX-License-Identifier: Apache-2.0
"""A member is the same person whether a record has her id as a number or as text ([REL-25], [REL-26])."""

from __future__ import annotations

import pytest

from privity.app.releases.members.membership import known_as
from privity.app.workspace.ids import IdKind
from privity.members.facts import MemberId


@pytest.mark.parametrize(
    ("seen", "kind", "member"),
    [
        ("7", IdKind.NUMBER, 7),
        (7, IdKind.NUMBER, 7),
        ("-3", IdKind.NUMBER, -3),
        ("07", IdKind.NUMBER, "07"),
        ("ada", IdKind.NUMBER, "ada"),
        (7, IdKind.TEXT, "7"),
        ("7", IdKind.TEXT, "7"),
        (7, None, 7),
        ("7", None, "7"),
    ],
    ids=repr,
)
def test_ids_are_taken_as_the_workspace_has_them(
    seen: MemberId, kind: IdKind | None, member: MemberId
) -> None:
    found = known_as(seen, kind)
    assert (found, type(found)) == (member, type(member))
