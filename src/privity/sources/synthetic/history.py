# SPDX-License-Identifier: Apache-2.0
"""The dates of the dispute that the made network lives through (docs/case.md).

A published date has no zone. It is read as protection needs it: what permits starts when the day has
begun everywhere (12:00 UTC), what refuses when it begins anywhere (10:00 UTC of the day before).
The same dates stand in examples/inmail-dispute; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from privity.canonical.encode import encode
from privity.canonical.instants import Instant, parse_instant

SETTING: Final = "genai-improvement"
NOTICE: Final = "genai-2024-09"
USER_AGREEMENT: Final = "user-agreement"
SUBSCRIPTION: Final = "subscription"
REGIONAL_NOTICE: Final = "european-regional-notice"
REGIONAL_NOTICE_UK: Final = "european-regional-notice-uk"

FOUNDED: Final = parse_instant("2003-05-05T00:00:00Z")
FIRST_RECORD: Final = parse_instant("2015-01-01T00:00:00Z")
LIVE: Final = parse_instant("2024-08-15T12:00:00Z")
TOLD: Final = parse_instant("2024-09-18T12:00:00Z")
TOLD_WIDELY: Final = parse_instant("2024-12-01T00:00:00Z")
TOLD_AGAIN: Final = parse_instant("2025-09-18T12:00:00Z")
WIDENED: Final = parse_instant("2025-11-03T12:00:00Z")
LAST_FACT: Final = parse_instant("2025-12-01T00:00:00Z")
END: Final = parse_instant("2026-01-01T00:00:00Z")


def detail(**fields: object) -> str:
    """Write a fact's detail as canonical JSON."""
    return encode(fields).decode()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformFact:
    """A fact that belongs to no member."""

    fact: str
    value: str
    at: Instant
    detail: str = "{}"


def _fact(fact: str, value: str, at: str, **fields: object) -> PlatformFact:
    return PlatformFact(fact=fact, value=value, at=parse_instant(at), detail=detail(**fields))


CASE_FACTS: Final = (
    _fact("recipient", "network", "2003-05-05T00:00:00Z", role="controller"),
    _fact("recipient", "parent", "2016-12-08T00:00:00Z", role="affiliate"),
    _fact("recipient", "lab", "2023-01-01T00:00:00Z", role="third-party"),
    _fact(
        "order",
        "ico-2024-09",
        "2024-09-17T10:00:00Z",
        jurisdictions=["GB"],
        purposes=["genai-training"],
    ),
    _fact(
        "order",
        "pcpd-2024-10",
        "2024-10-10T10:00:00Z",
        jurisdictions=["HK"],
        purposes=["genai-training"],
    ),
    _fact("order-lifted", "ico-2024-09", "2025-11-03T12:00:00Z"),
    _fact("order-lifted", "pcpd-2024-10", "2025-11-03T12:00:00Z"),
)
"""Who is on the register, and which regulator stopped what, until when."""

CUSTOMERS: Final = ("customer-1", "customer-2", "customer-3", "customer-4")
"""Employers whose seats some records were written in; the last never instructed anything."""

_CONTENT: Final = ["content"]
_TRAINING: Final = ["model-training"]

SEAT_FACTS: Final = (
    _fact(
        "seat-instruction",
        "customer-1",
        "2024-09-23T09:00:00Z",
        categories=_CONTENT,
        purposes=_TRAINING,
        recipients=["controller", "affiliate"],
    ),
    _fact(
        "seat-instruction",
        "customer-2",
        "2024-09-23T09:00:00Z",
        categories=_CONTENT,
        purposes=_TRAINING,
        recipients=["controller"],
    ),
    _fact("seat-instruction-withdrawn", "customer-2", "2024-11-04T09:00:00Z"),
    _fact(
        "seat-instruction",
        "customer-3",
        "2024-09-23T09:00:00Z",
        categories=_CONTENT,
        purposes=["personalisation"],
        recipients=["controller"],
    ),
)
"""What those employers said of content written in their seats."""
