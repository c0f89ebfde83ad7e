# SPDX-License-Identifier: Apache-2.0
"""What a platform says of itself in Django's settings, under `PRIVITY` (docs/web.md).

| key | what it says |
|---|---|
| `workspace` | the workspace's folder |
| `member` | the dotted name of a function: given a request, the id of the member who is logged in, or None |
| `clock` | the dotted name of a function that gives the instant, where the workspace's clock is simulated; else left out |
| `purpose` | the use that members are asked about; left out, `genai-training` |
| `records` | the dotted name of a function: given a request, the ids of all records that its member is a party of, the newest first |
| `record` | the dotted name of a function: given a request and an id, the columns of that record and of all that it quotes, as a list; none where it is not one of hers |
| `setting` | the name of the address where members flip the switch; left out, Privity's own page takes a no |
| `gpc` | since when Global Privacy Control is heeded, a date: `/.well-known/gpc.json` says it; left out, nothing is said |
| `controller` | who answers for it, for receipts: `name`, `address`, `contact`, `storage_location`, `storage_duration` |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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

WhichRecords = Callable[[HttpRequest], Sequence[str]]
"""Gives the ids of all records that the member is a party of, the newest first."""
SomeRecords = Callable[[HttpRequest, Sequence[str]], Sequence[Mapping[str, Any]]]
"""Gives those of some records that are the member's, and all that they quote."""

CONTROLLER: Final = ("name", "address", "contact", "storage_location", "storage_duration")
"""What a receipt says of who answers for it."""
_KEYS: Final = (
    "workspace", "member", "clock", "purpose", "records", "record", "setting", "controller",
    "gpc",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Configured:
    """What a platform says of itself.

    Attributes:
        workspace: The workspace's folder.
        who: Gives the member who is logged in.
        clock: Gives the instant, where the workspace's clock is simulated.
        purpose: The use that members are asked about.
        records: Gives the ids of a member's records, or None where the platform has no such function.
        record: Gives some of them, or None likewise.
        setting: The name of the address of the platform's own switch, or None where it has none.
        gpc: Since when Global Privacy Control is heeded, or None where that is not said.
        controller: What a receipt says of who answers for it.
    """

    workspace: Path
    who: WhoAsks
    clock: Callable[[], Instant] | None
    purpose: str
    records: WhichRecords | None
    record: SomeRecords | None
    setting: str | None
    controller: Mapping[str, str]
    gpc: date | None


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
    clock, records, record = (
        None if said.get(key) is None else import_string(said[key])
        for key in ("clock", "records", "record")
    )
    controller: Mapping[str, str] = said.get("controller") or {}
    for key in controller:
        if key not in CONTROLLER:
            message = f"the controller in the setting PRIVITY has `{key}`, expected {', '.join(CONTROLLER)}"
            raise ImproperlyConfigured(message)
    return Configured(
        workspace=Path(said["workspace"]),
        who=import_string(said["member"]),
        clock=clock,
        purpose=said.get("purpose", "genai-training"),
        records=records,
        record=record,
        setting=said.get("setting"),
        controller=controller,
        gpc=_date(said.get("gpc")),
    )


def _date(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        message = (
            f"`gpc` in the setting PRIVITY is `{text}`, expected a date such as 2024-08-01"
        )
        raise ImproperlyConfigured(message) from error
