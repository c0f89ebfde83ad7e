# SPDX-License-Identifier: Apache-2.0
"""What time it is on the network: by the system's clock, or by one that was set, to live through the dates of a case.

A clock that is set lies as text in a file beside the database, so that all processes see the same, and goes on from
there by the second. The ledger's own clock is `simulated` then, and says so wherever an instant is shown.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.dateparse import parse_datetime

FILE: Final = "clock"


def now() -> int:
    """Give the instant that it is, in seconds since 1970."""
    system = int(time.time())  # noqa: TID251 - the one place where the network reads a clock
    place = _place()
    try:
        said = place.read_text(encoding="ascii")
        set_at = int(place.stat().st_mtime)
    except FileNotFoundError:
        return system
    begun = parse_datetime(said.strip())
    if begun is None or begun.tzinfo is None:
        message = f"`{place}` says `{said.strip()}`, expected an instant with its zone"
        raise ValueError(message)
    return int(begun.timestamp()) + max(0, system - set_at)


def is_simulated() -> bool:
    """Tell whether the clock was set."""
    return _place().exists()


def today() -> datetime:
    """Give the instant that it is, as Django has instants."""
    return datetime.fromtimestamp(now(), UTC)


def set_to(instant: datetime) -> None:
    """Set the clock; it goes on from there."""
    place = _place()
    aside = place.with_suffix(".new")
    aside.write_text(instant.astimezone(UTC).isoformat(), encoding="ascii")
    aside.replace(place)


def _place() -> Path:
    return Path(settings.NETWORK_DATA) / FILE
