# SPDX-License-Identifier: Apache-2.0
"""`privity demo`: the main job on a made network, in the history of a dispute (docs/demo.md)."""

from __future__ import annotations

import shlex
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from privity.app.demo import PURPOSE, RECIPIENTS, Claim, Demo, Run, run_demo
from privity.app.demo_asked import Step, ask
from privity.app.demo_audited import Audit
from privity.canonical.encode import encode_pretty
from privity.cli import options
from privity.cli.audit.showing import COLUMNS
from privity.cli.commands import Command
from privity.decide.explain.show import explanation_lines, member_lines

_EXACT: Final = 10_000
"""Counts of reasons from here on are shown in thousands; `--json` has them exactly."""

PROGRAM: Final = "privity"
_NARROWEST: Final = 40
_MOST_LINES: Final = 9
"""Of what a step says; the rest is counted."""
_MILLION: Final = 1_000_000
_HEADINGS: Final = {"network": "netw."}
"""Shorter, so that nine columns fit into eighty characters."""

_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@click.command(cls=Command)
@click.option(
    "--members", type=int, default=50_000, show_default=True, help="How many members."
)
@click.option(
    "--records", type=int, default=1_000_000, show_default=True, help="How many records."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same network.")
@click.option("--threads", type=int, default=2, show_default=True, help="Parts done at once.")
@click.option(
    "--out",
    type=options.MADE,
    default=Path("build/demo"),
    show_default=True,
    metavar="DIR",
    help="A new folder, or that of an earlier demo, which is replaced.",
)
@click.option(
    "--example",
    type=options.FILE,
    default=Path("examples/inmail-dispute"),
    show_default=True,
    metavar="DIR",
    help="The dispute: policies as promised, pipeline as alleged.",
)
@click.option("--gate-only", is_flag=True, help="Leave the ledger and its release out.")
@options.json_output
def command(
    *,
    members: int,
    records: int,
    seed: int,
    threads: int,
    out: Path,
    example: Path,
    gate_only: bool,
    as_json: bool,
) -> None:
    """Run the main job on a made network.

    Makes a professional network in the history of a dispute, counts what a pipeline as alleged would
    have sent to a third party, asks the gate what it permits, and explains one refusal. Then members are
    asked, and what they agreed to is released, trained on, and taken back from when one of them says no; and an
    audit asks what content of the complaint's class was used for.

    \b
    Example:
      privity demo --members 500 --records 5000 --out demo
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    began = time.perf_counter()
    status = Console(stderr=True)
    with status.status("beginning") as spinner:
        demo = run_demo(
            out,
            example=example,
            members=members,
            records=records,
            seed=seed,
            threads=threads,
            progress=spinner.update,
        )
        asked, audited = list[Step](), list[Step]()
        if not gate_only:
            audit = Audit(out, network=demo.network, example=example, claim=demo.claim)
            asked = ask(
                out,
                network=demo.network,
                example=example,
                progress=spinner.update,
                shown=audit.shown,
            )
            audited = audit.finish(spinner.update)
    if as_json:
        told = demo.to_json()
        if asked:
            told["asked"] = [step.to_json() for step in asked]
            told["audited"] = [step.to_json() for step in audited]
        click.echo(encode_pretty(told), nl=False)
    else:
        console = Console(highlight=False, soft_wrap=False)
        _show(console, demo, asked, audited, time.perf_counter() - began)


def _show(
    console: Console,
    demo: Demo,
    asked: Sequence[Step],
    audited: Sequence[Step],
    seconds: float,
) -> None:
    network = demo.network
    console.print(
        f"A made network: {network.members:,} members, {network.records:,} records until "
        f"{_day(demo.runs[-1])}."
    )
    _show_claim(console, demo.claim)
    _show_gate(console, demo.runs)
    _show_refusal(console, demo)
    if asked:
        _show_asked(console, asked)
        _show_audited(console, audited)
    _show_next(console, demo)
    console.print()
    console.print(f"Done in {seconds:.0f} seconds; everything lies in {demo.out}.")


def _title(console: Console, title: str, text: str) -> None:
    console.print()
    console.print(Text(title, style="bold"))
    _wrapped(console, text, 2)
    console.print()


def _show_claim(console: Console, claim: Claim) -> None:
    _title(
        console,
        "1. The claim: as alleged, 17 September 2024",
        "The suit was withdrawn, so this is an allegation: a pipeline that asks only the author's "
        "switch, and takes silence for yes, would have sent to the third party `lab`",
    )
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(justify="right")
    table.add_column()
    for count, what in (
        (f"{claim.records:,}", "records"),
        (f"{claim.inmails:,}", "InMails among them"),
        (f"{claim.premium_members:,}", "Premium members who sent or received these:"),
        (f"{claim.premium_senders:,}", "  as senders"),
        (f"{claim.premium_receivers:,}", "  as receivers"),
        (f"${claim.dollars:,}", "at $1,000 each"),
    ):
        table.add_row(count, what)
    _print(console, table)


def _show_gate(console: Console, runs: Sequence[Run]) -> None:
    _title(
        console,
        "2. The gate: as promised",
        "The same network under its promises as dated policies, asked for three recipients on three "
        f"dates, for {PURPOSE}:",
    )
    for run in runs[:: len(RECIPIENTS)]:
        console.print(f"  {_day(run):>11}  {run.when}: {run.records:,} records")
    console.print()

    table = _runs_table("permitted", runs)
    for category in _by_size(run.by_category for run in runs):
        _add(table, category, [f"{run.by_category.get(category, 0):,}" for run in runs])
    table.add_section()
    _add(table, "permitted", [f"{run.permitted:,}" for run in runs], style="bold")
    _add(table, "records/s", [_short(round(run.records_per_second)) for run in runs])
    _print(console, table)
    console.print()

    table = _runs_table("refused", runs)
    for reason in _by_size(run.reasons for run in runs):
        _add(table, reason, [_short(run.reasons.get(reason, 0)) for run in runs])
    table.add_section()
    refused = [_short(run.records - run.permitted) for run in runs]
    _add(table, "refused", refused, style="bold")
    _print(console, table)
    console.print("  A record counts once for each of its reasons.", style="dim")


def _runs_table(what: str, runs: Sequence[Run]) -> Table:
    """Give a table with a column for each run, the date above the first of its three."""
    table = Table(box=None, padding=(0, 0, 0, 1))
    table.add_column(f"\n{what}", no_wrap=True)
    for index, run in enumerate(runs):
        date = "" if index % len(RECIPIENTS) else _day(run)[:-5]
        table.add_column(
            f"{date}\n{_HEADINGS.get(run.recipient, run.recipient)}",
            justify="right",
            no_wrap=True,
        )
    return table


def _add(table: Table, name: str, cells: Iterable[str], style: str | None = None) -> None:
    table.add_row(name, *("·" if cell == "0" else cell for cell in cells), style=style)


def _by_size(counts: Iterable[Mapping[str, int]]) -> list[str]:
    """Give the names, the most frequent first."""
    total: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            total[name] = total.get(name, 0) + count
    return sorted(total, key=lambda name: (-total[name], name))


def _short(count: int) -> str:
    if count < _EXACT:
        return f"{count:,}"
    return f"{count / 1000:.0f}k" if count < _MILLION - 500 else f"{count / _MILLION:.1f}M"


def _day(run: Run) -> str:
    year, month, day = run.at[:10].split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}"


def _show_refusal(console: Console, demo: Demo) -> None:
    _title(
        console,
        "3. One refused InMail",
        "One of the claim's, asked for by the third party on the same day.",
    )
    if demo.explanation is None or demo.addressee is None:
        console.print("  The network is too small: it has no InMail by that day.")
        return
    _lines(console, explanation_lines(demo.explanation))
    console.print()
    console.print("  What its addressee is told, and nothing of the sender:")
    _lines(console, member_lines(demo.addressee))


def _show_asked(console: Console, asked: Sequence[Step]) -> None:
    _title(
        console,
        "4. A release: as asked",
        "The network goes on with a ledger, tells members, asks them, and gives the third party what they "
        "agreed to. Every step is a command, with what it says:",
    )
    for step in asked:
        most = _MOST_LINES if len(step.lines) > _MOST_LINES + 1 else None
        _show_step(console, step, step.lines[:most])


def _show_audited(console: Console, audited: Sequence[Step]) -> None:
    _title(
        console,
        "5. An audit",
        "Somebody who need not trust the network asks what content of the complaint’s class was used for, and is "
        "shown the ledger as it was before anything was released, and before anything was taken back:",
    )
    for step in audited:
        # That the clock is simulated was said before, and the tables are in the report.
        _show_step(console, step, list(takewhile(_is_told, step.lines)))


def _is_told(line: str) -> bool:
    return bool(line) and not line.casefold().startswith("simulated clock")


def _show_step(console: Console, step: Step, shown: Sequence[str]) -> None:
    _wrapped(console, f"{step.says[0].upper()}{step.says[1:]}.", 2)
    _wrapped(console, f"$ {shlex.join(('privity', *step.words))}", 4)
    _lines(console, _unfolded(shown))
    if len(shown) < len(step.lines):
        console.print(f"    ({len(step.lines) - len(shown)} more lines)", style="dim")
    console.print()


def _unfolded(lines: Iterable[str]) -> Sequence[str]:
    """Join lines that were folded where an audit folds them: the first word of a line had no place on the one before."""
    joined: list[str] = []
    last = ""
    for line in lines:
        word = next(iter(line.split()), "")
        full = len(last) + 1 + len(word) > COLUMNS
        if word and full and _indent(line) == _indent(last):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
        last = line
    return joined


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _print(console: Console, table: Table) -> None:
    """Print a table without blanks at the ends of lines."""
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def _lines(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        _wrapped(console, line.strip(), 4 + _indent(line))


def _wrapped(console: Console, text: str, indent: int) -> None:
    """Print text folded at blanks, without blanks at the ends of lines."""
    width = max(console.width - indent, _NARROWEST)
    folded = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    for line in folded or [""]:
        console.print(Text(f"{' ' * indent}{line}".rstrip()), soft_wrap=True)


def _program() -> str:
    """Name this program as a shell finds it: an environment that is not active is on no path."""
    return PROGRAM if shutil.which(PROGRAM) else sys.argv[0]


def _show_next(console: Console, demo: Demo) -> None:
    _title(console, "What to try next", "The network and the cleared sets stay where they are:")
    last = demo.runs[-1]
    shared = [
        "--policy",
        str(demo.policies),
        "--facts",
        str(demo.network.facts_path),
        "--purpose",
        PURPOSE,
    ]
    records = str(demo.network.path / "records")
    of_lab = [*shared, "--recipient", "lab", "--at", last.at]
    commands = [
        [_program(), "policy", "show", str(demo.policies), "--at", last.at],
        [
            _program(),
            "explain",
            *of_lab,
            "--records",
            records,
            "--record",
            str(demo.claim.an_inmail),
        ],
        [_program(), "explain", *shared, "--at", last.at, "--member", "1"],
        [_program(), "doctor", *of_lab, "--records", records],
    ]
    for words in commands:
        console.print(f"  {shlex.join(words)}", soft_wrap=True)
