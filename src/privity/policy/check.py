# SPDX-License-Identifier: Apache-2.0
"""Policy files looked over before anybody relies on them (specs/policy.md part 5).

Names every problem of reading, the alarm of a version that is dated back, what can never matter in a
version (`privity.policy.idle`), and what goes wrong between versions. Decides nothing about records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from privity.canonical.instants import format_instant
from privity.errors import InputError, Where
from privity.policy.drafts import inspect_draft, unpublished
from privity.policy.findings import (
    Finding,
    Level,
    Place,
    alarm,
    from_problem,
    in_order,
    note,
    warning,
)
from privity.policy.idle import idle_findings
from privity.policy.model import Answer, Version
from privity.policy.parse import policy_files
from privity.policy.reading import Reading
from privity.policy.together import together_findings
from privity.policy.versions import History, history
from privity.vocabulary.terms import in_short, quoted

_DAY: Final = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a check found.

    Attributes:
        findings: The gravest level first, then by file and line.
        history: The versions, in order of their starts; None where they do not belong together, and
            without those that cannot be read.
    """

    findings: tuple[Finding, ...]
    history: History | None

    def count(self, level: Level) -> int:
        """Count the findings of a level."""
        return Counter(finding.level for finding in self.findings)[level]


def check_policies(paths: Iterable[Path]) -> Report:
    """Check policy files, and the files of directories, as one history; never raises for them."""
    findings: list[Finding] = []
    files: dict[Path, None] = {}
    for path in paths:
        try:
            files |= dict.fromkeys(policy_files([path]))
        except InputError as problem:
            findings.append(from_problem(problem))
    readings = []
    for file in policy_files(files):
        try:
            readings.append(inspect_draft(file))
        except InputError as problem:
            findings.append(from_problem(problem))
    report = check_readings(readings)
    return Report(findings=in_order([*findings, *report.findings]), history=report.history)


def check_readings(readings: Sequence[Reading]) -> Report:
    """Check what was read, as one history."""
    findings = [from_problem(problem) for reading in readings for problem in reading.problems]
    places: dict[str, Place] = {}
    versions = []
    for reading in readings:
        if reading.version is None:
            continue
        version = reading.version
        place = Place(version.source, reading.marks)
        places[version.version] = place
        versions.append(version)
        if reading.unpublished:
            findings.append(unpublished(version, place))
        findings += [_unused_group(name, place) for name in reading.unused_groups]
        findings += idle_findings(version, place)
        findings += together_findings(version, place)
    try:
        ordered = history(versions)
    except InputError as problem:
        findings.append(from_problem(problem))
        return Report(findings=in_order(findings), history=None)
    findings += _history_findings(ordered, places)
    return Report(findings=in_order(findings), history=ordered)


def _unused_group(name: str, place: Place) -> Finding:
    return warning(
        "policy-check/unused-group",
        f"group {quoted(name)} can never matter: nothing names it",
        place(f"groups.{in_short(name)}"),
    )


def _history_findings(ordered: History, places: Mapping[str, Place]) -> Iterator[Finding]:
    seen: set[str] = set()
    for version in ordered.versions:
        place = places[version.version]
        if version.back_dated:
            yield _back_dated(version, place)
        yield from _early_switches(version, seen, place)
        seen |= version.settings.keys()
    for version, following in pairwise(ordered.versions):
        if version.start == following.start:
            yield _never_in_force(version, following, places[version.version])
        else:
            yield from _gone(version, following, places[following.version])
            yield from _fewer_copies(version, following, places[following.version])
            yield from _never_live(version, following, places[version.version])
        if following.published_at < version.published_at:
            yield _older_text(version, following, places[following.version])


def _back_dated(version: Version, place: Place) -> Finding:
    late = version.published_at - version.effective_at
    return alarm(
        "policy-check/back-dated",
        f"version {quoted(version.version)} says that it takes effect at "
        f"{format_instant(version.effective_at)}, {_span(late)} before its publication at "
        f"{format_instant(version.published_at)}; it starts with its publication",
        place("effective_at"),
        "ask who dated it back, and why; nothing may rest on it before its publication",
    )


