# SPDX-License-Identifier: Apache-2.0
"""The bars, and whether a whole run meets them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks import pages
from privity.store.database import journal_for

_MANY: Final = 100
_MOST: Final = 1000


def judge(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give for each bar what was measured and whether that meets it."""
    by_body = {one["body"]: one for one in result["clear"]}
    usual, grown, one = by_body[340], result["growth"], result["point"]
    proofs = result["proofs"]
    ledger, members = result["ledger"], result["members"]
    at_most = [
        ("clear, body 340 B, by the oracle copy", 1.25, usual["oracle_ratio"]),
        ("clear, body 1 kB, by the oracle copy", 1.10, by_body[1_000]["oracle_ratio"]),
        ("clear by DuckDB copying known rows", 1.0, usual["duckdb_ratio"]),
        ("string ids by integer ids", 1.3, usual["string_ratio"]),
        ("growth of the time by that of the records", 1.1, grown["linear"]),
        ("growth of the memory with the records", 1.1, grown["peak_growth"]),
        ("point decision, p99, microseconds", 50, one["decide_p99_us"]),
        ("explanation, p99, milliseconds", 5, one["explain_p99_ms"]),
        ("bytes a member", 24, result["states"]["bytes_a_member"]),
        ("bytes a further breakpoint", 12, result["states"]["bytes_a_breakpoint"]),
        ("proof, 1 million entries, bytes", 640, proofs["proof_bytes"]),
        ("proof, 100 million entries, bytes", 864, proofs["synthetic_proof_bytes"]),
        ("proving, 1 million entries, p99, milliseconds", 5, proofs["prove_p99_ms"]),
        ("proving, 100 million, p99, milliseconds", 20, proofs["synthetic_prove_p99_ms"]),
        ("checking one event, p99, milliseconds", 0.5, proofs["check_one_p99_ms"]),
        ("checking 50 events, p99, milliseconds", 10, proofs["check_events_p99_ms"]),
        ("release’s members, CPU, microseconds a row", 0.5, members["commit_cpu_us_a_row"]),
        ("release’s members, peak, MiB", 1024, members["commit_peak_mib"]),
        ("releases with her records, p99, milliseconds", 10, members["which_p99_ms"]),
        ("log held by a clearing, milliseconds", 200, result["race"]["held_ms"]),
        ("records of members who said no in time", 0, result["race"]["missed"]),
        ("a release by a set of the same records", 1.25, result["create"]["create_ratio"]),
        ("a hundred members taken back by making anew", 0.1, result["revoke"]["revoke_ratio"]),
        ("a class in 1,000 releases, seconds", 60, result["audit_class"]["seconds"]),
        ("a class in 1,000 releases, peak, MiB", 2048, result["audit_class"]["peak_mib"]),
        *(
            (f"pages under load, {name.replace('_', ' ')}", bar, result["pages"][name])
            for name, bar in pages.BARS.items()
        ),
    ]
    at_most += [
        (f"{one['what']} appended, {one['batch']} at once, by raw SQLite", bar, one["ratio"])
        for one, bar in _appended(ledger["append"])
    ]
    at_most += [
        (
            f"{one['what']} appended, {one['batch']} at once, CPU, microseconds",
            12,
            one["cpu_us"],
        )
        for one, _ in _appended(ledger["append"])
        if one["batch"] >= _MANY
    ]
    at_most.append(("durable to published, p99, seconds", 2, ledger["publish"]["wait_p99_s"]))
    at_least = [
        (
            "replay, decisions a second and core",
            5e3,
            result["audit_replay"]["decisions_a_core_s"],
        ),
        ("times as fast as SQL of the same meaning", 2.5, result["sql"]["faster_than_sql"]),
        ("tiles, leaves a second and core", 1.5e6, proofs["built_leaves_per_s"]),
        ("verifying bytes, entries a second and core", 8e5, proofs["hashed_entries_per_s"]),
        ("verifying all, entries a second and core", 2.5e5, proofs["verified_entries_per_s"]),
    ]
    at_least += [
        (f"{one['what']} appended, {one['batch']} at once, a second", 5e4, one["entries_per_s"])
        for one, _ in _appended(ledger["append"])
        if one["batch"] == _MOST
    ]
    judged = [("at most", *bar, bar[2] <= bar[1]) for bar in at_most]
    judged += [("at least", *bar, bar[2] >= bar[1]) for bar in at_least]
    return [
        {
            "what": what,
            "bar": f"{side} {bar:g}",
            "measured": measured,
            "met": "yes" if met else "NO",
        }
        for side, what, bar, measured, met in judged
    ]


def _appended(found: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], float]]:
    """Give appends with the journal that is used, each with the bar of its ratio."""
    used = journal_for(sqlite3.sqlite_version_info)
    bars = {1: 1.7, 10: 2.2}
    return [(one, bars.get(one["batch"], 3.5)) for one in found if one["journal"] == used]
