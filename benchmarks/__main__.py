# SPDX-License-Identifier: Apache-2.0
"""`python -m benchmarks`: all of docs/benchmarks.md, or one part of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from benchmarks import (
    audit_class,
    audit_replay,
    copies,
    create,
    growth,
    ledger,
    machine,
    members,
    pages,
    point,
    proofs,
    race,
    revoke,
    states,
    variants,
)
from benchmarks.bars import judge
from benchmarks.clear import AGAINST, COPIES, MEMBERS, Options, measure
from benchmarks.ids import KINDS
from benchmarks.report import as_json, table

BODIES: Final = (100, 340, 1_000, 2_000)
RECORDS: Final = 20_000_000
_LARGEST: Final = 20_000_000 * 1_000
"""Bytes of bodies: beyond it fewer records are taken, so that source and output stay cached."""

_CLEAR_COLUMNS: Final = (
    "body", "records", "permitted", "clear_s", "records_per_s", "peak_mib",
    "oracle_ratio", "oracle_cpu_ratio", "duckdb_ratio", "string_ratio", "states_s",
)  # fmt: skip
_SQL_COLUMNS: Final = (
    "records",
    "clear_s",
    "sql_s",
    "faster_than_sql",
    "peak_mib",
    "sql_peak_mib",
)


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    chosen = _parser().parse_args(arguments)
    match chosen.part:
        case "clear":
            result = measure(_options(chosen))
            text = table([result], _CLEAR_COLUMNS)
        case "growth":
            result = growth.grow(_options(chosen), chosen.sizes)
            text = table(result["rows"], tuple(result["rows"][-1]))
        case "point":
            result = point.measure(chosen.dir, chosen.members)
            text = table([result], tuple(result))
        case "ledger":
            result = ledger.measure(chosen.dir, chosen.before)
            text = _ledger_text(result)
        case "variants":
            result = variants.measure(chosen.posts)
            text = variants.text(result)
        case "states":
            result = states.measure(chosen.dir, chosen.facts)
            text = table([result], tuple(result))
        case "revoke" if chosen.sizes:
            result = revoke.grow(chosen.dir, chosen.sizes, chosen.members)
            text = table(result["rows"], tuple(result["rows"][-1]))
        case part if part in _LISTED:
            result = _LISTED[part](chosen)
            text = table(_each(result), ("what", "measured"))
        case _:
            result = _everything(chosen)
            text = _page(result)
    print(as_json(result) if chosen.json else text)
    return 0


_LISTED: Final[Mapping[str, Callable[[argparse.Namespace], dict[str, Any]]]] = {
    "audit-class": lambda chosen: audit_class.measure(
        chosen.dir, chosen.releases, chosen.members, chosen.rows
    ),
    "audit-replay": lambda chosen: audit_replay.measure(
        chosen.dir, chosen.records, chosen.members
    ),
    "copies": lambda chosen: copies.measure(_options(chosen)),
    "create": lambda chosen: create.measure(
        chosen.dir, chosen.records, chosen.members, chosen.pairs
    ),
    "proofs": lambda chosen: proofs.measure(chosen.dir, chosen.entries, chosen.synthetic),
    "members": lambda chosen: members.measure(
        chosen.dir, chosen.rows, chosen.members, chosen.releases
    ),
    "pages": lambda chosen: pages.measure(chosen.dir, chosen.rate, chosen.seconds),
    "race": lambda chosen: race.measure(chosen.dir, chosen.records, chosen.members),
    "revoke": lambda chosen: revoke.measure(chosen.dir, chosen.records, chosen.members),
}
"""The parts with too many figures for columns, each with a line for each figure."""


def _everything(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure all parts; only the usual body is compared with everything."""
    cleared = []
    for body in BODIES:
        options = Options(
            folder=chosen.dir,
            records=min(chosen.records, _LARGEST // body),
            members=chosen.members,
            body=body,
            pairs=chosen.pairs,
            against=COPIES if body == 340 else ("oracle",),
        )
        cleared.append(measure(options))
    usual = Options(folder=chosen.dir, records=chosen.records, members=chosen.members, pairs=3)
    sizes = tuple(chosen.records * size // growth.SIZES[-1] for size in growth.SIZES)
    result = {
        "machine": machine.described(),
        "data": _digests(cleared),
        "clear": cleared,
        "sql": measure(replace(usual, records=sizes[1], against=("sql",))),
        "growth": growth.grow(usual, sizes),
        "point": point.measure(chosen.dir, chosen.members),
        "states": states.measure(chosen.dir, chosen.members * 5),
        "proofs": proofs.measure(chosen.dir, proofs.ENTRIES, proofs.SYNTHETIC),
        "ledger": ledger.measure(chosen.dir, ledger.BEFORE),
        "members": members.measure(chosen.dir, members.ROWS, members.MEMBERS, members.RELEASES),
        "race": race.measure(chosen.dir, min(chosen.records, race.RECORDS), chosen.members),
        "create": create.measure(
            chosen.dir, min(chosen.records, create.RECORDS), chosen.members
        ),
        "revoke": revoke.measure(
            chosen.dir, min(chosen.records, revoke.RECORDS), min(chosen.members, revoke.ALL)
        ),
        "audit_replay": audit_replay.measure(
            chosen.dir,
            min(chosen.records, audit_replay.RECORDS),
            min(chosen.members, audit_replay.MEMBERS),
        ),
        "audit_class": audit_class.measure(
            chosen.dir, audit_class.RELEASES, audit_class.MEMBERS, audit_class.ROWS
        ),
        "pages": pages.measure(chosen.dir, pages.RATE, pages.SECONDS),
    }
    return result | {"bars": judge(result)}


def _digests(cleared: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Give one digest for each set of files, by what the set is."""
    found = {}
    for one in cleared:
        found[f"{one['members']:,} members, {one['ids']} ids"] = one["sha256"]["facts"]
        named = f"{one['records']:,} records, {one['body']:,} bytes, {one['ids']} ids"
        found[named] = one["sha256"]["records"]
    return [{"set": name, "sha256": value} for name, value in found.items()]


def _page(result: Mapping[str, Any]) -> str:
    parts = [
        ("machine", table([result["machine"]], tuple(result["machine"]))),
        ("data", table(result["data"], ("set", "sha256"))),
        ("clear", table(result["clear"], _CLEAR_COLUMNS)),
        ("clear, and SQL of the same meaning", table([result["sql"]], _SQL_COLUMNS)),
        ("growth", table(result["growth"]["rows"], tuple(result["growth"]["rows"][-1]))),
        ("point decision", table([result["point"]], tuple(result["point"]))),
        ("states of members", table([result["states"]], tuple(result["states"]))),
        ("proofs", table(_each(result["proofs"]), ("what", "measured"))),
        ("appends to the ledger", _ledger_text(result["ledger"])),
        ("members of a release", table(_each(result["members"]), ("what", "measured"))),
        ("a clearing while members say no", table(_each(result["race"]), ("what", "measured"))),
        ("a release beside a set", table(_each(result["create"]), ("what", "measured"))),
        ("a taking back", table(_each(result["revoke"]), ("what", "measured"))),
        (
            "a question about a class",
            table(_each(result["audit_class"]), ("what", "measured")),
        ),
        ("a replay", table(_each(result["audit_replay"]), ("what", "measured"))),
        ("pages under load", table(_each(result["pages"]), ("what", "measured"))),
        ("bars", table(result["bars"], ("what", "bar", "measured", "met"))),
    ]
    return "\n\n".join(f"{title}\n{text}" for title, text in parts)


def _ledger_text(result: Mapping[str, Any]) -> str:
    appended = table(result["append"], tuple(result["append"][0]))
    return f"{appended}\n\n{table([result['publish']], tuple(result['publish']))}"


def _each(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give a line for each figure, where there are too many for columns."""
    return [
        {"what": name.replace("_", " "), "measured": value} for name, value in result.items()
    ]


def _options(chosen: argparse.Namespace) -> Options:
    return Options(
        folder=chosen.dir,
        records=chosen.records,
        members=chosen.members,
        body=chosen.body,
        kind=chosen.ids,
        pairs=chosen.pairs,
        threads=chosen.threads,
        against=tuple(chosen.against),
    )


_Defaults = dict[str, tuple[Callable[[str], Any], Any, str]]
"""Of each option: how it is read, what holds unless said, and what it is."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    shared: _Defaults = {
        "--dir": (_folder, Path("build/benchmarks").resolve(), "where data is made and kept"),
        "--members": (_count, MEMBERS, "how many members"),
    }
    sized: _Defaults = {
        "--records": (_count, RECORDS, "how many records, of the largest set"),
        "--pairs": (int, 5, "how often all is run"),
    }
    clearing: _Defaults = {
        "--body": (int, 340, "mean bytes of a body"),
        "--threads": (int, 2, "threads of each side"),
    }
    _options_of(parser, shared | sized)
    parser.add_argument("--json", action="store_true", help="one JSON line and no tables")
    parser.set_defaults(body=340, threads=2, ids="int", against=COPIES)

    parts = parser.add_subparsers(dest="part", metavar="PART", help="all of these unless said")
    one = _part(
        parts, "clear", "one size against copies that know the rows", shared | sized | clearing
    )
    one.add_argument(
        "--against", nargs="*", choices=AGAINST, default=COPIES, help="all but sql"
    )
    several = _part(
        parts, "growth", "time and memory as records grow", shared | sized | clearing
    )
    several.add_argument("--sizes", type=_count, nargs="+", default=growth.SIZES, metavar="N")
    for part in (one, several):
        part.add_argument("--ids", choices=KINDS, default="int", help="what ids are (int)")
    _part(parts, "point", "one decision, and one explanation", shared)
    logs = _part(parts, "proofs", "proofs from a log, and verifying all of it", shared)
    logs.add_argument("--entries", type=_count, default=proofs.ENTRIES, help="of the log (1M)")
    logs.add_argument(
        "--synthetic", type=_count, default=proofs.SYNTHETIC, help="of the tiles alone (100M)"
    )
    written = _part(parts, "ledger", "durable appends, and waiting to be public", shared)
    written.add_argument(
        "--before", type=_count, default=ledger.BEFORE, help="entries in the log (200k)"
    )
    created = _part(
        parts, "create", "a release, beside a set of the same records", shared | sized
    )
    created.set_defaults(records=create.RECORDS, pairs=create.PAIRS)
    tagged = _part(parts, "members", "commit to a release's members, and find hers", shared)
    tagged.add_argument("--rows", type=_count, default=members.ROWS, help="how many (30M)")
    tagged.add_argument(
        "--releases", type=_count, default=members.RELEASES, help="of the index"
    )
    tagged.set_defaults(members=members.MEMBERS)
    taken = _part(parts, "revoke", "a hundred members taken out of a release", shared)
    taken.add_argument("--records", type=_count, default=revoke.RECORDS, help="how many (10M)")
    taken.add_argument(
        "--sizes",
        type=_count,
        nargs="*",
        metavar="N",
        help="of releases that grow (1M 10M 50M)",
    )
    taken.set_defaults(members=revoke.ALL)
    again = _part(parts, "audit-replay", "every record of a release decided again", shared)
    again.add_argument("--records", type=_count, default=audit_replay.RECORDS, help="(1M)")
    again.set_defaults(members=audit_replay.MEMBERS)
    raced = _part(parts, "race", "a clearing on a ledger while members say no", shared)
    raced.add_argument("--records", type=_count, default=race.RECORDS, help="how many (10M)")
    _part(
        parts,
        "copies",
        "a clearing that looks for copies, and one that does not",
        shared | sized | clearing,
    ).set_defaults(records=copies.RECORDS)
    varied = _part(parts, "variants", "which copies of real posts are found", {})
    varied.add_argument("--posts", type=Path, default=variants.POSTS, help="posts as Parquet")
    _audits(parts, shared)
    compiled = _part(parts, "states", "bytes and seconds of the members' states", shared)
    compiled.add_argument(
        "--facts", type=_count, default=10_000_000, help="about how many (10M)"
    )
    return parser


def _audits(parts: Any, shared: _Defaults) -> None:
    asked = _part(parts, "audit-class", "a question about a class of many members", shared)
    asked.add_argument(
        "--releases", type=_count, default=audit_class.RELEASES, help="how many (1,000)"
    )
    asked.add_argument("--rows", type=_count, default=audit_class.ROWS, help="of each (1M)")
    asked.set_defaults(members=audit_class.MEMBERS)
    _pages(parts, shared)


def _pages(parts: Any, shared: _Defaults) -> None:
    loaded = _part(parts, "pages", "the network's pages under load", shared)
    loaded.add_argument(
        "--rate", type=_count, default=pages.RATE, help="requests a second (50)"
    )
    loaded.add_argument("--seconds", type=_count, default=pages.SECONDS, help="how long (60)")


def _part(parts: Any, name: str, said: str, options: _Defaults) -> argparse.ArgumentParser:
    """Add a part; what it is not told holds as it was said, or not, before its name."""
    part: argparse.ArgumentParser = parts.add_parser(name, help=said)
    _options_of(part, options, unsaid=True)
    part.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="one JSON line, no tables",
    )
    return part


def _options_of(
    parser: argparse.ArgumentParser, options: _Defaults, *, unsaid: bool = False
) -> None:
    for name, (read, value, said) in options.items():
        default = argparse.SUPPRESS if unsaid else value
        parser.add_argument(name, type=read, default=default, help=f"{said} ({value})")


def _folder(text: str) -> Path:
    return Path(text).resolve()


def _count(text: str) -> int:
    """Read a number that may end in k or M."""
    scale = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    return int(text.rstrip("kM").replace("_", "")) * scale


if __name__ == "__main__":
    sys.exit(main())
