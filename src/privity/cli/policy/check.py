# SPDX-License-Identifier: Apache-2.0
"""`privity policy check`: policy files looked over before anybody relies on them (docs/policy.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from privity.canonical.encode import encode_pretty
from privity.canonical.instants import format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.policy.check import Report, check_policies
from privity.policy.findings import Finding, Level
from privity.policy.show import periods_of

_UNUSABLE: Final = 2
_COLOURS: Final = {
    Level.ALARM: "red",
    Level.ERROR: "red",
    Level.WARNING: "yellow",
    Level.NOTE: "cyan",
}


@click.command(cls=Command)
@options.policy_paths
@options.json_output
@click.option("--strict", is_flag=True, help="Exit with 2 on alarms and warnings too.")
@click.pass_context
def command(
    context: click.Context, paths: tuple[Path, ...], as_json: bool, strict: bool
) -> None:
    """Name what is wrong with policy files, or can never matter.

    An error cannot be used (exit 2). An alarm is a version that is dated back. A warning can never
    matter, or surely was meant otherwise. A note is worth knowing.

    \b
    Example:
      privity policy check examples/small/policy.yaml
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    report = check_policies(paths)
    click.echo(encode_pretty(_data(report)) if as_json else _text(report), nl=not as_json)
    refused = report.count(Level.ERROR)
    if strict:
        refused += report.count(Level.ALARM) + report.count(Level.WARNING)
    if refused:
        context.exit(_UNUSABLE)


def _text(report: Report) -> str:
    lines = [line for finding in report.findings for line in _lines(finding)]
    if report.history is not None:
        for period in periods_of(report.history):
            until = "on" if period.until is None else f"until {format_instant(period.until)}"
            version = period.version
            lines.append(
                f"{version.policy} {version.version}: in force from "
                f"{format_instant(period.start)} {until}"
            )
    counts = [_count(level, report.count(level)) for level in Level if report.count(level)]
    return "\n".join([*lines, ", ".join(counts) or "nothing found"])


def _lines(finding: Finding) -> list[str]:
    place = "" if finding.where is None else f"{finding.where}: "
    alarm = finding.level is Level.ALARM
    level = click.style(
        finding.level.upper() if alarm else finding.level, fg=_COLOURS[finding.level], bold=True
    )
    lines = [f"{place}{level}: {finding.message} [{finding.code}]"]
    if finding.hint is not None:
        lines.append(f"  {finding.hint}")
    return lines


def _count(level: Level, count: int) -> str:
    return f"{count} {level}{'' if count == 1 else 's'}"


def _data(report: Report) -> dict[str, object]:
    return {
        "findings": [
            {
                "level": finding.level,
                "code": finding.code,
                "message": finding.message,
                "hint": finding.hint,
                "file": finding.where and finding.where.file,
                "line": finding.where and finding.where.line,
                "column": finding.where and finding.where.column,
            }
            for finding in report.findings
        ],
        "counts": {level.value: report.count(level) for level in Level},
        "versions": [
            {
                "policy": period.version.policy,
                "version": period.version.version,
                "file": period.version.source,
                "start": format_instant(period.start),
                "until": None if period.until is None else format_instant(period.until),
            }
            for period in (() if report.history is None else periods_of(report.history))
        ],
    }
