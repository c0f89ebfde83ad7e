# SPDX-License-Identifier: Apache-2.0
"""The figures of a process that serves, as Prometheus collects them. A page counts by its name, never by its address."""

from __future__ import annotations

from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from privity.errors import PrivityError
from privity.web import desk

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
_BUCKETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

REGISTRY: Final = CollectorRegistry()
REQUESTS: Final = Counter(
    "privity_requests",
    "Requests that were answered.",
    ("method", "page", "status"),
    registry=REGISTRY,
)
SECONDS: Final = Histogram(
    "privity_request_seconds",
    "Seconds until a request was answered.",
    ("page",),
    buckets=_BUCKETS,
    registry=REGISTRY,
)
UNDER_WAY: Final = Gauge(
    "privity_requests_under_way", "Requests that are being answered.", registry=REGISTRY
)
LIMITED: Final = Counter(
    "privity_requests_limited",
    "Requests that came too fast and were refused.",
    registry=REGISTRY,
)
PUBLISHED: Final = Counter(
    "privity_publications",
    "Times that what was recorded was to be published, by what came of it.",
    ("outcome",),
    registry=REGISTRY,
)
_ANSWERS: Final = Gauge(
    "privity_ledger_answers", "Whether the ledger answers: 1, or 0.", registry=REGISTRY
)
_ENTRIES: Final = Gauge(
    "privity_ledger_entries", "Entries of the ledger, published or not.", registry=REGISTRY
)
_PUBLIC: Final = Gauge(
    "privity_ledger_published_entries",
    "Entries that the published checkpoint speaks for.",
    registry=REGISTRY,
)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)


def collected(*, patience: float) -> bytes:
    """Give all figures, those of the ledger as they are now.

    Args:
        patience: Seconds that the ledger has to answer.
    """
    try:
        status = desk.ask(lambda workspace: workspace.status(), patience=patience)
    except (PrivityError, TimeoutError):
        _ANSWERS.set(0)
    else:
        _ANSWERS.set(1)
        _ENTRIES.set(status.size)
        _PUBLIC.set(0 if status.published is None else status.published.size)
    return generate_latest(REGISTRY)
