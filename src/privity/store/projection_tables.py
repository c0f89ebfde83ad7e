# SPDX-License-Identifier: Apache-2.0
"""The tables of the projection, and how they are emptied (docs/workspace.md)."""

from __future__ import annotations

from typing import Final

from privity.store.opening import Kind

# `lost` are the ranges of lost payloads that were known when it was made; `removals` counts how often rows went.
_EXTENT: Final = """
CREATE TABLE extent (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    size INTEGER NOT NULL,
    peaks BLOB NOT NULL,
    lost TEXT NOT NULL,
    removals INTEGER NOT NULL
) STRICT
"""
_NO_EXTENT: Final = "INSERT INTO extent VALUES (1, 0, x'', '', 0)"
_PUBLIC: Final = """
CREATE TABLE public (
    entry INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    data BLOB NOT NULL
) STRICT
"""
_PUBLIC_BY_STREAM: Final = "CREATE INDEX public_by_stream ON public (stream)"
# `newest` is the newest fact, from which `previous` leads to all others of the stream.
_STREAM: Final = """
CREATE TABLE stream (
    stream INTEGER PRIMARY KEY,
    next INTEGER NOT NULL,
    newest INTEGER
) STRICT
"""
# Texts are found by their hash, so that no index holds a second copy of them.
_KIND: Final = """
CREATE TABLE kind (
    kind INTEGER PRIMARY KEY,
    hash INTEGER NOT NULL,
    fact TEXT NOT NULL,
    value TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT
"""
_KIND_BY_HASH: Final = "CREATE INDEX kind_by_hash ON kind (hash)"
_USED: Final = """
CREATE TABLE used (
    kind INTEGER PRIMARY KEY,
    times INTEGER NOT NULL
) STRICT
"""
_ATTESTER: Final = """
CREATE TABLE attester (
    attester INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    key BLOB NOT NULL
) STRICT
"""
_FACT: Final = """
CREATE TABLE fact (
    entry INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    previous INTEGER,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    claimed_at INTEGER,
    attester INTEGER
) STRICT
"""
_UNREAD: Final = """
CREATE TABLE unread (
    entry INTEGER PRIMARY KEY,
    stream INTEGER,
    recorded_at INTEGER NOT NULL,
    why TEXT NOT NULL
) STRICT
"""

KIND: Final = Kind(
    name="projection",
    application=0x5052_5650,
    version=1,
    tables=(
        _EXTENT, _NO_EXTENT, _PUBLIC, _PUBLIC_BY_STREAM, _STREAM, _KIND, _KIND_BY_HASH, _USED,
        _ATTESTER, _FACT, _UNREAD,
    ),
)  # fmt: skip

EMPTY: Final = {
    "public": "DELETE FROM public",
    "stream": "DELETE FROM stream",
    "kind": "DELETE FROM kind",
    "used": "DELETE FROM used",
    "attester": "DELETE FROM attester",
    "fact": "DELETE FROM fact",
    "unread": "DELETE FROM unread",
}
"""Removes all rows of each table; what was there is written over."""