def _early_switches(version: Version, seen: set[str], place: Place) -> Iterator[Finding]:
    """Name the switches that worked before any text told of them."""
    for setting in version.settings.values():
        early = version.published_at - setting.live_from
        if setting.id not in seen and early > 0:
            yield note(
                "policy-check/live-before-published",
                f"setting {quoted(setting.id)} was live {_span(early)} before the first "
                "version that has it was published; what was on in that time, said or left, is no yes",
                place(f"settings.{in_short(setting.id)}.live_from"),
            )


def _never_in_force(version: Version, following: Version, place: Place) -> Finding:
    return warning(
        "policy-check/never-in-force",
        f"version {quoted(version.version)} is never in force: "
        f"{quoted(following.version)} starts at the same instant and comes after it",
        place("effective_at"),
    )


def _older_text(version: Version, following: Version, place: Place) -> Finding:
    return warning(
        "policy-check/older-text-returns",
        f"version {quoted(following.version)} was published before "
        f"{quoted(version.version)} and replaces it at {format_instant(following.start)}",
        place("effective_at"),
        "publish the later text again if it is to stay in force",
    )


def _gone(version: Version, following: Version, place: Place) -> Iterator[Finding]:
    where = Where(file=following.source)
    for name in version.agreements:
        if name not in following.agreements:
            yield warning(
                "policy-check/agreement-gone",
                f"version {quoted(following.version)} does not describe agreement "
                f"{quoted(name)} of {quoted(version.version)}: whoever has it is refused",
                place("agreements"),
                "describe it as long as a member has it; `promises: []` promises nothing",
            )
    for name in version.settings:
        if name not in following.settings:
            yield note(
                "policy-check/setting-gone",
                f"version {quoted(following.version)} has no setting {quoted(name)} of "
                f"{quoted(version.version)}: an off of it goes on to stand",
                where,
            )


def _fewer_copies(version: Version, following: Version, place: Place) -> Iterator[Finding]:
    """Name what a later version no longer looks for, or no longer refuses."""
    old, new = _answers(version), _answers(following)
    for key, before in old.items():
        after = new.get(key)
        if after not in {before, "refuse"}:
            yield warning(
                "policy-check/fewer-copies",
                f"version {quoted(following.version)} says {_answered(after)} of copies "
                f"(`{key}`), and {quoted(version.version)} says {_answered(before)}",
                place("copies"),
                "ask who wanted that: what was refused may come in as a copy again",
            )


def _answers(version: Version) -> Mapping[str, Answer]:
    """Give what follows copies, by the policy's key; what is not looked for has no line."""
    rule = version.copies
    if rule is None:
        return {}
    passages: Mapping[str, Answer] = (
        {} if rule.passages is None else {"passages": rule.passages}
    )
    return {"private-message": rule.whole, **passages}


def _answered(answer: Answer | None) -> str:
    return "nothing" if answer is None else f"`{answer}`"


def _never_live(version: Version, following: Version, place: Place) -> Iterator[Finding]:
    for setting in version.settings.values():
        if setting.live_from >= following.start:
            yield warning(
                "policy-check/never-live",
                f"setting {quoted(setting.id)} can never permit anything in version "
                f"{quoted(version.version)}: {quoted(following.version)} starts before it is live",
                place(f"settings.{in_short(setting.id)}.live_from"),
            )
            continue
        notice = version.notices.get(setting.notice) if setting.notice is not None else None
        if notice is not None and notice.effective_at >= following.start:
            yield warning(
                "policy-check/notice-too-late",
                f"setting {quoted(setting.id)} can never permit anything in version "
                f"{quoted(version.version)}: {quoted(following.version)} starts before notice "
                f"{quoted(notice.id)} takes effect",
                place(f"settings.{in_short(setting.id)}.notice"),
            )


def _span(seconds: int) -> str:
    """Give a span of time in the largest unit of which it has at least one."""
    units = ((_DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next((size, unit) for size, unit in units if seconds >= size)
    count = seconds // size
    return f"{count} {unit}{'s' if count > 1 else ''}"
