# SPDX-License-Identifier: Apache-2.0
"""What a platform says of itself in Django's settings, under `PRIVITY` (docs/web.md).

| key | what it says |
|---|---|
| `workspace` | the workspace's folder |
| `member` | the dotted name of a function: given a request, the id of the member who is logged in, or None |
| `clock` | the dotted name of a function that gives the instant, where the workspace's clock is simulated; else left out |
| `purpose` | the use that members are asked about; left out, `genai-training` |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.module_loading import import_string

from privity.canonical.instants import Instant
from privity.members.facts import MemberId

WhoAsks = Callable[[HttpRequest], MemberId | None]
"""Gives the member who is logged in, or None."""

_KEYS: Final = ("workspace", "member", "clock", "purpose")


@dataclass(frozen=True, kw_only=True, slots=True)
class Configured:
    """What a platform says of itself.

    Attributes:
        workspace: The workspace's folder.
        who: Gives the member who is logged in.
        clock: Gives the instant, where the workspace's clock is simulated.
        purpose: The use that members are asked about.
    """

    workspace: Path
    who: WhoAsks
    clock: Callable[[], Instant] | None
    purpose: str


def configured() -> Configured:
    """Read what Django's settings say.

    Raises:
        ImproperlyConfigured: A key is missing, or nobody knows it.
    """
    said: dict[str, Any] = getattr(settings, "PRIVITY", {})
    for key in said:
        if key not in _KEYS:
            message = f"the setting PRIVITY has `{key}`, expected {', '.join(_KEYS)}"
            raise ImproperlyConfigured(message)
    for key in ("workspace", "member"):
        if not said.get(key):
            message = f"the setting PRIVITY has no `{key}` (docs/web.md)"
            raise ImproperlyConfigured(message)
    clock = said.get("clock")
    return Configured(
        workspace=Path(said["workspace"]),
        who=import_string(said["member"]),
        clock=None if clock is None else import_string(clock),
        purpose=said.get("purpose", "genai-training"),
    )
