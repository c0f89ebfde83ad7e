# SPDX-License-Identifier: Apache-2.0
"""The periods of a workspace's settings: how long recipients have, and how long replaced files stay."""

from __future__ import annotations

import pytest

from privity.config.workspace import WorkspaceSettings, format_settings, parse_settings
from privity.errors import InputError

DAY = 86_400


def test_left_out_they_are_thirty_days_and_seven() -> None:
    """REL-106."""
    found = parse_settings('origin = "example.com/log"\n', file="privity.toml")
    assert (found.deadline, found.kept) == (30 * DAY, 7 * DAY)
    assert "revocation =" not in format_settings(found)


def test_what_was_said_is_written_and_read() -> None:
    """REL-106."""
    said = WorkspaceSettings(origin="example.com/log", revocation="P1D", retention="PT12H")
    found = parse_settings(format_settings(said), file="privity.toml")
    assert found == said
    assert (found.deadline, found.kept) == (DAY, DAY // 2)


@pytest.mark.parametrize("text", ["P1M", "30", "-P1D", "P"])
def test_what_has_no_fixed_length_is_none(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(f'origin = "example.com/log"\nretention = "{text}"\n', file="x.toml")
    assert caught.value.code == "workspace/settings"
