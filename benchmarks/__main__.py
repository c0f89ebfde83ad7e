# SPDX-License-Identifier: Apache-2.0
"""`python -m benchmarks`: all of docs/benchmarks.md, or one part of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks import growth, machine, point, states
from benchmarks.bars import judge
from benchmarks.clear import COPIES, MEMBERS, Options, measure
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
        case "states":
            result = states.measure(chosen.dir, chosen.facts)
            text = table([result], tuple(result))
        case _:
            result = _everything(chosen)
            text = _page(result)
    print(as_json(result) if chosen.json else text)
    return 0


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
        "clear": cleared,
        "growth": growth.grow(usual, sizes),
        "point": point.measure(chosen.dir, chosen.members),
        "states": states.measure(chosen.dir, chosen.members * 5),
    }
    return result | {"bars": judge(result)}


def _page(result: Mapping[str, Any]) -> str:
    parts = [
        ("machine", table([result["machine"]], tuple(result["machine"]))),
        ("clear", table(result["clear"], _CLEAR_COLUMNS)),
        ("growth", table(result["growth"]["rows"], tuple(result["growth"]["rows"][-1]))),
        ("point decision", table([result["point"]], tuple(result["point"]))),
        ("states of members", table([result["states"]], tuple(result["states"]))),
        ("bars", table(result["bars"], ("what", "bar", "measured", "met"))),
    ]
    return "\n\n".join(f"{title}\n{text}" for title, text in parts)


def _options(chosen: argparse.Namespace) -> Options:
    return Options(
        folder=chosen.dir,
        records=getattr(chosen, "records", RECORDS),
        members=chosen.members,
        body=chosen.body,
        kind=chosen.ids,
        pairs=chosen.pairs,
        threads=chosen.threads,
        against=tuple(getattr(chosen, "against", COPIES)),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    _shared(parser)
    parser.add_argument("--records", type=_count, default=RECORDS, help="the largest set (20M)")
    parser.add_argument("--pairs", type=int, default=5, help="how often all is run (5)")
    parts = parser.add_subparsers(dest="part", metavar="PART")

    one = parts.add_parser("clear", help="one size against the copies that know the rows")
    one.add_argument("--records", type=_count, default=RECORDS, help="how many (20M)")
    one.add_argument(
        "--against",
        nargs="*",
        choices=COPIES,
        default=COPIES,
        help="what to compare with (all)",
    )
    several = parts.add_parser("growth", help="time and memory as the records grow")
    several.add_argument("--sizes", type=_count, nargs="+", default=growth.SIZES, metavar="N")
    for part in (one, several):
        part.add_argument("--body", type=int, default=340, help="mean bytes of a body (340)")
        part.add_argument("--ids", choices=KINDS, default="int", help="what ids are (int)")
        part.add_argument("--pairs", type=int, default=5, help="how often all is run (5)")
        part.add_argument("--threads", type=int, default=2, help="of each side (2)")
        _shared(part)
    single = parts.add_parser("point", help="one decision, and one explanation")
    _shared(single)
    compiled = parts.add_parser("states", help="bytes and seconds of the members' states")
    compiled.add_argument(
        "--facts", type=_count, default=10_000_000, help="about how many (10M)"
    )
    _shared(compiled)
    return parser


def _shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir", type=lambda text: Path(text).resolve(), default=Path("build/benchmarks").resolve(),
        help="where data is made and kept (build/benchmarks)",
    )  # fmt: skip
    parser.add_argument("--members", type=_count, default=MEMBERS, help="how many (2M)")
    parser.add_argument("--json", action="store_true", help="end with one JSON line, no tables")


def _count(text: str) -> int:
    """Read a number that may end in k or M."""
    scale = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    return int(text.rstrip("kM").replace("_", "")) * scale


if __name__ == "__main__":
    sys.exit(main())
