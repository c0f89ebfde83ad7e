# SPDX-License-Identifier: Apache-2.0
"""Instants: whole seconds since 1970-01-01T00:00:00Z, and their one text form.

Text is RFC 3339 with a zone and whole seconds (design.md part 4, "Instants have whole seconds and
a zone"). Nothing here reads a clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from privity.errors import InputError

_CODE: Final = "input/instant"

Instant = int
"""Seconds since 1970-01-01T00:00:00Z; may be negative."""

EARLIEST: Final[Instant] = -(1 << 62)
"""Before everything."""

LATEST: Final[Instant] = 1 << 62
"""After everything."""

FIRST_INSTANT: Final[Instant] = -62_135_596_800
"""0001-01-01T00:00:00Z, the first instant that has a text."""
LAST_INSTANT: Final[Instant] = 253_402_300_799
"""9999-12-31T23:59:59Z, the last one."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.0+)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DURATION: Final = re.compile(
    r"P(?:(\d{1,7})W|(?=\d|T\d)(?:(\d{1,7})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?)",
    re.ASCII,
)


def parse_instant(text: str) -> Instant:
    """Read an RFC 3339 instant with a zone and whole seconds.

    Raises:
        InputError: `text` has no zone, a fraction of a second, or is no instant at all.
    """
    match = _INSTANT.fullmatch(text)
    if match is not None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is not None:
            return seconds_of(moment)
    raise InputError(
        f"`{text}` is no instant, expected RFC 3339 with a zone such as `2024-09-18T00:00:00Z`",
        code=_CODE,
    )


def seconds_of(moment: datetime) -> Instant:
    """Turn an aware datetime with whole seconds into an instant.

    Raises:
        InputError: `moment` is naive or has a fraction of a second.
    """
    if moment.tzinfo is None:
        raise InputError(
            f"`{moment.isoformat()}` has no zone, expected an instant such as "
            "`2024-09-18T00:00:00Z`",
            code=_CODE,
        )
    if moment.microsecond:
        raise InputError(
            f"`{moment.isoformat()}` has a fraction of a second, expected whole seconds",
            code=_CODE,
        )
    return (moment - _EPOCH) // timedelta(seconds=1)


def format_instant(instant: Instant) -> str:
    """Write an instant as `2024-09-18T00:00:00Z`."""
    return (_EPOCH + timedelta(seconds=instant)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def parse_date(text: str) -> date:
    """Read a calendar date `YYYY-MM-DD`.

    Raises:
        InputError: `text` is no such date.
    """
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise InputError(
        f"`{text}` is no date, expected `YYYY-MM-DD` such as `1990-05-05`", code="input/date"
    )


def start_of(day: date) -> Instant:
    """Give 00:00 UTC of a day."""
    return seconds_of(datetime(day.year, day.month, day.day, tzinfo=UTC))


def anniversary(day: date, years: int) -> Instant:
    """Give 00:00 UTC of the day `years` years later; 29 February becomes 1 March.

    A year beyond the calendar's end gives `LATEST`.
    """
    year = day.year + years
    if year > date.max.year:
        return LATEST
    try:
        return start_of(day.replace(year=year))
    except ValueError:
        return start_of(date(year, 3, 1))


def parse_duration(text: str) -> int:
    """Read an ISO 8601 duration of weeks, or days, hours, minutes and seconds, in seconds.

    Months and years have no fixed length, so they are refused.

    Raises:
        InputError: `text` is no such duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise InputError(
            f"`{text}` is no duration, expected ISO 8601 days or hours such as `P30D` or `PT12H`",
            code="input/duration",
        )
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
