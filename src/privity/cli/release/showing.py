# SPDX-License-Identifier: Apache-2.0
"""What several commands of releases share: how a release is told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privity.app.releases.state.states import ReleaseState
from privity.canonical.instants import Instant, format_instant


def standing_of(release: ReleaseState, at: Instant) -> str:
    """Give how a release stands by the log, in words; what is due is asked of `privity release status`."""
    if release.ended is not None:
        return f"{release.ended.says.why} since {format_instant(release.ended.time)}"
    if release.expires_at is None:
        return "live"
    if release.expired(at):
        return f"expired since {format_instant(release.expires_at)}"
    return f"live until {format_instant(release.expires_at)}"


def mapping_of(release: ReleaseState, at: Instant) -> Mapping[str, Any]:
    """Give a release as plain values for JSON."""
    return {
        "created": {
            "entry": release.created.index,
            "says": release.created.says.to_payload(),
            "time": format_instant(release.created.time),
        },
        "disclosures": [
            {
                "acknowledged": one.acknowledged is not None,
                "entry": one.handed.index,
                "failed": one.failed is not None,
                "name": one.name,
                "recipient": one.handed.says.recipient,
                "revision": one.handed.says.revision,
                "time": format_instant(one.handed.time),
            }
            for one in release.disclosures
        ],
        "ended": None
        if release.ended is None
        else {
            "entry": release.ended.index,
            "time": format_instant(release.ended.time),
            "why": release.ended.says.why,
        },
        "live": release.live(at),
        "models": [one.name for one in release.models],
        "name": release.name,
        "revision": release.revision,
        "revised": [
            {
                "entry": one.index,
                "says": one.says.to_payload(),
                "time": format_instant(one.time),
            }
            for one in release.revised
        ],
        "rows": release.content.rows,
        "runs": [one.name for one in release.runs],
    }
